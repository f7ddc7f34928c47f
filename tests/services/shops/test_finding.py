"""Shops are found, by people and by other services."""

from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest

from souk.contracts.shops import (
    GetShopRequest,
    GetShopsRequest,
    ListMyShopsRequest,
    ListShopsRequest,
    Membership,
    ShopNotFound,
    ShopPage,
    ShopRole,
    ShopStatus,
    UpdateShopRequest,
    VerifyMemberRequest,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, NotAllowed, SignInRequired
from tests.services.shops.conftest import Mall
from tests.support.people import as_, customer, guest, seller, service

NAMES = ("Ada's Lamps", "Bob's Boats", "100% Wool", "Lamps_and_more", "Zoë's Lamps")


async def page_of(mall: Mall, **asked: int | str) -> ShopPage:
    with as_(guest()):
        return await mall.client.list_shops(ListShopsRequest(**asked))  # type: ignore[arg-type]


async def close(mall: Mall, shop_id: str) -> None:
    await mall.host.database.execute("update shops set status = 'closed' where id = $1", shop_id)


async def test_shops_are_listed_newest_first_by_page(mall: Mall):
    for name in NAMES:
        await mall.open(customer(), name)

    first, third = await page_of(mall, page_size=2), await page_of(mall, page=3, page_size=2)

    assert [shop.name for shop in first.items] == ["Zoë's Lamps", "Lamps_and_more"]
    assert (first.page, first.page_size, first.total) == (1, 2, 5)
    assert [shop.name for shop in third.items] == ["Ada's Lamps"]
    assert third.next_cursor == ""


async def test_a_cursor_goes_on_where_the_page_ended(mall: Mall):
    for name in NAMES:
        await mall.open(customer(), name)
    first = await page_of(mall, page_size=2)
    await mall.open(customer(), "Opened meanwhile")

    seen, cursor = [shop.name for shop in first.items], first.next_cursor
    while cursor:
        page = await page_of(mall, page_size=2, cursor=cursor)
        seen += [shop.name for shop in page.items]
        cursor = page.next_cursor

    assert seen == list(reversed(NAMES))


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "\u00e9",
        urlsafe_b64encode(b'["2026-01-01T00:00:00Z","no id"]').decode(),
        urlsafe_b64encode(
            b'["9999-12-31T23:59:59-12:00","01a1fd8c-78d8-7315-93db-98641c07a9f6"]'
        ).decode(),
    ],
)
async def test_a_cursor_that_is_none_of_ours_is_refused(mall: Mall, cursor: str):
    with pytest.raises(InvalidRequest):
        await page_of(mall, cursor=cursor)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LAMPS", {"Ada's Lamps", "Lamps_and_more", "Zoë's Lamps"}),
        ("zoë", {"Zoë's Lamps"}),
        ("%", {"100% Wool"}),
        ("_", {"Lamps_and_more"}),
        ("\\", set()),
        ("' or true --", set()),
    ],
)
async def test_shops_are_searched_by_text_in_their_names(mall: Mall, text: str, found: set[str]):
    for name in NAMES:
        await mall.open(customer(), name)

    page = await page_of(mall, q=text)

    assert {shop.name for shop in page.items} == found
    assert page.total == len(found)


async def test_paused_shops_are_listed_and_closed_ones_are_not(mall: Mall):
    ada = seller()
    paused, closed = await mall.open(ada, "Paused"), await mall.open(ada, "Closed")
    with as_(ada):
        await mall.client.update_shop(UpdateShopRequest(shop_id=paused.id, is_paused=True))
    await close(mall, closed.id)

    page = await page_of(mall)

    assert [shop.name for shop in page.items] == ["Paused"]
    assert page.total == 1


@pytest.mark.parametrize("shop_id", ["0197a3f2-5c1e-7d4b-9a86-3f2b1c0d4e5f", "no-such-shop"])
async def test_a_shop_that_does_not_exist_is_not_found(mall: Mall, shop_id: str):
    with as_(guest()), pytest.raises(ShopNotFound) as refused:
        await mall.client.get_shop(GetShopRequest(shop_id=shop_id))
    assert refused.value.shop_id == shop_id


async def test_services_get_several_shops_at_once_without_those_that_are_not(mall: Mall):
    one, two = await mall.open(customer(), "One"), await mall.open(customer(), "Two")

    with as_(service("catalog")):
        found = await mall.client.get_shops(
            GetShopsRequest(shop_ids=(one.id, new_id(), "no id", two.id))
        )

    assert {shop.id for shop in found.items} == {one.id, two.id}


async def test_an_owner_is_a_member_and_a_stranger_learns_nothing(mall: Mall):
    ada = seller()
    shop = await mall.open(ada)

    with as_(service("catalog")):
        own = await mall.client.verify_member(
            VerifyMemberRequest(shop_id=shop.id, user_id=ada.user_id)
        )
        strange = await mall.client.verify_member(
            VerifyMemberRequest(shop_id=shop.id, user_id=new_id())
        )
        nowhere = await mall.client.verify_member(
            VerifyMemberRequest(shop_id=new_id(), user_id=ada.user_id)
        )

    assert own == Membership(
        is_member=True,
        role=ShopRole.OWNER,
        currency="EUR",
        shop_name=shop.name,
        shop_status=ShopStatus.ACTIVE,
    )
    assert strange == nowhere == Membership()


async def test_people_cannot_ask_what_is_for_services(mall: Mall):
    shop = await mall.open(seller())
    with as_(seller()):
        with pytest.raises(NotAllowed):
            await mall.client.get_shops(GetShopsRequest(shop_ids=(shop.id,)))
        with pytest.raises(NotAllowed):
            await mall.client.verify_member(VerifyMemberRequest(shop_id=shop.id, user_id=new_id()))


async def test_my_shops_are_those_i_work_in(mall: Mall):
    ada, bob = seller(), seller()
    own = await mall.open(ada, "Ada's")
    other = await mall.open(bob, "Bob's")
    await mall.host.database.execute(
        "insert into members values ($1, $2, 'staff', now())", other.id, ada.user_id
    )
    await mall.open(bob, "Bob's second")

    with as_(ada):
        mine = await mall.client.list_my_shops(ListMyShopsRequest())
        first = await mall.client.list_my_shops(ListMyShopsRequest(page_size=1))

    assert [shop.id for shop in mine.items] == [own.id, other.id]
    assert [shop.id for shop in first.items] == [own.id]
    with as_(guest()), pytest.raises(SignInRequired):
        await mall.client.list_my_shops(ListMyShopsRequest())


async def test_staff_may_change_the_shop_they_work_in(mall: Mall):
    bob = seller()
    shop = await mall.open(seller(), "Ada's")
    await mall.host.database.execute(
        "insert into members values ($1, $2, 'staff', now())", shop.id, bob.user_id
    )

    with as_(bob):
        changed = await mall.client.update_shop(UpdateShopRequest(shop_id=shop.id, name="Ours"))

    assert changed.name == "Ours"
