"""Sending orders: whole or in parts, each shipment once; and their arrival."""

from __future__ import annotations

import asyncio

import pytest

from souk.contracts.orders import (
    FulfillmentLine,
    FulfillOrderRequest,
    LinesNotOpen,
    OrderDelivered,
    OrderNotFound,
    OrderNotFulfillable,
    OrderNotShipped,
    OrderShipped,
    OrderStatus,
)
from souk.contracts.shipping import CarrierUnknown
from souk.kernel.ids import new_id
from souk.kernel.refusals import IdempotencyKeyReused, Unavailable
from tests.services.orders.market import Market, as_
from tests.support.people import support


async def test_a_sent_order_is_shipped_and_has_a_tracking_number(market: Market) -> None:
    order = await market.bought(market.article(), market.article(), quantity=2)

    shipped = await market.fulfill(order.id)

    assert shipped.status is OrderStatus.SHIPPED
    assert [item.quantity_shipped for item in shipped.items] == [2, 2]
    assert (shipped.carrier, shipped.tracking_number) == ("souk", "SOUK1")
    assert shipped.timeline[-1].event == "shipped"
    (told,) = await market.host.published(OrderShipped)
    assert (told.order_id, told.tracking_number) == (order.id, "SOUK1")


async def test_an_order_sent_in_parts_is_shipped_with_its_last_part(market: Market) -> None:
    order = await market.bought(market.article(), market.article(), quantity=2)
    first, second = order.items

    partly = await market.fulfill(order.id, items=(line(first.id, 1), line(second.id, 2)))

    assert partly.status is OrderStatus.PROCESSING
    assert [item.quantity_shipped for item in partly.items] == [1, 2]
    assert partly.timeline[-1].event == "partially_shipped"
    whole = await market.fulfill(order.id, carrier="dhl", tracking_number="DHL-7")
    assert whole.status is OrderStatus.SHIPPED
    assert (whole.carrier, whole.tracking_number) == ("dhl", "DHL-7")
    assert len(market.shipping.shipments) == 2


async def test_no_more_can_be_sent_than_is_open(market: Market) -> None:
    order = await market.bought(quantity=2)
    item = order.items[0]

    for lines in ((line(item.id, 3),), (line(item.id, 1), line(item.id, 2)), (line(new_id(), 1),)):
        with pytest.raises(LinesNotOpen) as refused:
            await market.fulfill(order.id, items=lines)
        assert refused.value.open == (2 if refused.value.item_id == item.id else 0)
    await market.fulfill(order.id)
    with pytest.raises(OrderNotFulfillable) as refused_again:
        await market.fulfill(order.id)
    assert refused_again.value.status == "shipped"
    assert len(market.shipping.shipments) == 1


async def test_a_cancelled_order_cannot_be_sent(market: Market) -> None:
    order = await market.bought()
    await market.cancel(order.id)

    with pytest.raises(OrderNotFulfillable):
        await market.fulfill(order.id)


async def test_copies_of_one_request_are_one_shipment(market: Market) -> None:
    order = await market.bought(quantity=4)
    item, key = order.items[0], new_id()

    lines = (line(item.id, 1),)
    answers = await asyncio.gather(
        *(market.fulfill(order.id, key=key, items=lines) for _ in range(20))
    )

    assert {answer.items[0].quantity_shipped for answer in answers} == {1}
    assert len(market.shipping.shipments) == 1
    with pytest.raises(IdempotencyKeyReused):
        await market.fulfill(order.id, key=key)


async def test_a_shipment_whose_answer_was_lost_is_made_once(market: Market) -> None:
    order = await market.bought()
    market.shipping.answers_lost["create_shipment"] = 2

    shipped = await market.fulfill(order.id)

    assert shipped.status is OrderStatus.SHIPPED
    assert len(market.shipping.shipments) == 1


async def test_a_seller_who_asks_again_while_shipping_is_away_joins(market: Market) -> None:
    order = await market.bought()
    market.shipping.away["create_shipment"] = 5
    with as_(market.seller, seconds=0.5), pytest.raises(Unavailable):
        await market.client.fulfill_order(fulfillment_of(market, order.id))

    with as_(market.seller):
        shipped = await market.client.fulfill_order(fulfillment_of(market, order.id))

    assert shipped.status is OrderStatus.SHIPPED
    assert len(market.shipping.shipments) == 1


async def test_an_hour_without_an_answer_of_shipping_frees_the_order(market: Market) -> None:
    order = await market.bought()
    market.shipping.away["create_shipment"] = 1000
    with as_(market.seller, seconds=0.5), pytest.raises(Unavailable):
        await market.client.fulfill_order(fulfillment_of(market, order.id))
    await market.at_rest()

    await market.pass_time(minutes=61)
    await market.finished()

    assert await market.get(order.id) == order
    assert (await market.cancel(order.id)).status is OrderStatus.CANCELLED


async def test_an_unknown_carrier_leaves_the_order_as_it_was(market: Market) -> None:
    order = await market.bought()

    with pytest.raises(CarrierUnknown):
        await market.fulfill(order.id, carrier="pigeon", key="k")

    assert await market.get(order.id) == order
    assert (await market.fulfill(order.id, key="k")).status is OrderStatus.SHIPPED


async def test_an_order_is_sent_by_its_own_shop(market: Market) -> None:
    order = await market.bought()
    other_shop = new_id()
    market.shops.members.add((other_shop, market.seller.user_id))

    with pytest.raises(OrderNotFound):
        await market.fulfill(order.id, shop_id=other_shop)


async def test_a_delivered_order_says_so_once(market: Market) -> None:
    order = await market.bought()
    await market.fulfill(order.id)

    delivered = await market.deliver(order.id)

    assert delivered.status is OrderStatus.DELIVERED
    assert await market.deliver(order.id, by=support()) is not None
    (told,) = await market.host.published(OrderDelivered)
    assert (told.order_id, told.checkout_id) == (order.id, order.checkout_id)
    assert [entry.event for entry in delivered.timeline][-2:] == ["shipped", "delivered"]


async def test_only_what_was_sent_arrives(market: Market) -> None:
    order = await market.bought(quantity=2)
    with pytest.raises(OrderNotFound):  # there is nothing yet for a courier to know of
        await market.deliver(order.id)

    await market.fulfill(order.id, items=(line(order.items[0].id, 1),))
    with pytest.raises(OrderNotShipped) as refused:
        await market.deliver(order.id)
    assert refused.value.status == "processing"
    with pytest.raises(OrderNotFound):
        await market.deliver(new_id())


async def test_timelines_are_only_ever_added_to(market: Market) -> None:
    order = await market.bought()

    for change in ("update order_events set event = 'x'", "delete from order_events"):
        with pytest.raises(Exception, match="only ever added"):
            await market.database.execute(change)

    assert len((await market.get(order.id)).timeline) == 2


def line(item_id: str, quantity: int) -> FulfillmentLine:
    return FulfillmentLine(item_id=item_id, quantity=quantity)


def fulfillment_of(market: Market, order_id: str) -> FulfillOrderRequest:
    return FulfillOrderRequest(shop_id=market.shop_id, order_id=order_id, carrier="souk")
