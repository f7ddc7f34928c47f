"""Operators approve shops or refuse them; a shop may sell while it waits."""

from __future__ import annotations

import pytest

from souk.contracts.shops import (
    DecideShopRequest,
    GetShopRequest,
    ListMyShopsRequest,
    ListShopsRequest,
    ListShopsToApproveRequest,
    Shop,
    ShopApproval,
    ShopStatus,
    ShopUpdated,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed
from tests.services.shops.conftest import Mall
from tests.support.people import as_, customer, guest, seller, support


async def decide(mall: Mall, shop: Shop, *, is_approved: bool, note: str = "") -> Shop:
    with as_(support()):
        return await mall.client.decide_shop(
            DecideShopRequest(shop_id=shop.id, is_approved=is_approved, note=note)
        )


async def waiting(mall: Mall) -> list[str]:
    with as_(support()):
        page = await mall.client.list_shops_to_approve(ListShopsToApproveRequest(page_size=100))
    return [shop.id for shop in page.items]


async def test_a_new_shop_waits_and_sells_meanwhile(mall: Mall) -> None:
    shop = await mall.open(customer())
    assert (shop.status, shop.approval) == (ShopStatus.ACTIVE, ShopApproval.AWAITING)
    assert shop.id in await waiting(mall)


async def test_those_that_wait_longest_come_first(mall: Mall) -> None:
    opened = [(await mall.open(customer())).id for _ in range(3)]
    assert [shop_id for shop_id in await waiting(mall) if shop_id in opened] == opened


async def test_an_approved_shop_waits_no_more(mall: Mall) -> None:
    shop = await mall.open(customer())
    decided = await decide(mall, shop, is_approved=True)
    assert (decided.status, decided.approval) == (ShopStatus.ACTIVE, ShopApproval.APPROVED)
    assert shop.id not in await waiting(mall)


async def test_shops_are_looked_up_whatever_was_said_of_them(mall: Mall) -> None:
    shops = [await mall.open(customer()) for _ in range(3)]
    await decide(mall, shops[0], is_approved=True)
    await decide(mall, shops[1], is_approved=False)
    wanted = (shops[0].id, shops[1].id, new_id())

    with as_(support()):
        found = await mall.client.list_shops_to_approve(ListShopsToApproveRequest(shop_ids=wanted))

    assert [(each.id, each.approval) for each in found.items] == [
        (shops[0].id, ShopApproval.APPROVED),
        (shops[1].id, ShopApproval.REFUSED),
    ]
    assert found.total == 2


async def test_a_refused_shop_is_closed_and_its_people_read_why(mall: Mall) -> None:
    owner = customer()
    shop = await mall.open(owner)
    await decide(mall, shop, is_approved=False, note="Counterfeit lamps.")

    with as_(owner):
        (mine,) = (await mall.client.list_my_shops(ListMyShopsRequest())).items
    with as_(guest()):
        seen = await mall.client.get_shop(GetShopRequest(shop_id=shop.id))
        listed = await mall.client.list_shops(ListShopsRequest(page_size=100))

    assert (mine.status, mine.approval_note) == (ShopStatus.CLOSED, "Counterfeit lamps.")
    assert seen.approval_note == ""
    assert shop.id not in {each.id for each in listed.items}
    told = [event for event in await mall.host.published(ShopUpdated) if event.shop_id == shop.id]
    assert [event.is_selling for event in told] == [False]


async def test_a_shop_that_is_approved_after_all_is_open_again(mall: Mall) -> None:
    shop = await mall.open(customer())
    await decide(mall, shop, is_approved=False)
    assert (await decide(mall, shop, is_approved=True)).status is ShopStatus.ACTIVE


@pytest.mark.parametrize("who", [customer(), seller()])
async def test_nobody_else_decides(mall: Mall, who: Caller) -> None:
    shop = await mall.open(customer())
    with as_(who), pytest.raises(NotAllowed):
        await mall.client.decide_shop(DecideShopRequest(shop_id=shop.id, is_approved=True))
    with as_(who), pytest.raises(NotAllowed):
        await mall.client.list_shops_to_approve(ListShopsToApproveRequest())
