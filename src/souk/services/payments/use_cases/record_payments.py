"""Payments of before are written down: captured, and shared out where the escrow has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import structs

from souk.contracts.payments import Allocation, PastPayment, PaymentStatus
from souk.kernel.database import Transaction
from souk.kernel.money import zero
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import Part, Payment
from souk.services.payments.store import past
from souk.services.payments.till import Till


async def record_payments(till: Till, payments: Sequence[PastPayment]) -> None:
    """The provider's book first, as it was then: a payment never stands without its charge."""
    for name in {payment.provider for payment in payments}:
        till.provider(name)
    await past.add_charges(till.database, payments, return_url=till.return_url)
    await till.database.transact(_record, till, payments, now=till.clock.now())


async def _record(
    tx: Transaction, till: Till, payments: Sequence[PastPayment], *, now: datetime
) -> None:
    """Payment by payment: those known before are left out, with all that follows from them."""
    fresh = await past.add_payments(tx, payments)
    found = [payment for payment in payments if payment.payment_id in fresh]
    parts = [
        (payment, _part(part, payment, till, now))
        for payment in found
        for part in payment.allocations
    ]
    await past.add_parts(tx, [(p.payment_id, _release_at(p, till), part) for p, part in parts])
    transfers = [(p.paid_at, each) for p in found for each in ledger.capture(_payment(p))]
    for payment, part in parts:
        if part.released_at and part.left:
            points = till.commission_basis_points
            release = ledger.release(payment.payment_id, part, commission_basis_points=points)
            transfers.append((part.released_at, release))
    await past.post(tx, sorted(transfers, key=lambda each: each[0]))


def _release_at(payment: PastPayment, till: Till) -> datetime | None:
    """The end of the inspection window; None: nothing has arrived."""
    if payment.delivered_at is None:
        return None
    return payment.delivered_at + timedelta(days=till.escrow_days)


def _part(allocation: Allocation, payment: PastPayment, till: Till, now: datetime) -> Part:
    ends = _release_at(payment, till)
    return Part(
        order_id=allocation.order_id,
        shop_id=allocation.shop_id,
        currency=allocation.total.currency,
        total_amount=allocation.total.amount,
        shipping_amount=allocation.shipping.amount,
        tax_amount=allocation.tax.amount,
        captured_amount=allocation.total.amount,
        released_at=ends if ends and ends <= now else None,
    )


def _payment(past_payment: PastPayment) -> Payment:
    """As much of it as the ledger asks for."""
    none = zero(past_payment.amount.currency)
    parts = tuple(
        Part(
            order_id=each.order_id,
            shop_id=each.shop_id,
            currency=each.total.currency,
            total_amount=each.total.amount,
        )
        for each in past_payment.allocations
    )
    payment = Payment(
        id=past_payment.payment_id,
        checkout_id=past_payment.checkout_id,
        status=PaymentStatus.CAPTURED,
        provider=past_payment.provider,
        method="approve",
        amount=past_payment.amount,
        captured=past_payment.amount,
        refunded=none,
        payer_id=past_payment.payer_id or None,
        guest_token_hash=past_payment.guest_token_hash,
        created_at=past_payment.paid_at,
    )
    return structs.replace(payment, parts=parts)
