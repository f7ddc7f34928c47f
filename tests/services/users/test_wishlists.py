"""People keep what they want one day, show it to others by link, and to nobody else."""

import asyncio

import pytest

from souk.contracts.users import (
    AddToWishlistRequest,
    CreateWishlistRequest,
    DeleteWishlistRequest,
    GetSharedWishlistRequest,
    GetWishlistRequest,
    ListWishlistsRequest,
    RemoveFromWishlistRequest,
    TooManyWishlists,
    UpdateProfileRequest,
    UpdateWishlistRequest,
    UserServiceClient,
    WishlistFull,
    WishlistNotFound,
)
from souk.kernel.context import NOBODY, Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest
from souk.services.users.wishlist_store import ITEMS_MAX, WISHLISTS_MAX
from tests.services.users.test_accounts import registered
from tests.support.hosting import hosted
from tests.support.people import as_


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


@pytest.fixture
async def ada(users):
    """Every call of a test is hers unless it says otherwise."""
    who = Caller((await registered(users)).user.id, frozenset({"customer"}))
    with as_(who):
        yield who


def names(found):
    return [(one.name, one.is_default, one.item_count) for one in found.items]


async def test_a_list_of_wishlists_tells_which_of_them_hold_a_product(users, ada):
    product = new_id()
    garden = await users.create_wishlist(CreateWishlistRequest(name="Garden"))
    await users.create_wishlist(CreateWishlistRequest(name="Kitchen"))
    await users.add_to_wishlist(
        AddToWishlistRequest(product_id=product, variant_id=new_id(), wishlist_id=garden.id)
    )

    asked = await users.list_wishlists(ListWishlistsRequest(product_id=product))
    other = await users.list_wishlists(ListWishlistsRequest(product_id=new_id()))

    assert [(one.name, one.has_product) for one in asked.items] == [
        ("Garden", True),
        ("Kitchen", False),
    ]
    assert not any(one.has_product for one in other.items)


async def test_the_default_wishlist_is_there_without_being_made(users, ada):
    assert (await users.get_wishlist(GetWishlistRequest())).items == ()
    product, variant = new_id(), new_id()
    await users.add_to_wishlist(AddToWishlistRequest(product_id=product, note="for  Ben"))
    again = AddToWishlistRequest(product_id=product, note="for Eve")
    await users.add_to_wishlist(again)
    kept = await users.add_to_wishlist(AddToWishlistRequest(product_id=product, variant_id=variant))

    assert [(item.variant_id, item.note) for item in kept.items] == [(variant, ""), ("", "for Eve")]
    assert names(await users.list_wishlists(ListWishlistsRequest())) == [("Wishlist", True, 2)]

    await users.remove_from_wishlist(
        RemoveFromWishlistRequest(product_id=product, variant_id=variant)
    )
    for _ in range(2):
        await users.remove_from_wishlist(RemoveFromWishlistRequest(product_id=product))
    assert (await users.get_wishlist(GetWishlistRequest())).items == ()


async def test_there_are_several_and_the_oldest_follows_a_default_that_goes(users, ada):
    first = await users.create_wishlist(CreateWishlistRequest(name="Home"))
    second = await users.create_wishlist(CreateWishlistRequest(name="Garden"))
    assert (first.is_default, second.is_default) == (True, False)
    item = AddToWishlistRequest(product_id=new_id(), wishlist_id=second.id)
    await users.add_to_wishlist(item)

    await users.delete_wishlist(DeleteWishlistRequest(wishlist_id=first.id))

    assert names(await users.list_wishlists(ListWishlistsRequest())) == [("Garden", True, 1)]
    with pytest.raises(WishlistNotFound):
        await users.delete_wishlist(DeleteWishlistRequest(wishlist_id=first.id))


async def test_a_link_shows_a_wishlist_without_its_owner_until_it_is_taken_back(users, ada):
    made = await users.create_wishlist(CreateWishlistRequest(name="Birthday"))
    item = AddToWishlistRequest(product_id=new_id(), note="size M", wishlist_id=made.id)
    await users.add_to_wishlist(item)
    share = UpdateWishlistRequest(wishlist_id=made.id, is_shared=True)
    link = (await users.update_wishlist(share)).share_token
    assert (await users.update_wishlist(share)).share_token == link

    with as_(NOBODY):
        shown = await users.get_shared_wishlist(GetSharedWishlistRequest(share_token=link))
    assert shown.name == "Birthday"
    assert [(one.product_id, one.note) for one in shown.items] == [(item.product_id, "")]

    renamed = UpdateWishlistRequest(wishlist_id=made.id, name="Xmas")
    assert (await users.update_wishlist(renamed)).share_token == link
    await users.update_wishlist(UpdateWishlistRequest(wishlist_id=made.id, is_shared=False))
    with as_(NOBODY), pytest.raises(WishlistNotFound):
        await users.get_shared_wishlist(GetSharedWishlistRequest(share_token=link))
    assert (await users.update_wishlist(share)).share_token not in ("", link)


async def test_what_is_somebody_elses_is_not_there(users, ada):
    made = await users.create_wishlist(CreateWishlistRequest(name="Mine"))
    with as_(Caller(new_id(), frozenset({"customer"}))):
        for call in (
            users.get_wishlist(GetWishlistRequest(wishlist_id=made.id)),
            users.update_wishlist(UpdateWishlistRequest(wishlist_id=made.id, is_shared=True)),
            users.delete_wishlist(DeleteWishlistRequest(wishlist_id=made.id)),
            users.add_to_wishlist(AddToWishlistRequest(product_id=new_id(), wishlist_id=made.id)),
            users.remove_from_wishlist(
                RemoveFromWishlistRequest(product_id=new_id(), wishlist_id=made.id)
            ),
        ):
            with pytest.raises(WishlistNotFound):
                await call
    assert names(await users.list_wishlists(ListWishlistsRequest())) == [("Mine", True, 0)]


async def test_there_are_bounds_whoever_comes_at_once(users, ada):
    made = await asyncio.gather(
        *(users.create_wishlist(CreateWishlistRequest(name=f"L{n}")) for n in range(25)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, TooManyWishlists) for one in made) == 25 - WISHLISTS_MAX
    (first, *_) = (await users.list_wishlists(ListWishlistsRequest())).items
    assert first.is_default
    put = [AddToWishlistRequest(product_id=new_id()) for _ in range(ITEMS_MAX + 3)]
    done = await asyncio.gather(*map(users.add_to_wishlist, put), return_exceptions=True)
    assert sum(isinstance(one, WishlistFull) for one in done) == 3
    assert len((await users.get_wishlist(GetWishlistRequest())).items) == ITEMS_MAX


async def test_a_profile_keeps_language_time_zone_and_phone_in_one_spelling(users, ada):
    saved = await users.update_profile(
        UpdateProfileRequest(
            first_name=" Ada ", phone_number="+1 (212) 555-0123", locale="pt_br",
            time_zone="america/sao_paulo",
        )
    )  # fmt: skip
    assert (saved.first_name, saved.phone_number) == ("Ada", "+12125550123")
    assert (saved.locale, saved.time_zone) == ("pt-BR", "America/Sao_Paulo")
    unchanged = await users.update_profile(UpdateProfileRequest(last_name=""))
    assert (unchanged.last_name, unchanged.locale) == ("", "pt-BR")
    cleared = await users.update_profile(UpdateProfileRequest(locale="", time_zone=""))
    assert (cleared.locale, cleared.time_zone) == ("", "")
    with pytest.raises(InvalidRequest):
        await users.update_profile(UpdateProfileRequest(time_zone="Mars/Olympus"))
