"""Authorized money is taken once, whoever asks and however often."""

import asyncio

import pytest

from souk.contracts.payments import (
    CapturePaymentRequest,
    PaymentCaptured,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentStatus,
)
from souk.kernel.failpoints import FailpointError, armed
from souk.kernel.ids import new_id
from souk.kernel.refusals import IdempotencyKeyReused, NotAllowed
from tests.services.payments.counter import ADMIN, by, part, purchase, shopper, usd


async def test_fifty_captures_at_once_take_the_money_once(counter):
    payment = await counter.pay(purchase(part(700), part(300)))

    answers = await asyncio.gather(*(counter.capture(payment.id) for _ in range(50)))

    assert {answer.captured for answer in answers} == {usd(1000)}
    assert await counter.charges() == [("captured", 1000, 0)]
    (told,) = await counter.host.published(PaymentCaptured)
    assert told.amount == usd(1000)
    await counter.must_balance(1000)


@pytest.mark.parametrize("point", ["before", "between", "after"])
async def test_a_crash_around_the_capture_is_made_good_by_asking_again(counter, point):
    payment = await counter.pay(purchase())
    with armed(f"payments.capture.{point}", "error*1"), pytest.raises(FailpointError):
        await counter.capture(payment.id)

    assert (await counter.capture(payment.id)).status is PaymentStatus.CAPTURED

    assert await counter.charges() == [("captured", 1000, 0)]
    await counter.must_balance(1000)


@pytest.mark.parametrize("lost", ["lost_questions", "lost_answers"])
async def test_a_lost_question_or_answer_is_found_out(counter, lost):
    lossy = counter.add_lossy()
    payment = await counter.pay(purchase(provider="lossy"))
    setattr(lossy, lost, {"capture": 1})

    captured = await counter.capture(payment.id)

    assert captured.status is PaymentStatus.CAPTURED
    await counter.must_balance(1000)


async def test_what_waits_for_its_shopper_cannot_be_captured(counter):
    payment = await counter.pay(purchase(method="challenge"))
    with pytest.raises(PaymentNotCapturable) as refused:
        await counter.capture(payment.id)
    assert refused.value.status == "requires_action"


async def test_a_payment_that_does_not_exist_is_not_found(counter):
    with pytest.raises(PaymentNotFound):
        await counter.capture(new_id())


async def test_an_admin_may_capture_and_a_shopper_may_not(counter):
    payment = await counter.pay(purchase())
    request = CapturePaymentRequest(payment_id=payment.id)

    with by(shopper()), pytest.raises(NotAllowed):
        await counter.client.capture_payment(request)
    with by(ADMIN):
        assert (await counter.client.capture_payment(request)).captured == usd(1000)


async def test_a_key_names_one_payment(counter):
    first, second = await counter.pay(purchase()), await counter.pay(purchase())
    with by(ADMIN, key="k1"):
        await counter.client.capture_payment(CapturePaymentRequest(payment_id=first.id))
        await counter.client.capture_payment(CapturePaymentRequest(payment_id=first.id))
        with pytest.raises(IdempotencyKeyReused):
            await counter.client.capture_payment(CapturePaymentRequest(payment_id=second.id))
    await counter.must_balance(1000)
