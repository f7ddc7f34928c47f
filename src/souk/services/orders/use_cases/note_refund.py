"""Money of an order has gone back to its buyer."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.orders import OrderRefunded
from souk.contracts.payments import PaymentRefunded
from souk.kernel.database import Transaction
from souk.services.orders.store import orders


async def note_refund(tx: Transaction, refund: PaymentRefunded, *, now: datetime) -> None:
    """Counts each refund once, whoever gave it: a cancellation, or support."""
    if not refund.order_id or refund.amount.amount <= 0:
        return  # money of a checkout that never became orders
    shop_id = await orders.count_refund(
        tx, refund.order_id, refund_id=refund.refund_id, amount=refund.amount, now=now
    )
    if shop_id is None:
        return
    await orders.tell(tx, refund.order_id, "refunded", at=now, note=str(refund.amount))
    tx.publish(
        OrderRefunded(
            order_id=refund.order_id,
            shop_id=shop_id,
            refund_id=refund.refund_id,
            amount=refund.amount,
            at=now,
        )
    )
