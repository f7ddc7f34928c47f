"""What orders do when payments say something happened."""

from __future__ import annotations

from souk.contracts.payments import PaymentAuthorized, PaymentFailed, PaymentRefunded
from souk.kernel.clock import Clock
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.kernel.saga import Saga
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.use_cases.note_refund import note_refund


@on(PaymentAuthorized)
async def payment_was_approved(
    tx: Transaction, event: PaymentAuthorized, checkout: Saga[CheckoutState]
) -> None:
    await checkout.wake(tx, event.checkout_id)


@on(PaymentFailed)
async def payment_has_failed(
    tx: Transaction, event: PaymentFailed, checkout: Saga[CheckoutState]
) -> None:
    await checkout.wake(tx, event.checkout_id)


@on(PaymentRefunded)
async def money_went_back(tx: Transaction, event: PaymentRefunded, clock: Clock) -> None:
    await note_refund(tx, event, now=clock.now())
