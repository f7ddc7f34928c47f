"""People open shops and change them."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from souk.contracts.api import Role
from souk.contracts.common import Address, GeoPoint
from souk.contracts.shops import (
    CreateShopRequest,
    GetShopRequest,
    Shop,
    ShopCreated,
    ShopNotFound,
    ShopStatus,
    ShopUpdated,
    TooManyShops,
    UnknownCurrency,
    UpdateShopRequest,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import IdempotencyKeyReused, InvalidRequest, NotAllowed, SignInRequired
from tests.services.shops.conftest import Mall
from tests.support.people import admin, as_, courier, customer, guest, seller, support

PLACE = Address(name="Ada", street_1="Rue 1", city="Lyon", postal_code="69001", country="FR")


async def shop_as_seen(mall: Mall, shop_id: str) -> Shop:
    with as_(guest()):
        return await mall.client.get_shop(GetShopRequest(shop_id=shop_id))


async def test_whoever_opens_a_shop_owns_it_and_becomes_a_seller(mall: Mall):
    ada = customer()
    with as_(ada):
        shop = await mall.client.create_shop(
            CreateShopRequest(
                name="  Café Noir  ",
                description="Coffee\nand more",
                currency="EUR",
                address=PLACE,
                location=GeoPoint(latitude=45.76, longitude=4.84),
            )
        )

    assert (shop.name, shop.slug, shop.currency) == ("Café Noir", "cafe-noir", "EUR")
    assert shop.status is ShopStatus.ACTIVE
    assert await shop_as_seen(mall, shop.id) == shop
    assert await shop_as_seen(mall, "cafe-noir") == shop
    assert [(one.user_id, one.role) for one in mall.users.granted] == [(ada.user_id, Role.SELLER)]
    (event,) = await mall.host.published(ShopCreated)
    assert (event.shop_id, event.owner_id) == (shop.id, ada.user_id)


async def test_a_slug_that_is_taken_gets_an_ending(mall: Mall):
    shops = [await mall.open(customer(), "Lamps") for _ in range(3)]

    slugs = [shop.slug for shop in shops]
    assert slugs[0] == "lamps"
    assert len(set(slugs)) == 3
    assert all(slug.startswith("lamps-") for slug in slugs[1:])
    assert [(await shop_as_seen(mall, slug)).id for slug in slugs] == [shop.id for shop in shops]


async def test_shops_of_one_name_opened_at_once_all_open(mall: Mall):
    shops = await asyncio.gather(*(mall.open(customer(), "Lamps") for _ in range(8)))

    assert len({shop.slug for shop in shops}) == 8


async def test_a_currency_that_does_not_exist_opens_nothing(mall: Mall):
    with pytest.raises(UnknownCurrency) as refused:
        await mall.open(customer(), currency="XYZ")

    assert refused.value.currency == "XYZ"
    assert await mall.host.published(ShopCreated) == []
    assert mall.users.granted == []


async def test_a_name_of_spaces_is_refused(mall: Mall):
    with pytest.raises(InvalidRequest) as refused:
        await mall.open(customer(), " \u00a0 ")
    assert [error.field for error in refused.value.errors] == ["name"]


async def test_a_repeated_request_opens_one_shop(mall: Mall):
    ada = customer()
    first = await mall.open(ada, key="one")
    again = await mall.open(ada, key="one")
    at_once = await asyncio.gather(*(mall.open(ada, "Lamps", key="two") for _ in range(5)))

    assert again == first
    assert len({shop.id for shop in at_once}) == 1
    assert len(await mall.host.published(ShopCreated)) == 2
    with pytest.raises(IdempotencyKeyReused):
        await mall.open(ada, "Another", key="one")


@pytest.mark.parametrize("trouble", ["is_down", "is_empty"])
async def test_a_shop_that_is_open_is_told_so_whatever_users_say(mall: Mall, trouble: str):
    setattr(mall.users, trouble, True)
    shop = await mall.open(customer())

    assert (await shop_as_seen(mall, shop.id)).id == shop.id
    # The role comes with the event, which users consume.
    assert len(await mall.host.published(ShopCreated)) == 1


async def test_one_person_opens_a_hundred_shops_and_no_more(mall: Mall):
    ada = customer()
    shop = await mall.open(ada)
    await mall.host.database.execute(
        """with many as (
             insert into shops select gen_random_uuid(), 's' || n, 'Shop', '', 'EUR', 'active',
                    null, null, null, now(), now() from generate_series(1, 97) n returning id)
           insert into members select id, $1, 'owner', now() from many""",
        ada.user_id,
    )
    ends = await asyncio.gather(*(mall.open(ada) for _ in range(4)), return_exceptions=True)

    assert sorted(type(end).__name__ for end in ends) == ["Shop", "Shop", *["TooManyShops"] * 2]
    assert (await mall.open(customer())).id != shop.id
    with pytest.raises(TooManyShops):
        await mall.open(ada)


async def test_only_what_is_given_changes(mall: Mall):
    ada = seller()
    shop = await mall.open(ada)

    with as_(ada):
        changed = await mall.client.update_shop(
            UpdateShopRequest(shop_id=shop.id, description="Open late", address=PLACE)
        )

    assert changed == structs.replace(shop, description="Open late", address=PLACE)
    assert await shop_as_seen(mall, shop.id) == changed
    (event,) = await mall.host.published(ShopUpdated)
    assert (event.shop_id, event.name, event.is_selling) == (shop.id, shop.name, True)


async def test_a_description_can_be_emptied_and_a_name_cannot(mall: Mall):
    ada = seller()
    shop = await mall.open(ada)
    with as_(ada):
        await mall.client.update_shop(UpdateShopRequest(shop_id=shop.id, description="Open late"))
        emptied = await mall.client.update_shop(UpdateShopRequest(shop_id=shop.id, description=""))
        with pytest.raises(InvalidRequest):
            await mall.client.update_shop(UpdateShopRequest(shop_id=shop.id, name="   "))

    assert emptied.description == ""
    assert (await shop_as_seen(mall, shop.id)).name == shop.name


async def test_a_paused_shop_is_seen_and_sells_nothing_until_it_goes_on(mall: Mall):
    ada = seller()
    shop = await mall.open(ada)
    with as_(ada):
        paused = await mall.client.update_shop(UpdateShopRequest(shop_id=shop.id, is_paused=True))
        seen = await shop_as_seen(mall, shop.id)
        going_on = await mall.client.update_shop(
            UpdateShopRequest(shop_id=shop.id, name="Renamed", is_paused=False)
        )

    assert paused.status is seen.status is ShopStatus.PAUSED
    assert going_on.status is ShopStatus.ACTIVE
    assert going_on.slug == shop.slug, "addresses that people know stay"
    told = [(one.name, one.is_selling) for one in await mall.host.published(ShopUpdated)]
    assert told == [(shop.name, False), ("Renamed", True)]


@pytest.mark.parametrize(
    ("by", "refusal"),
    [
        (guest(), SignInRequired),
        (customer(), NotAllowed),
        (courier(), NotAllowed),
        (seller(), ShopNotFound),
        (support(), None),
        (admin(), None),
    ],
)
async def test_a_shop_is_changed_by_its_people_and_operators(
    mall: Mall, by: Caller, refusal: type[Exception] | None
):
    ada = seller()
    shop = await mall.open(ada)
    request = UpdateShopRequest(shop_id=shop.id, name="Changed")

    with as_(by):
        if refusal is None:
            await mall.client.update_shop(request)
        else:
            with pytest.raises(refusal):
                await mall.client.update_shop(request)

    expected = "Changed" if refusal is None else shop.name
    assert (await shop_as_seen(mall, shop.id)).name == expected


@pytest.mark.parametrize("by", [guest(), courier()])
async def test_guests_and_couriers_open_no_shops(mall: Mall, by: Caller):
    with pytest.raises((SignInRequired, NotAllowed)):
        await mall.open(by)


async def test_changing_a_shop_that_does_not_exist_is_refused_alike_for_all(mall: Mall):
    for by in (seller(), admin()):
        with as_(by), pytest.raises(ShopNotFound):
            await mall.client.update_shop(UpdateShopRequest(shop_id=new_id(), name="Nothing"))
