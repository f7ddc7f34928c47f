"""Called off before, during and after: no money stays behind, and late money goes back."""

import asyncio

import pytest

from souk.contracts.payments import (
    PaymentDeclined,
    PaymentFailed,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentOutcomeUnknown,
    PaymentRefunded,
    PaymentStatus,
    PaymentWasVoided,
)
from souk.kernel.failpoints import FailpointError, armed
from tests.services.payments.counter import part, purchase, usd
from tests.support.waiting import eventually


async def test_calling_off_nothing_is_success_and_remembered(counter):
    request = purchase()
    await counter.void(request.checkout_id)
    await counter.void(request.checkout_id)

    with pytest.raises(PaymentWasVoided):
        await counter.pay(request)
    with pytest.raises(PaymentNotFound):
        await counter.look(request)
    assert await counter.charges() == []


async def test_an_authorized_payment_is_let_go(counter):
    request = purchase()
    payment = await counter.pay(request)

    await counter.void(request.checkout_id)

    assert await counter.charges() == [("voided", 0, 0)]
    with pytest.raises(PaymentWasVoided):
        await counter.pay(request)
    with pytest.raises(PaymentNotCapturable) as refused:
        await counter.capture(payment.id)
    assert refused.value.status == "voided"
    await counter.must_balance(0)


async def test_a_captured_payment_is_refunded_in_full(counter):
    _, request = await counter.paid(part(1000, tax=80), part(500))
    await counter.refund(request, 300)

    await counter.void(request.checkout_id)
    await counter.void(request.checkout_id)

    payment = await counter.look(request)
    assert payment.status is PaymentStatus.REFUNDED
    assert payment.refunded == usd(1500)
    assert await counter.charges() == [("captured", 1500, 1500)]
    assert len(await counter.host.published(PaymentRefunded)) == 3
    await counter.must_balance(0)


async def test_a_challenge_is_closed(counter):
    request = purchase(method="challenge")
    await counter.pay(request)
    await counter.void(request.checkout_id)
    assert await counter.charges() == [("voided", 0, 0)]
    assert (await counter.look(request)).next_action is None


async def test_a_declined_payment_needs_nothing(counter):
    request = purchase(method="decline")
    with pytest.raises(PaymentDeclined):
        await counter.pay(request)
    await counter.void(request.checkout_id)
    assert await counter.charges() == [("declined", 0, 0)]


async def test_a_charge_nobody_recorded_is_found_and_let_go(counter):
    request = purchase()
    with armed("payments.authorize.between", "error*1"), pytest.raises(FailpointError):
        await counter.pay(request)

    await counter.void(request.checkout_id)

    assert await counter.charges() == [("voided", 0, 0)]


async def test_an_authorization_that_arrives_after_the_end_is_let_go_at_once(counter):
    request = purchase()
    with armed("payments.authorize.before", "sleep:0.5"):
        asking = asyncio.create_task(counter.pay(request))
        await eventually(counter.is_open)
        await counter.void(request.checkout_id)
        with pytest.raises(PaymentWasVoided):
            await asking

    assert await counter.charges() == [("voided", 0, 0)]
    assert (await counter.look(request)).status is PaymentStatus.VOIDED


async def test_an_authorization_after_the_end_whose_process_died_is_let_go_by_the_job(counter):
    request = purchase()
    with (
        armed("payments.authorize.before", "sleep:0.5"),
        armed("payments.authorize.between", "error*1"),
    ):
        asking = asyncio.create_task(counter.pay(request))
        await eventually(counter.is_open)
        await counter.void(request.checkout_id)
        with pytest.raises(FailpointError):
            await asking
    assert await counter.charges() == [("authorized", 0, 0)]
    await counter.hurry()

    await counter.host.run_job("payments.check")

    assert await counter.charges() == [("voided", 0, 0)]
    (told,) = await counter.host.published(PaymentFailed)
    assert told.checkout_id == request.checkout_id


async def test_money_after_a_verdict_of_no_answer_goes_back(counter):
    lossy, request = counter.add_lossy(), purchase(provider="lossy")
    lossy.lost_questions = {"authorize": 2}
    with pytest.raises(PaymentDeclined):
        await counter.pay(request)
    # The question was only late: it reaches the provider after all.
    payment_id = await counter.database.fetchval("select id from payments")
    await counter.till.providers["sandbox"].authorize(_late(payment_id))
    await counter.hurry()

    await counter.host.run_job("payments.check")

    assert await counter.charges() == [("voided", 0, 0)]
    with pytest.raises(PaymentWasVoided):
        await counter.pay(request)


def _late(key):
    from souk.services.payments.providers import Authorization

    return Authorization(key=key, amount=usd(1000), method="approve", return_url="")


async def test_what_ended_without_the_providers_word_is_not_looked_at_for_ever(counter):
    lossy, request = counter.add_lossy(), purchase(provider="lossy")
    lossy.lost_questions = {"authorize": 2}
    with pytest.raises(PaymentDeclined):
        await counter.pay(request)

    for _ in range(5):
        await counter.hurry()
        await counter.host.run_job("payments.check")

    assert await counter.database.fetchval("select check_at from payments") is None


@pytest.mark.parametrize("total", [1000, 0])
@pytest.mark.parametrize("is_captured", [True, False])
async def test_once_undone_a_payment_is_not_looked_at_again(counter, total, is_captured):
    request = purchase(part(total))
    payment = await counter.pay(request)
    if is_captured:
        await counter.capture(payment.id)
    await counter.void(request.checkout_id)

    await counter.hurry()
    await counter.host.run_job("payments.check")

    assert await counter.database.fetchval("select check_at from payments") is None
    await counter.must_balance(0)


async def test_calling_off_during_the_capture_leaves_nothing_taken(counter):
    request = purchase()
    payment = await counter.pay(request)

    with armed("payments.capture.before", "sleep:0.05"):
        await asyncio.gather(
            counter.capture(payment.id), counter.void(request.checkout_id), return_exceptions=True
        )

    assert (await counter.look(request)).status in (PaymentStatus.VOIDED, PaymentStatus.REFUNDED)
    await counter.must_balance(0)


@pytest.mark.parametrize("point", ["before", "between"])
async def test_calling_off_between_capture_and_record_refunds_it(counter, point):
    request = purchase()
    payment = await counter.pay(request)
    with armed("payments.capture.between", "error*1"), pytest.raises(FailpointError):
        await counter.capture(payment.id)
    with armed(f"payments.void.{point}", "error*1"), pytest.raises(FailpointError):
        await counter.void(request.checkout_id)
    assert await counter.charges() == [("captured", 1000, 0)]
    await counter.hurry()

    await counter.host.run_job("payments.check")

    assert await counter.charges() == [("captured", 1000, 1000)]
    assert (await counter.look(request)).status is PaymentStatus.REFUNDED
    await counter.must_balance(0)


async def test_a_void_that_gets_no_answer_is_tried_again_by_the_job(counter):
    lossy, request = counter.add_lossy(), purchase(provider="lossy")
    await counter.pay(request)
    lossy.lost_questions = {"void": 1}
    with pytest.raises(PaymentOutcomeUnknown):
        await counter.void(request.checkout_id)
    assert await counter.charges() == [("authorized", 0, 0)]
    await counter.hurry()

    await counter.host.run_job("payments.check")

    assert await counter.charges() == [("voided", 0, 0)]


async def test_asking_and_calling_off_at_once_never_leaves_money_held(counter):
    requests = [purchase() for _ in range(30)]

    async def race(request):
        await asyncio.gather(
            counter.pay(request), counter.void(request.checkout_id), return_exceptions=True
        )
        with pytest.raises(PaymentWasVoided):
            await counter.pay(request)

    await asyncio.gather(*map(race, requests))

    states = {state for state, _, _ in await counter.charges()}
    assert states <= {"voided"}
