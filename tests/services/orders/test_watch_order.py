"""Watching an order, and checkouts woken by events, over the real broker."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from souk.contracts.orders import CheckoutStatus, OrderStatus, OrderUpdate, WatchOrderRequest
from souk.kernel.ids import new_id
from tests.services.orders.market import Market, as_, built
from tests.support.hosting import Shape
from tests.support.servers import Desk


async def test_a_watcher_sees_how_it_stands_and_then_each_change(servers: Desk) -> None:
    async with built(servers, bus=True) as place:
        market = place.open()
        watched, other = await market.bought(), await market.bought()
        seen: list[OrderUpdate] = []
        with as_(market.buyer, seconds=30):
            updates = market.client.watch_order(WatchOrderRequest(order_id=watched.id))
            async with aclosing(updates), asyncio.timeout(20):
                seen.append(await anext(updates))
                await market.fulfill(other.id)
                await market.fulfill(watched.id)
                seen.append(await anext(updates))
                await market.deliver(watched.id)
                seen.append(await anext(updates))

    assert [(update.event, update.status) for update in seen] == [
        ("confirmed", OrderStatus.CONFIRMED),
        ("shipped", OrderStatus.SHIPPED),
        ("delivered", OrderStatus.DELIVERED),
    ]
    assert {update.order_id for update in seen} == {watched.id}


async def test_orders_work_the_same_with_every_service_a_process_of_its_own(
    servers: Desk,
) -> None:
    async with built(servers, shape=Shape.REMOTE) as place:
        market: Market = place.open()
        market.pricing.coupons["TEN"] = 10
        (article,) = market.fill_cart(quantity=2, coupon_code="TEN")
        key = new_id()

        placed = await market.place(key=key)
        await market.finished()
        again = await market.place(key=key)
        order_id = placed.orders[0].id
        await market.fulfill(order_id)
        delivered = await market.deliver(order_id)

    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    assert again == placed
    assert delivered.status is OrderStatus.DELIVERED
    assert article.on_hand == 8
