"""Shops see what they sold day by day; operators look through the orders of all shops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from souk.contracts.common import ErasePersonRequest
from souk.contracts.orders import (
    GetShopSalesRequest,
    ListAllOrdersRequest,
    OrderNotFound,
    OrderPage,
    OrderStatus,
    ShopSales,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed
from tests.services.orders.market import Market, as_
from tests.support.people import seller, service, support


async def sales(market: Market, by: Caller, *, days: int = 7) -> ShopSales:
    with as_(by):
        return await market.client.get_shop_sales(
            GetShopSalesRequest(shop_id=market.shop_id, days=days)
        )


async def all_orders(market: Market, by: Caller, **asked: Any) -> OrderPage:
    with as_(by):
        return await market.client.list_all_orders(ListAllOrdersRequest(page_size=2, **asked))


async def test_sales_are_told_for_every_day_and_leave_out_what_was_cancelled(
    market: Market,
) -> None:
    await market.bought(market.article(2000), quantity=2)
    cancelled = await market.bought(market.article(9900))
    market.clock.advance(timedelta(days=2))
    await market.bought(market.article(500))
    await market.cancel(cancelled.id)

    told = await sales(market, market.seller)

    assert len(told.days) == 7
    assert [day.orders for day in told.days[-3:]] == [1, 0, 1]
    assert [day.amount for day in told.days[-3:]] == [4000, 0, 500]
    assert sum(day.orders for day in told.days) == 2
    assert (told.currency, told.to_fulfill) == ("USD", 2)


async def test_a_shop_that_sold_nothing_has_days_all_the_same(market: Market) -> None:
    told = await sales(market, market.seller, days=3)
    assert [day.orders for day in told.days] == [0, 0, 0]
    assert (told.currency, told.to_fulfill) == ("", 0)


async def test_nobody_sees_what_another_shop_sells(market: Market) -> None:
    with pytest.raises(OrderNotFound):
        await sales(market, seller())
    with pytest.raises(NotAllowed):
        await sales(market, market.buyer)


async def test_an_owner_is_needed_until_what_was_bought_has_arrived_or_is_called_off(
    market: Market,
) -> None:
    market.shops.owned = {market.seller.user_id: (new_id(), market.shop_id)}

    async def in_the_way(of: Caller) -> list[str]:
        with as_(service("users")):
            asked = ErasePersonRequest(person_id=of.user_id, is_rehearsal=True)
            return [each.what for each in (await market.client.erase_person(asked)).obstacles]

    sent, called_off = await market.bought(), await market.bought()
    assert await in_the_way(market.seller) == ["2 orders of shops of theirs are not finished"]
    assert await in_the_way(seller()) == []

    await market.fulfill(sent.id)
    await market.cancel(called_off.id)
    assert await in_the_way(market.seller) == ["1 orders of shops of theirs are not finished"]
    await market.deliver(sent.id)
    assert await in_the_way(market.seller) == []


async def test_operators_walk_through_the_orders_of_all_shops(market: Market) -> None:
    placed = []
    for shop_id in (market.shop_id, new_id(), new_id()):
        market.clock.advance(timedelta(seconds=1))
        placed.append(await market.bought(market.article(shop_id=shop_id)))

    first = await all_orders(market, support())
    second = await all_orders(market, support(), cursor=first.next_cursor)
    one = await all_orders(market, support(), number=placed[1].order_number)

    walked = [each.id for each in first.items + second.items]
    assert walked == [order.id for order in reversed(placed)]
    assert [each.id for each in one.items] == [placed[1].id]
    wanted = (placed[0].id, placed[2].id, new_id())
    named = await all_orders(market, support(), order_ids=wanted)
    assert [each.id for each in named.items] == [placed[2].id, placed[0].id]
    sent = await all_orders(market, support(), order_ids=wanted, status=OrderStatus.SHIPPED)
    assert sent.items == ()
    for by in (market.buyer, market.seller):
        with pytest.raises(NotAllowed):
            await all_orders(market, by)
