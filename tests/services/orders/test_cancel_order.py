"""Cancelling: the order at once, its goods and money soon, each once."""

from __future__ import annotations

import asyncio

import pytest

from souk.contracts.orders import (
    FulfillmentLine,
    OrderAlreadyShipped,
    OrderCancelled,
    OrderNotCancellable,
    OrderNotFulfillable,
    OrderRefunded,
    OrderStatus,
)
from souk.contracts.payments import PaymentRefunded
from souk.kernel import failpoints
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from tests.services.orders.market import Market
from tests.support.people import support


async def test_a_cancelled_order_gives_goods_and_money_back(market: Market) -> None:
    article = market.article()
    order = await market.bought(article, quantity=3)

    cancelled = await market.cancel(order.id, reason="Too large")
    await market.finished()

    assert cancelled.status is OrderStatus.CANCELLED
    assert cancelled.timeline[-1].event == "cancelled"
    assert cancelled.timeline[-1].note == "Too large"
    assert (article.on_hand, market.inventory.available(article)) == (10, 10)
    assert market.payments.in_hand == 0
    (told,) = await market.host.published(OrderCancelled)
    assert told.order_id == order.id


async def test_cancelling_again_is_the_same_answer_and_no_second_refund(market: Market) -> None:
    order = await market.bought()
    first = await market.cancel(order.id)
    await market.finished()

    assert await market.cancel(order.id) == first
    await market.finished()
    assert (len(market.payments.refunds), len(market.inventory.restocked)) == (1, 1)
    assert len(await market.host.published(OrderCancelled)) == 1


async def test_twenty_cancellations_at_once_are_one(market: Market) -> None:
    article = market.article()
    order = await market.bought(article)

    answers = await asyncio.gather(*(market.cancel(order.id) for _ in range(20)))
    await market.finished()

    assert all(answer == answers[0] for answer in answers)
    assert (article.on_hand, market.payments.in_hand) == (10, 0)


async def test_the_shop_and_support_may_cancel(market: Market) -> None:
    for by in (market.seller, support()):
        order = await market.bought()
        assert (await market.cancel(order.id, by=by)).status is OrderStatus.CANCELLED


async def test_only_the_cancelled_order_of_a_checkout_is_refunded(market: Market) -> None:
    ours, theirs = market.article(1000), market.article(3000, shop_id=new_id())
    market.fill_cart(ours, theirs)
    placed = await market.place()
    await market.finished()

    await market.cancel(placed.orders[0].id)
    await market.finished()

    (refund,) = market.payments.refunds.values()
    assert (refund.order_id, refund.amount) == (placed.orders[0].id, placed.orders[0].total)
    assert (ours.on_hand, theirs.on_hand) == (10, 9)
    other = await market.get(placed.orders[1].id)
    assert other.status is OrderStatus.CONFIRMED


@pytest.mark.parametrize("step", ["commit_stock", "capture_money", "close_cart"])
async def test_cancelling_while_the_checkout_is_still_finishing_ends_balanced(
    market: Market, step: str
) -> None:
    (article,) = market.fill_cart(quantity=2)
    with failpoints.armed(f"saga.checkout.{step}.before", "sleep:0.2*1"):
        placed = await market.place()
        cancelled = await market.cancel(placed.orders[0].id)
    await market.finished()

    assert cancelled.status is OrderStatus.CANCELLED
    assert (article.on_hand, market.inventory.available(article)) == (10, 10)
    assert market.payments.in_hand == 0
    assert len(market.payments.refunds) == 1


async def test_a_cancellation_waits_for_a_checkout_that_cannot_finish(market: Market) -> None:
    (article,) = market.fill_cart()
    market.inventory.away["commit_stock"] = 3
    placed = await market.place()

    cancelled = await market.cancel(placed.orders[0].id)
    assert cancelled.status is OrderStatus.CANCELLED
    await market.finished()

    assert (article.on_hand, market.inventory.available(article)) == (10, 10)
    assert market.payments.in_hand == 0


async def test_what_support_gave_back_before_is_not_given_back_twice(market: Market) -> None:
    for given_back in (1000, 2700):
        order = await market.bought()
        market.payments.parts[order.checkout_id][order.id] -= given_back

        await market.cancel(order.id)
        await market.finished()

        assert market.payments.parts[order.checkout_id][order.id] == 0


async def test_what_has_shipped_cannot_be_cancelled(market: Market) -> None:
    order = await market.bought(quantity=2)
    item = order.items[0]
    await market.fulfill(order.id, items=(FulfillmentLine(item_id=item.id, quantity=1),))
    for advance in (None, market.fulfill, market.deliver):
        if advance:
            await advance(order.id)
        with pytest.raises(OrderAlreadyShipped) as refused:
            await market.cancel(order.id)
        assert refused.value.order_number == order.order_number
    assert market.payments.in_hand == order.total.amount


async def test_an_order_whose_shipment_is_being_made_cannot_be_cancelled(market: Market) -> None:
    order = await market.bought()
    with failpoints.armed("saga.fulfillment.create_shipment.before", "sleep:0.2*1"):
        sending = asyncio.create_task(market.fulfill(order.id))
        while (await market.get(order.id)).status is not OrderStatus.PROCESSING:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        with pytest.raises(OrderNotCancellable):
            await market.cancel(order.id)
        assert (await sending).status is OrderStatus.SHIPPED


async def test_of_a_cancellation_and_a_shipment_at_once_one_wins(market: Market) -> None:
    for turn in range(10):
        order = await market.bought()
        both = [market.cancel(order.id), market.fulfill(order.id)]
        ends = await asyncio.gather(*(both[::-1] if turn % 2 else both), return_exceptions=True)
        await market.finished()

        (lost,) = [end for end in ends if isinstance(end, Exception)]
        shipped = [one for one in market.shipping.shipments.values() if one.order_id == order.id]
        refunded = [one for one in market.payments.refunds.values() if one.order_id == order.id]
        now = await market.get(order.id)
        if isinstance(lost, OrderNotFulfillable):
            assert (now.status, len(shipped), len(refunded)) == (OrderStatus.CANCELLED, 0, 1)
        else:
            assert isinstance(lost, OrderAlreadyShipped | OrderNotCancellable)
            assert (now.status, len(shipped), len(refunded)) == (OrderStatus.SHIPPED, 1, 0)


async def test_a_refund_is_told_once_and_shown_on_the_order(market: Market) -> None:
    order = await market.bought()
    refunded = PaymentRefunded(
        payment_id=order.payment_id,
        checkout_id=order.checkout_id,
        order_id=order.id,
        refund_id=new_id(),
        amount=Money(700, "USD"),
    )

    for _ in range(2):
        await market.host.deliver(refunded)  # twice, as two messages

    now = await market.get(order.id)
    assert now.refunded == Money(700, "USD")
    assert [entry.event for entry in now.timeline] == ["placed", "confirmed", "refunded"]
    (told,) = await market.host.published(OrderRefunded)
    assert (told.order_id, told.amount) == (order.id, Money(700, "USD"))


async def test_a_refund_of_no_order_of_ours_is_passed_over(market: Market) -> None:
    stray = PaymentRefunded(
        checkout_id=new_id(), order_id=new_id(), refund_id=new_id(), amount=Money(1, "USD")
    )

    assert await market.host.deliver(stray) == 1

    assert await market.host.published(OrderRefunded) == []
