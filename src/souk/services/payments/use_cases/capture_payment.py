"""Authorized money is taken into escrow, once."""

from __future__ import annotations

from souk.contracts.payments import (
    CapturePaymentRequest,
    PaymentNotCapturable,
    PaymentNotFound,
    PaymentOutcomeUnknown,
    PaymentStatus,
)
from souk.kernel.context import call
from souk.kernel.contract import Empty
from souk.kernel.database import Transaction
from souk.kernel.failpoints import reach
from souk.services.payments.model.payment import CAPTURED, Payment
from souk.services.payments.providers import Charge, ChargeState, OutcomeUnknown
from souk.services.payments.till import Till, answer_of
from souk.services.payments.use_cases.find_out import find_out, look_up
from souk.services.payments.use_cases.write_down import read_again, write_down

TRIES_MAX = 3
RETRY_SECONDS = 2


async def capture_once(till: Till, request: CapturePaymentRequest) -> Payment:
    """Capturing twice is capturing once already; a key only must not name two payments."""
    if call().idempotency_key:
        await till.database.once(Empty, request, _nothing)
    return await capture_payment(till, request.payment_id)


async def capture_payment(till: Till, payment_id: str) -> Payment:
    """The captured payment, by this call or by an earlier one.

    Raises PaymentNotFound, PaymentNotCapturable, PaymentOutcomeUnknown.
    """
    payment = await till.find_payment(payment_id)
    if payment is None or payment.is_tombstone:
        raise PaymentNotFound
    try:
        if payment.status is PaymentStatus.PENDING:
            payment = await find_out(till, payment, is_asked=False)
        for _ in range(TRIES_MAX):
            if payment.status is not PaymentStatus.AUTHORIZED or payment.is_called_off:
                break
            payment = await _capture(till, payment)
        if payment.is_to_be_undone and payment.status in CAPTURED:
            payment = await find_out(till, payment, is_asked=False)  # called off meanwhile
    except OutcomeUnknown as error:
        raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS) from error
    if payment.status in CAPTURED:
        return payment
    if payment.status in (PaymentStatus.PENDING, PaymentStatus.AUTHORIZED):
        if not payment.is_called_off:
            raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS)
        raise PaymentNotCapturable(status=PaymentStatus.VOIDED)
    raise PaymentNotCapturable(status=payment.status)


async def _nothing(_: Transaction) -> Empty:
    return Empty()


async def _capture(till: Till, payment: Payment) -> Payment:
    """One try; authorized still when it left no trace at the provider."""
    await reach("payments.capture.before")
    charge: Charge | None = Charge(state=ChargeState.CAPTURED)
    if not payment.is_free:
        try:
            charge = await answer_of(till.provider(payment.provider).capture(payment.id))
        except OutcomeUnknown:
            charge = await look_up(till, payment)
    await reach("payments.capture.between")
    if charge is None:  # the provider forgot what it had authorized
        return await read_again(till, payment.id)
    payment = await write_down(till, payment, charge, is_asked=True)
    await reach("payments.capture.after")
    return payment
