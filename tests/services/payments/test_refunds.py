"""Money goes back: never more than came, each refund once, until the provider confirms it."""

import asyncio

import pytest

from souk.contracts.payments import (
    CreateRefundRequest,
    PaymentDeclined,
    PaymentNotFound,
    PaymentRefunded,
    PaymentStatus,
    RefundStatus,
    RefundTooLarge,
)
from souk.kernel.failpoints import FailpointError, armed
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import DeadlineExceeded, InvalidRequest, NotAllowed, Unavailable
from tests.services.payments.counter import SUPPORT, by, part, purchase, shopper, usd

PAYMENTS, REFUNDS_EACH = 20, 50


async def test_parts_of_an_order_go_back_until_nothing_is_left(counter):
    _, request = await counter.paid(part(1000))

    first = await counter.refund(request, 300)
    partly = await counter.look(request)
    rest = await counter.refund(request, None)

    assert (first.amount, first.status) == (usd(300), RefundStatus.DONE)
    assert partly.status is PaymentStatus.PARTIALLY_REFUNDED
    assert rest.amount == usd(700)
    assert (await counter.look(request)).status is PaymentStatus.REFUNDED
    told = await counter.host.published(PaymentRefunded)
    assert [event.amount for event in told] == [usd(300), usd(700)]
    await counter.must_balance(0)


async def test_more_than_is_left_is_refused_with_what_is_left(counter):
    _, request = await counter.paid(part(1000), part(5000))
    await counter.refund(request, 400)
    with pytest.raises(RefundTooLarge) as refused:
        await counter.refund(request, 601)
    assert refused.value.left == "6.00 USD"
    await counter.must_balance(5600)


async def test_nothing_left_and_no_amount_named_is_a_refund_of_nothing(counter):
    _, request = await counter.paid()
    await counter.refund(request, None)
    again = await counter.refund(request, None)
    assert (again.amount, again.status) == (usd(0), RefundStatus.DONE)


async def test_one_refund_id_counts_once_however_often_it_is_sent(counter):
    _, request = await counter.paid()
    id_ = new_id()

    answers = await asyncio.gather(*(counter.refund(request, 600, id_=id_) for _ in range(20)))

    assert {(answer.id, answer.amount) for answer in answers} == {(id_, usd(600))}
    assert await counter.charges() == [("captured", 1000, 600)]
    await counter.must_balance(400)


async def test_an_id_of_another_refund_is_refused(counter):
    _, first = await counter.paid()
    _, second = await counter.paid()
    id_ = (await counter.refund(first, 100)).id
    with pytest.raises(InvalidRequest):
        await counter.refund(second, 100, id_=id_)
    await counter.must_balance(1900)


async def test_concurrent_partial_refunds_never_exceed_what_was_taken(counter):
    lossy = counter.add_lossy()
    requests = [(await counter.paid(provider="lossy"))[1] for _ in range(PAYMENTS)]
    lossy.lost_questions, lossy.lost_answers = {"refund": 10}, {"refund": 10}

    async def refund(request):
        id_ = new_id()
        while True:
            try:
                return (await counter.refund(request, 37, id_=id_)).amount.amount
            except RefundTooLarge:
                return 0
            except (Unavailable, DeadlineExceeded):
                pass  # a thousand at once may be too many for a slow machine: ask again

    given = await asyncio.gather(*(refund(r) for r in requests for _ in range(REFUNDS_EACH)))
    await counter.settle_refunds()

    assert sum(given) == PAYMENTS * 27 * 37  # 999 of 1000 each
    assert await counter.charges() == [("captured", 1000, 999)] * PAYMENTS
    await counter.must_balance(PAYMENTS)


async def test_the_guard_holds_in_the_database_itself(counter):
    import asyncpg

    await counter.paid()
    with pytest.raises(asyncpg.CheckViolationError):
        await counter.database.execute("update allocations set returned_amount = 1001")
    with pytest.raises(asyncpg.CheckViolationError):
        await counter.database.execute("update payments set refunded_amount = 1001")


@pytest.mark.parametrize("lost", ["lost_questions", "lost_answers"])
async def test_a_refund_without_an_answer_is_pending_until_the_job_hears_it_confirmed(
    counter, lost
):
    lossy = counter.add_lossy()
    _, request = await counter.paid(provider="lossy")
    setattr(lossy, lost, {"refund": 1})

    pending = await counter.refund(request, 400)
    assert pending.status is RefundStatus.PENDING
    assert (await counter.look(request)).refunded == usd(0)
    await counter.hurry()
    await counter.host.run_job("payments.refunds")

    assert (await counter.look(request)).refunded == usd(400)
    assert await counter.charges() == [("captured", 1000, 400)]
    await counter.must_balance(600)


@pytest.mark.parametrize("point", ["before", "between", "after"])
async def test_a_crash_around_a_refund_is_made_good_by_the_job(counter, point):
    _, request = await counter.paid()
    with armed(f"payments.refund.{point}", "error*1"), pytest.raises(FailpointError):
        await counter.refund(request, 400)
    await counter.hurry()

    await counter.host.run_job("payments.refunds")

    assert await counter.charges() == [("captured", 1000, 400)]
    await counter.must_balance(600)


async def test_money_still_on_its_way_in_is_taken_before_it_is_given_back(counter):
    request = purchase()
    await counter.pay(request)

    refund = await counter.refund(request, None)

    assert refund.amount == usd(1000)
    assert await counter.charges() == [("captured", 1000, 1000)]
    await counter.must_balance(0)


async def test_of_a_declined_payment_there_is_nothing_to_give_back(counter):
    request = purchase(method="decline")
    with pytest.raises(PaymentDeclined):
        await counter.pay(request)
    assert (await counter.refund(request, None)).amount == usd(0)
    with pytest.raises(RefundTooLarge):
        await counter.refund(request, 1)


@pytest.mark.parametrize("amount", [Money(0, "USD"), Money(-5, "USD"), Money(5, "EUR")], ids=str)
async def test_amounts_that_are_none_are_refused(counter, amount):
    payment, request = await counter.paid()
    with by(SUPPORT, key=new_id()), pytest.raises(InvalidRequest):
        await counter.client.create_refund(
            CreateRefundRequest(
                payment_id=payment.id,
                order_id=request.allocations[0].order_id,
                amount=amount,
            )
        )


async def test_support_refunds_once_for_each_key(counter):
    payment, request = await counter.paid()
    asked = CreateRefundRequest(
        payment_id=payment.id, order_id=request.allocations[0].order_id, amount=usd(250)
    )
    with by(SUPPORT, key="one"):
        answers = await asyncio.gather(*(counter.client.create_refund(asked) for _ in range(10)))
    assert len({answer.id for answer in answers}) == 1
    with by(SUPPORT, key="two"):
        await counter.client.create_refund(asked)
    await counter.must_balance(500)


async def test_support_is_refused_when_nothing_is_left(counter):
    payment, request = await counter.paid()
    await counter.refund(request, None)
    with by(SUPPORT, key="one"), pytest.raises(RefundTooLarge):
        await counter.client.create_refund(
            CreateRefundRequest(payment_id=payment.id, order_id=request.allocations[0].order_id)
        )


async def test_an_order_of_another_payment_is_not_found(counter):
    payment, _ = await counter.paid()
    _, other = await counter.paid()
    with by(SUPPORT, key="one"), pytest.raises(PaymentNotFound):
        await counter.client.create_refund(
            CreateRefundRequest(payment_id=payment.id, order_id=other.allocations[0].order_id)
        )


async def test_shoppers_do_not_refund_themselves(counter):
    payment, request = await counter.paid()
    asked = CreateRefundRequest(
        payment_id=payment.id, order_id=request.allocations[0].order_id, amount=usd(1)
    )
    with by(shopper(request.payer_id), key="one"), pytest.raises(NotAllowed):
        await counter.client.create_refund(asked)
