"""The money of a checkout is authorized: asked for once, whatever becomes of the answer."""

from __future__ import annotations

import asyncio

from msgspec import structs

from souk.contracts.payments import PaymentOutcomeUnknown, PaymentStatus, ProcessPaymentRequest
from souk.kernel.clock import monotonic
from souk.kernel.context import remaining_seconds
from souk.kernel.database import Database
from souk.kernel.failpoints import reach
from souk.kernel.ids import new_id
from souk.kernel.money import zero
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.payments.model.payment import ATTEMPTS_MAX, NO_ANSWER, Part, Payment
from souk.services.payments.providers import Authorization, OutcomeUnknown
from souk.services.payments.queries import find_payment_of
from souk.services.payments.store import payments as store
from souk.services.payments.till import Till, answer_of
from souk.services.payments.use_cases.find_out import find_out, look_up
from souk.services.payments.use_cases.write_down import read_again, write_down

PENDING = PaymentStatus.PENDING
# How long the others leave the provider to whoever asked first. A crash costs no more than this;
# asking twice after all is harmless, for the key is the same.
ATTEMPT_SECONDS = 3
WAIT_SECONDS_MAX = 20
PAUSE_SECONDS = 0.1
RETRY_SECONDS = 2


async def process_payment(till: Till, request: ProcessPaymentRequest) -> Payment:
    """The payment, authorized or waiting for the shopper; a checkout has one for ever.

    Raises ProviderUnknown, PaymentDeclined, PaymentWasVoided, PaymentOutcomeUnknown.
    """
    till.offered(request.provider, request.method)
    _must_add_up(request)
    draft = _draft(till, request)
    payment, is_ours = await _open(till.database, draft)
    payment.must_stand()
    try:
        if not is_ours and payment.status in (PENDING, PaymentStatus.REQUIRES_ACTION):
            payment = await find_out(till, payment, is_asked=True)
        payment = await _decide(till, payment, is_ours=is_ours)
        if payment.is_to_be_undone:
            payment = await find_out(till, payment, is_asked=True)
    except OutcomeUnknown as error:
        raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS) from error
    payment.must_stand()
    return payment


async def _open(database: Database, draft: Payment) -> tuple[Payment, bool]:
    if await store.open_payment(database, draft, attempt_seconds=ATTEMPT_SECONDS):
        return draft, True
    found = await find_payment_of(database, checkout_id=draft.checkout_id)
    assert found is not None  # its row was in the way
    return found, False


async def _decide(till: Till, payment: Payment, *, is_ours: bool) -> Payment:
    """Until the provider has decided. Raises OutcomeUnknown."""
    left = remaining_seconds()
    end = monotonic() + (WAIT_SECONDS_MAX if left is None else min(left, WAIT_SECONDS_MAX))
    while payment.status is PENDING and not payment.is_called_off:
        if not is_ours:
            is_ours = await till.database.transact(
                store.claim_attempt, payment.id, seconds=ATTEMPT_SECONDS
            )
            payment = await read_again(till, payment.id)
        if is_ours and payment.status is PENDING:
            payment, is_ours = await _ask(till, payment), False
            continue
        if monotonic() > end:
            raise OutcomeUnknown("another copy still waits for the provider")
        await asyncio.sleep(PAUSE_SECONDS)
        payment = await read_again(till, payment.id)
    return payment


async def _ask(till: Till, payment: Payment) -> Payment:
    """One authorization. Pending still when it left no trace at the provider."""
    provider = till.provider(payment.provider)
    authorization = Authorization(
        key=payment.id,
        amount=payment.amount,
        method=payment.method,
        return_url=till.return_url + payment.checkout_id,
    )
    await reach("payments.authorize.before")
    try:
        charge = await answer_of(provider.authorize(authorization))
    except OutcomeUnknown:
        found = await look_up(till, payment)
        if found is None and payment.attempts < ATTEMPTS_MAX:
            await till.database.transact(store.end_attempt, payment.id)
            return payment
        charge = found or NO_ANSWER
    await reach("payments.authorize.between")
    payment = await write_down(till, payment, charge, is_asked=True)
    await reach("payments.authorize.after")
    return payment


def _draft(till: Till, request: ProcessPaymentRequest) -> Payment:
    currency = request.amount.currency
    draft = Payment(
        id=new_id(),
        checkout_id=request.checkout_id,
        status=PENDING,
        provider=request.provider,
        method=request.method,
        amount=request.amount,
        captured=zero(currency),
        refunded=zero(currency),
        payer_id=request.payer_id or None,
        guest_token_hash=request.guest_token_hash,
        attempts=1,
        created_at=till.clock.now(),
        parts=tuple(
            Part(
                order_id=allocation.order_id,
                shop_id=allocation.shop_id,
                currency=currency,
                total_amount=allocation.total.amount,
                shipping_amount=allocation.shipping.amount,
                tax_amount=allocation.tax.amount,
            )
            for allocation in request.allocations
        ),
    )
    if draft.is_free:
        return structs.replace(draft, status=PaymentStatus.AUTHORIZED, attempts=0)
    return draft


def _must_add_up(request: ProcessPaymentRequest) -> None:
    """Raises InvalidRequest that names every part which cannot be so."""
    errors, currency = [], request.amount.currency
    if request.amount.amount < 0:
        errors.append(FieldError("amount.amount", "must be at least 0"))
    for index, part in enumerate(request.allocations):
        amounts = (part.total, part.shipping, part.tax)
        if any(money.currency != currency for money in amounts):
            errors.append(FieldError(f"allocations[{index}]", f"must be in {currency}"))
        elif min(money.amount for money in amounts) < 0:
            errors.append(FieldError(f"allocations[{index}]", "must not be negative"))
        elif part.shipping.amount + part.tax.amount > part.total.amount:
            errors.append(FieldError(f"allocations[{index}].total", "is less than its parts"))
    if not errors and sum(p.total.amount for p in request.allocations) != request.amount.amount:
        errors.append(FieldError("allocations", "must add up to the amount"))
    if len({part.order_id for part in request.allocations}) < len(request.allocations):
        errors.append(FieldError("allocations", "must name each order once"))
    if errors:
        raise InvalidRequest(*errors)
