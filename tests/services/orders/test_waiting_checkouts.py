"""Checkouts that wait for their shopper: told, paid, declined or run out of time."""

from __future__ import annotations

import asyncio

import pytest

from souk.contracts.orders import CheckoutEnded, CheckoutExpired, CheckoutStatus, OrderStatus
from souk.contracts.payments import PaymentAuthorized, PaymentDeclined, PaymentStatus
from souk.kernel import failpoints
from souk.kernel.ids import new_id
from tests.services.orders.market import Market
from tests.support.waiting import eventually


async def test_a_challenge_parks_the_checkout_and_tells_what_to_do(market: Market) -> None:
    (article,) = market.fill_cart()
    key = new_id()

    placed = await market.place(key=key, method="challenge")

    assert placed.checkout.status is CheckoutStatus.REQUIRES_ACTION
    assert placed.checkout.payment.next_action.url
    assert placed.checkout.expires_at > market.clock.now()
    assert [order.status for order in placed.orders] == [OrderStatus.PENDING]
    assert market.inventory.available(article) == 9
    assert await market.place(key=key, method="challenge") == placed
    assert await market.get_checkout(placed.checkout.id) == placed
    assert await market.count("orders") == 0


async def test_an_approved_payment_wakes_the_checkout(market: Market) -> None:
    (article,) = market.fill_cart()
    key = new_id()
    parked = await market.place(key=key, method="challenge")

    await market.answer_challenge(parked.checkout.id, approve=True)
    await market.finished()

    placed = await market.place(key=key, method="challenge")
    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    assert placed.checkout.payment.next_action is None
    assert [order.id for order in placed.orders] == [order.id for order in parked.orders]
    assert (article.on_hand, market.payments.in_hand) == (9, 2700)
    assert await market.host.published(CheckoutEnded) == []


async def test_a_declined_payment_undoes_the_checkout(market: Market) -> None:
    (article,) = market.fill_cart()
    key = new_id()
    parked = await market.place(key=key, method="challenge")

    await market.answer_challenge(parked.checkout.id, approve=False)
    await market.finished()

    with pytest.raises(PaymentDeclined):
        await market.place(key=key, method="challenge")
    assert market.inventory.available(article) == 10
    (ended,) = await market.host.published(CheckoutEnded)
    assert (ended.checkout_id, ended.reason) == (parked.checkout.id, "PaymentDeclined")
    assert (await market.place()).checkout.status is CheckoutStatus.CONFIRMED


async def test_a_shopper_who_never_comes_back_loses_nothing(market: Market) -> None:
    (article,) = market.fill_cart()
    key = new_id()
    parked = await market.place(key=key, method="challenge")

    await market.pass_time(minutes=16)
    await market.finished()

    with pytest.raises(CheckoutExpired):
        await market.place(key=key, method="challenge")
    assert market.inventory.available(article) == 10
    assert market.payments.voided == {parked.checkout.id}
    (ended,) = await market.host.published(CheckoutEnded)
    assert ended.reason == "CheckoutExpired"
    now = await market.get_checkout(parked.checkout.id)
    assert (now.checkout.status, now.orders) == (CheckoutStatus.REFUSED, ())


async def test_money_that_was_given_in_the_last_moment_counts(market: Market) -> None:
    market.fill_cart()
    parked = await market.place(method="challenge")
    # The event is still on its way when the time is over.
    market.payments.answer_challenge(parked.checkout.id, approve=True)

    await market.pass_time(minutes=15)
    await market.finished()

    now = await market.get_checkout(parked.checkout.id)
    assert now.checkout.status is CheckoutStatus.CONFIRMED


async def test_money_that_comes_after_the_end_changes_nothing(market: Market) -> None:
    market.fill_cart()
    parked = await market.place(method="challenge")
    await market.pass_time(minutes=16)
    await market.finished()

    late = PaymentAuthorized(payment_id=new_id(), checkout_id=parked.checkout.id)
    await market.host.deliver(late)

    assert await market.saga_status(parked.checkout.id) == "undone"
    assert await market.count("orders") == 0
    status = market.payments.payments[parked.checkout.id].status
    assert status is PaymentStatus.VOIDED


async def test_an_approval_that_overtakes_the_parking_is_not_lost(market: Market) -> None:
    market.fill_cart()
    key = new_id()
    with failpoints.armed("saga.checkout.authorize_money.between", "sleep:0.2*1"):
        placing = asyncio.create_task(market.place(key=key, method="challenge"))
        await eventually(lambda: market.payments.payments)
        (checkout_id,) = market.payments.payments
        await market.answer_challenge(checkout_id, approve=True)
        await placing
    await eventually(lambda: market.count("orders"))

    now = await market.get_checkout(checkout_id)
    assert now.checkout.status is CheckoutStatus.CONFIRMED
