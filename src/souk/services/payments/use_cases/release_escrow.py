"""Delivered, the inspection window over: an order's money leaves escrow for who earned it."""

from __future__ import annotations

from souk.contracts.payments import EscrowReleased
from souk.kernel.database import Transaction
from souk.services.payments.model import ledger
from souk.services.payments.store import ledger as store
from souk.services.payments.store.payments import expect_release
from souk.services.payments.till import Till

BATCH = 200


async def order_delivered(
    tx: Transaction, order_id: str, *, escrow_days: int, commission_basis_points: int
) -> None:
    """Starts the window; without one the money is released at once."""
    await expect_release(tx, order_id, days=escrow_days)
    if escrow_days == 0:
        await release_escrow(tx, order_id, commission_basis_points=commission_basis_points)


async def release_escrow(tx: Transaction, order_id: str, *, commission_basis_points: int) -> None:
    """Once; what was refunded before, or is on its way back, is not shared out."""
    part = await store.lock_part_to_release(tx, order_id)
    if part is None:
        return
    payment_id, checkout_id = await store.mark_released(tx, order_id)
    transfer = ledger.release(payment_id, part, commission_basis_points=commission_basis_points)
    await store.post(tx, [transfer])
    tx.publish(
        EscrowReleased(
            payment_id=payment_id,
            checkout_id=checkout_id,
            order_id=order_id,
            shop_id=part.shop_id,
        )
    )


async def release_due_escrow(till: Till) -> None:
    """Every order whose window is over."""
    while due := await store.due_for_release(till.database, limit=BATCH):
        for order_id in due:
            await till.database.transact(
                release_escrow, order_id, commission_basis_points=till.commission_basis_points
            )
