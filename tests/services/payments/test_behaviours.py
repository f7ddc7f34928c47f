"""Every way in which the sandbox lets a payment go, and every way in which Souk may stumble."""

import asyncio

import pytest

from souk.contracts.payments import (
    EscrowStatus,
    NextActionType,
    PaymentAuthorized,
    PaymentDeclined,
    PaymentFailed,
    PaymentOutcomeUnknown,
    PaymentStatus,
    ProviderUnknown,
)
from souk.kernel.clock import monotonic
from souk.kernel.failpoints import FailpointError, armed
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest
from tests.services.payments.counter import part, purchase, usd


async def test_an_approved_payment_is_authorized_and_then_captured_into_escrow(counter):
    request = purchase(part(1000), part(500))

    authorized = await counter.pay(request)

    assert authorized.status is PaymentStatus.AUTHORIZED
    assert authorized.escrow is EscrowStatus.NONE
    await counter.must_balance(0)
    captured = await counter.capture(authorized.id)
    assert captured.status is PaymentStatus.CAPTURED
    assert (captured.captured, captured.refunded) == (usd(1500), usd(0))
    assert captured.escrow is EscrowStatus.HELD
    await counter.must_balance(1500)


@pytest.mark.parametrize(
    ("method", "reason"),
    [("decline", "the card was declined"), ("insufficient_funds", "insufficient funds")],
)
async def test_a_declined_payment_stays_declined_however_often_it_is_asked_for(
    counter, method, reason
):
    request = purchase(method=method)
    for _ in range(3):
        with pytest.raises(PaymentDeclined) as refused:
            await counter.pay(request)
        assert refused.value.reason == reason
    assert await counter.charges() == [("declined", 0, 0)]


async def test_a_challenge_waits_with_a_page_for_the_shopper(counter):
    request = purchase(method="challenge")

    payment = await counter.pay(request)
    again = await counter.pay(request)

    assert payment.status is PaymentStatus.REQUIRES_ACTION
    assert payment.next_action.type is NextActionType.REDIRECT
    assert "/api/v1/payments/sandbox/challenges/" in payment.next_action.url
    assert again == payment


async def test_slow_and_lost_answers_end_right_within_seconds(counter):
    async def paid(method):
        start = monotonic()
        payment = await counter.pay(purchase(method=method))
        seconds = monotonic() - start
        await counter.capture(payment.id)
        return payment.status, seconds

    async def declined():
        request, start = purchase(method="timeout_not_charged"), monotonic()
        for _ in range(2):
            with pytest.raises(PaymentDeclined) as refused:
                await counter.pay(request)
        return refused.value.reason, monotonic() - start

    slow, found, lost = await asyncio.gather(paid("slow"), paid("timeout_then_charged"), declined())

    assert slow[0] is PaymentStatus.AUTHORIZED
    assert 4.5 < slow[1] < 9
    assert found[0] is PaymentStatus.AUTHORIZED
    assert found[1] < 4
    assert lost[0] == "the provider did not answer"
    assert lost[1] < 6
    assert await counter.charges() == [("captured", 1000, 0)] * 2
    await counter.must_balance(2000)


async def test_a_payment_of_nothing_asks_no_provider(counter):
    request = purchase(part(0))

    payment = await counter.pay(request)
    captured = await counter.capture(payment.id)
    refund = await counter.refund(request, None)

    assert payment.status is PaymentStatus.AUTHORIZED
    assert captured.status is PaymentStatus.CAPTURED
    assert refund.amount == usd(0)
    assert await counter.charges() == []


@pytest.mark.parametrize(("provider", "method"), [("sandbox", "bribe"), ("moneybags", "approve")])
async def test_unknown_providers_and_methods_are_named(counter, provider, method):
    with pytest.raises(ProviderUnknown) as refused:
        await counter.pay(purchase(provider=provider, method=method))
    assert (refused.value.provider, refused.value.method) == (provider, method)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": usd(999)},
        {"amount": usd(-1000)},
        {"amount": Money(1000, "EUR")},
        {"allocations": (part(1000, shipping=600, tax=600),)},
        {"allocations": (part(2000), part(-1000))},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_allocations_that_do_not_add_up_are_refused(counter, wrong):
    with pytest.raises(InvalidRequest):
        await counter.pay(purchase(**wrong) if "allocations" not in wrong else _asking(**wrong))
    assert await counter.charges() == []


def _asking(allocations):
    return purchase(*allocations, amount=usd(1000))


async def test_fifty_copies_at_once_are_one_charge_and_one_answer(counter):
    requests = [purchase() for _ in range(3)]

    answers = await asyncio.gather(*(counter.pay(r) for r in requests for _ in range(50)))

    assert len({answer.id for answer in answers}) == 3
    assert {answer.status for answer in answers} == {PaymentStatus.AUTHORIZED}
    assert await counter.charges() == [("authorized", 0, 0)] * 3


async def test_copies_of_a_payment_whose_answer_is_lost_are_one_charge(counter):
    request = purchase(method="timeout_then_charged")
    answers = await asyncio.gather(*(counter.pay(request) for _ in range(20)))
    assert {answer.status for answer in answers} == {PaymentStatus.AUTHORIZED}
    assert len(await counter.charges()) == 1


async def test_copies_ask_the_provider_once(counter):
    lossy, request = counter.add_lossy(), purchase(provider="lossy")
    await asyncio.gather(*(counter.pay(request) for _ in range(20)))
    assert lossy.asked.count("authorize") == 1


@pytest.mark.parametrize("point", ["before", "between", "after"])
async def test_a_crash_anywhere_around_the_charge_is_made_good_by_asking_again(counter, point):
    request = purchase()
    with armed(f"payments.authorize.{point}", "error*1"), pytest.raises(FailpointError):
        await counter.pay(request)
    await counter.database.execute("update payments set attempt_until = now()")

    payment = await counter.pay(request)

    assert payment.status is PaymentStatus.AUTHORIZED
    assert await counter.charges() == [("authorized", 0, 0)]
    await counter.capture(payment.id)
    await counter.must_balance(1000)


async def test_a_charge_that_a_crash_left_unrecorded_is_found_by_the_job_and_told(counter):
    request = purchase()
    with armed("payments.authorize.between", "error*1"), pytest.raises(FailpointError):
        await counter.pay(request)
    await counter.hurry()

    await counter.host.run_job("payments.check")

    (told,) = await counter.host.published(PaymentAuthorized)
    assert told.checkout_id == request.checkout_id
    assert (await counter.look(request)).status is PaymentStatus.AUTHORIZED


async def test_who_hears_the_decision_as_an_answer_is_told_no_event(counter):
    await counter.pay(purchase())
    with pytest.raises(PaymentDeclined):
        await counter.pay(purchase(method="decline"))
    assert await counter.host.published(PaymentAuthorized) == []
    assert await counter.host.published(PaymentFailed) == []


async def test_a_provider_that_cannot_be_asked_leaves_the_outcome_unknown_not_declined(counter):
    lossy, request = counter.add_lossy(), purchase(provider="lossy")
    lossy.lost_answers = {"authorize": 1}
    lossy.lost_questions = {"lookup": 3}

    with pytest.raises(PaymentOutcomeUnknown):
        await counter.pay(request)

    payment = await counter.pay(request)
    assert payment.status is PaymentStatus.AUTHORIZED
    assert len(await counter.charges()) == 1


async def test_a_question_that_never_arrived_is_asked_again(counter):
    lossy = counter.add_lossy()
    lossy.lost_questions = {"authorize": 1}
    payment = await counter.pay(purchase(provider="lossy"))
    assert payment.status is PaymentStatus.AUTHORIZED
    assert len(await counter.charges()) == 1
