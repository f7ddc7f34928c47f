"""With jobs, consumers and the broker at work, everything comes right by itself."""

import pytest

from souk.contracts.orders import OrderDelivered
from souk.contracts.payments import (
    AnswerChallengeRequest,
    EscrowStatus,
    PaymentAuthorized,
    RefundStatus,
)
from souk.kernel.failpoints import FailpointError, armed
from tests.services.payments.counter import NOBODY, Counter, by, door, purchase
from tests.support.hosting import hosted
from tests.support.waiting import eventually


async def test_webhooks_refunds_and_escrow_need_nobody_to_push_them(servers):
    async with (
        door() as entrance,
        hosted("payments", servers, bus=True, public_url=entrance.url, escrow_days=0) as host,
    ):
        counter = entrance.counter = Counter(host)
        request = purchase(method="challenge")
        payment = await counter.pay(request)

        with by(NOBODY):
            await counter.client.answer_challenge(
                AnswerChallengeRequest(
                    challenge_id=payment.next_action.url.rpartition("/")[2], approve=True
                )
            )
        await eventually(lambda: host.published(PaymentAuthorized))
        assert len(entrance.taken) == 1

        await counter.capture(payment.id)
        with armed("payments.refund.before", "error*1"), pytest.raises(FailpointError):
            await counter.refund(request, 400)
        await counter.hurry()
        await eventually(lambda: refunded(counter, 400))

        (allocation,) = request.allocations
        async with counter.database.transaction() as tx:  # as orders would tell it
            tx.publish(
                OrderDelivered(
                    order_id=allocation.order_id,
                    shop_id=allocation.shop_id,
                    checkout_id=request.checkout_id,
                )
            )
        await eventually(lambda: released(counter, request))
        await counter.must_balance(600)


async def refunded(counter, amount):
    status = await counter.database.fetchval(
        "select status from refunds where amount_amount = $1", amount
    )
    return status == RefundStatus.DONE


async def released(counter, request):
    return (await counter.look(request)).escrow is EscrowStatus.RELEASED
