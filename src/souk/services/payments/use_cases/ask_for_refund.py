"""Orders, or support, ask that money of an order goes back."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.payments import (
    CreateRefundRequest,
    PaymentNotFound,
    PaymentOutcomeUnknown,
    PaymentStatus,
    Refund,
    RefundPaymentRequest,
    RefundTooLarge,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.services.payments.model.payment import Payment
from souk.services.payments.providers import OutcomeUnknown
from souk.services.payments.queries import find_payment, find_payment_of
from souk.services.payments.store.refunds import find_refund
from souk.services.payments.till import Till
from souk.services.payments.use_cases.capture_payment import capture_payment
from souk.services.payments.use_cases.find_out import find_out
from souk.services.payments.use_cases.refund_payment import Wish, begin_refund, send_refund

RETRY_SECONDS = 2


async def refund_order(till: Till, request: RefundPaymentRequest) -> Refund:
    """For another service. Nothing left, and no amount named, is a refund of nothing.

    Money still on its way in is captured first, or it would be taken after the refund.
    """
    payment = await find_payment_of(till.database, checkout_id=request.checkout_id)
    if payment is None or payment.is_tombstone:
        raise PaymentNotFound
    payment = await _settled(till, payment)
    wish = Wish(
        refund_id=request.refund_id,
        order_id=request.order_id,
        amount=request.amount,
        reason=request.reason,
    )
    refund = await till.database.transact(begin_refund, payment, wish, till.clock.now())
    return await send_refund(till, refund, payment.provider)


async def create_refund(till: Till, request: CreateRefundRequest) -> Refund:
    """By support; one effect for each Idempotency-Key, and then as far as it has come."""
    payment = await find_payment(till.database, request.payment_id)
    if payment is None or payment.is_tombstone:
        raise PaymentNotFound
    begun = await till.database.once(
        Refund, request, _begin, payment, request, now=till.clock.now()
    )
    refund = await find_refund(till.database, begun.id)
    assert refund is not None  # just begun
    return await send_refund(till, refund, payment.provider)


async def _begin(
    tx: Transaction, payment: Payment, request: CreateRefundRequest, *, now: datetime
) -> Refund:
    wish = Wish(
        refund_id=new_id(),
        order_id=request.order_id,
        amount=request.amount,
        reason=request.reason,
    )
    refund = await begin_refund(tx, payment, wish, now)
    if not refund.amount:
        raise RefundTooLarge(left=str(refund.amount))
    return refund


async def _settled(till: Till, payment: Payment) -> Payment:
    if payment.status is PaymentStatus.PENDING:
        try:
            payment = await find_out(till, payment, is_asked=False)
        except OutcomeUnknown as error:
            raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS) from error
        if payment.status is PaymentStatus.PENDING:
            raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS)
    if payment.status is PaymentStatus.AUTHORIZED and not payment.is_called_off:
        payment = await capture_payment(till, payment.id)
    return payment
