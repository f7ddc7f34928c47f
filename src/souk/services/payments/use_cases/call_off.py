"""The payment of a checkout is called off: nothing more is taken, and what was taken goes back."""

from __future__ import annotations

from souk.contracts.payments import PaymentOutcomeUnknown, PaymentStatus
from souk.kernel.failpoints import reach
from souk.kernel.ids import new_id
from souk.kernel.money import zero
from souk.services.payments.model.payment import (
    CAPTURED,
    CHECK_CALLED_OFF_SECONDS,
    NEVER_MADE,
    Payment,
)
from souk.services.payments.providers import Charge, OutcomeUnknown
from souk.services.payments.queries import find_payment_of
from souk.services.payments.store import payments as store
from souk.services.payments.till import Till, answer_of
from souk.services.payments.use_cases.refund_payment import refund_everything
from souk.services.payments.use_cases.write_down import read_again, write_down

TURNS_MAX = 5
RETRY_SECONDS = 2
NO_CURRENCY = "XXX"  # as ISO 4217 names it


async def void_payment(till: Till, checkout_id: str) -> None:
    """Success when there is nothing to void. Raises PaymentOutcomeUnknown: it is tried again."""
    await till.database.transact(
        store.call_off, _tombstone(till, checkout_id), check_seconds=CHECK_CALLED_OFF_SECONDS
    )
    payment = await find_payment_of(till.database, checkout_id=checkout_id)
    assert payment is not None  # just written
    try:
        await call_off(till, payment, is_asked=True)
    except OutcomeUnknown as error:
        raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS) from error


async def call_off(till: Till, payment: Payment, *, is_asked: bool) -> Payment:
    """Undoes whatever has been done for a payment that was called off. Raises OutcomeUnknown."""
    for _ in range(TURNS_MAX):
        if not payment.is_to_be_undone:
            return payment
        if payment.status in CAPTURED:
            await refund_everything(till, payment)
            payment = await read_again(till, payment.id)
            continue
        charge = await _let_go(till, payment)
        await reach("payments.void.between")
        payment = await write_down(till, payment, charge, is_asked=is_asked)
        await reach("payments.void.after")
    raise OutcomeUnknown("the payment changes as fast as it is called off")


async def _let_go(till: Till, payment: Payment) -> Charge:
    if payment.is_free:
        return NEVER_MADE
    provider = till.provider(payment.provider)
    await reach("payments.void.before")
    if payment.status is not PaymentStatus.PENDING:
        return await answer_of(provider.void(payment.id))
    # Nobody knows yet whether there is a charge. An authorization still on its way when the book
    # has none is found by a later look, or by its webhook, and let go then.
    charge = await answer_of(provider.lookup(payment.id))
    return charge or NEVER_MADE


def _tombstone(till: Till, checkout_id: str) -> Payment:
    now, nothing = till.clock.now(), zero(NO_CURRENCY)
    return Payment(
        id=new_id(),
        checkout_id=checkout_id,
        status=PaymentStatus.VOIDED,
        provider="",
        method="",
        amount=nothing,
        captured=nothing,
        refunded=nothing,
        payer_id=None,
        guest_token_hash="",
        called_off_at=now,
        created_at=now,
    )
