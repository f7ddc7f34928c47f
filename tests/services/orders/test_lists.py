"""Lists of orders: newest first, page by page, each order once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from souk.contracts.orders import ListOrdersRequest, ListShopOrdersRequest, OrderStatus
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest
from tests.services.orders.market import Market, as_
from tests.support.databases import counted_statements


async def test_a_cursor_walks_through_all_orders_once(market: Market) -> None:
    placed = []
    for _ in range(5):
        market.clock.advance(timedelta(seconds=1))
        placed.append((await market.bought()).id)

    seen, cursor = [], ""
    with as_(market.buyer):
        for _ in range(3):
            page = await market.client.list_orders(ListOrdersRequest(page_size=2, cursor=cursor))
            seen += [item.id for item in page.items]
            cursor = page.next_cursor

    assert seen == placed[::-1]
    assert cursor == ""


async def test_orders_of_one_moment_are_not_lost_between_pages(market: Market) -> None:
    placed = {(await market.bought()).id for _ in range(4)}
    await market.database.execute("update orders set placed_at = now()")

    with as_(market.seller):
        first = await market.client.list_shop_orders(
            ListShopOrdersRequest(shop_id=market.shop_id, page_size=2)
        )
        second = await market.client.list_shop_orders(
            ListShopOrdersRequest(shop_id=market.shop_id, page_size=2, cursor=first.next_cursor)
        )

    assert {item.id for item in first.items + second.items} == placed


async def test_pages_have_numbers_too_and_can_be_narrowed_by_status(market: Market) -> None:
    first, second = await market.bought(quantity=2), await market.bought()
    await market.cancel(first.id)

    with as_(market.buyer):
        page = await market.client.list_orders(ListOrdersRequest(page=2, page_size=1))
        cancelled = await market.client.list_orders(ListOrdersRequest(status=OrderStatus.CANCELLED))
        both = await market.client.list_orders(ListOrdersRequest())

    assert (page.page, page.page_size, len(page.items)) == (2, 1, 1)
    assert [item.id for item in cancelled.items] == [first.id]
    assert {item.id for item in both.items} == {first.id, second.id}
    assert (cancelled.items[0].item_count, cancelled.items[0].total) == (2, Money(4900, "USD"))


@pytest.mark.parametrize("cursor", ["x", "äöü", "bnVsbA", "WyJhIiwiYiJd", "eyJhIjoxfQ", "===="])
async def test_a_cursor_of_somebody_s_own_making_is_refused(market: Market, cursor: str) -> None:
    with as_(market.buyer), pytest.raises(InvalidRequest) as refused:
        await market.client.list_orders(ListOrdersRequest(cursor=cursor))

    assert [error.field for error in refused.value.errors] == ["cursor"]


async def test_a_list_and_an_order_are_one_statement_each(market: Market) -> None:
    order = await market.bought()

    async with counted_statements(market.database) as asked:
        with as_(market.buyer):
            await market.client.list_orders(ListOrdersRequest())
        await market.get(order.id)

    assert len(asked) == 2
