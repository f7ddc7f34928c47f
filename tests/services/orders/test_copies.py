"""One Idempotency-Key is one checkout, however often and whenever its request comes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from souk.contracts.inventory import InsufficientStock
from souk.contracts.orders import CheckoutInProgress, CheckoutStatus, PlacedOrders
from souk.kernel import failpoints
from souk.kernel.ids import new_id
from souk.kernel.refusals import IdempotencyKeyReused, Unavailable
from tests.services.orders.market import Market
from tests.support.people import customer


async def test_fifty_copies_at_once_are_one_checkout_with_equal_answers(market: Market) -> None:
    (article,) = market.fill_cart()
    key = new_id()

    answers = await asyncio.gather(*(market.place(key=key) for _ in range(50)))
    await market.finished()

    assert all(answer == answers[0] for answer in answers)
    assert (article.on_hand, market.payments.in_hand) == (9, 2700)
    assert (await market.count("checkouts"), await market.count("orders")) == (1, 1)


async def test_fifty_keys_at_once_buy_a_cart_once(market: Market) -> None:
    (article,) = market.fill_cart()

    answers = await asyncio.gather(*(market.place() for _ in range(50)), return_exceptions=True)
    await market.finished()

    placed = [answer for answer in answers if isinstance(answer, PlacedOrders)]
    others = [answer for answer in answers if isinstance(answer, CheckoutInProgress)]
    assert (len(placed), article.on_hand) == (1, 9)
    assert {other.checkout_id for other in others} == {placed[0].checkout.id}


async def test_a_copy_days_later_gets_the_same_answer(market: Market) -> None:
    market.fill_cart()
    key = new_id()
    first = await market.place(key=key, email="ann@example.com")
    await market.finished()
    await market.fulfill(first.orders[0].id)
    market.clock.advance(timedelta(days=3))
    market.fill_cart()

    assert await market.place(key=key, email="ann@example.com") == first
    assert await market.count("checkouts") == 1


async def test_a_refusal_is_the_same_for_every_copy(market: Market) -> None:
    rare = market.article(on_hand=0)
    market.fill_cart(rare)
    key = new_id()
    with pytest.raises(InsufficientStock) as first:
        await market.place(key=key)
    rare.on_hand = 10

    with pytest.raises(InsufficientStock) as second:
        await market.place(key=key)

    assert second.value.fields == first.value.fields
    assert (await market.place()).checkout.status is CheckoutStatus.CONFIRMED


async def test_a_key_is_not_for_another_request(market: Market) -> None:
    market.fill_cart()
    key = new_id()
    await market.place(key=key)

    with pytest.raises(IdempotencyKeyReused):
        await market.place(key=key, shipping_method="express")


async def test_the_same_key_of_another_shopper_is_another_checkout(market: Market) -> None:
    other, key = customer(), new_id()
    market.fill_cart()
    market.fill_cart(by=other)

    mine, theirs = await market.place(key=key), await market.place(key=key, by=other)

    assert mine.checkout.id != theirs.checkout.id


async def test_a_cart_whose_checkout_waits_cannot_be_checked_out_again(market: Market) -> None:
    market.fill_cart()
    waiting = await market.place(method="challenge")

    with pytest.raises(CheckoutInProgress) as refused:
        await market.place()

    assert refused.value.checkout_id == waiting.checkout.id


async def test_a_cart_that_is_bought_but_not_yet_emptied_is_not_bought_again(
    market: Market,
) -> None:
    market.fill_cart()
    market.carts.away["close_cart"] = 1
    with failpoints.armed("saga.checkout.close_cart.before", "sleep:0.2*1"):
        placed = await market.place()
        with pytest.raises(CheckoutInProgress) as refused:
            await market.place()

    assert refused.value.checkout_id == placed.checkout.id
    await market.finished()
    market.fill_cart()
    assert (await market.place()).checkout.status is CheckoutStatus.CONFIRMED


async def test_an_answer_of_the_provider_that_was_lost_is_asked_for_again(market: Market) -> None:
    market.fill_cart()

    placed = await market.place(method="unknown_once")

    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    assert len(market.payments.payments) == 1


async def test_who_runs_out_of_time_is_told_to_ask_again_and_joins(market: Market) -> None:
    market.fill_cart()
    market.payments.away["process_payment"] = 5
    key = new_id()

    with pytest.raises(Unavailable) as refused:
        await market.place(key=key, seconds=0.5)
    assert refused.value.retry_after_seconds
    placed = await market.place(key=key)

    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    assert await market.count("checkouts") == 1


async def test_a_checkout_that_never_learns_what_became_of_the_money_ends(market: Market) -> None:
    (article,) = market.fill_cart()
    key = new_id()
    with pytest.raises(Unavailable):
        await market.place(key=key, method="unknown", seconds=0.5)

    await market.pass_time(minutes=17)
    await market.finished()

    checkout_id = await market.database.fetchval("select id from checkouts")
    ended = await market.get_checkout(checkout_id)
    assert (ended.checkout.status, ended.checkout.refusal) == (
        CheckoutStatus.REFUSED,
        "CheckoutExpired",
    )
    assert market.inventory.available(article) == 10
    assert market.payments.voided == {checkout_id}


@pytest.mark.parametrize(
    ("fake", "call"),
    [
        ("pricing", "quote"),
        ("inventory", "reserve_stock"),
        ("payments", "process_payment"),
        ("inventory", "commit_stock"),
        ("payments", "capture_payment"),
        ("carts", "close_cart"),
    ],
)
async def test_a_lost_answer_of_anybody_changes_nothing(
    market: Market, fake: str, call: str
) -> None:
    (article,) = market.fill_cart()
    getattr(market, fake).answers_lost[call] = 2

    await market.place()
    await market.finished()

    assert (article.on_hand, market.inventory.available(article)) == (9, 9)
    assert market.payments.in_hand == 2700
    assert await market.count("orders") == 1
