"""A buyer, a shop or support cancels an order that has not shipped."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.orders import OrderCancelled, OrderStatus
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.saga import Saga
from souk.services.orders.sagas.cancellation import TRIED_FOR, CancellationState
from souk.services.orders.store import contacts, orders


async def cancel_order(
    tx: Transaction,
    saga: Saga[CancellationState],
    order_id: str,
    *,
    reason: str,
    now: datetime,
) -> str:
    """The id of the cancellation that goes on from here; empty when it was cancelled before."""
    order = await orders.lock_order(tx, order_id)
    if order.status is OrderStatus.CANCELLED:
        return ""
    order.must_be_cancellable()
    await orders.move_order(tx, order.id, OrderStatus.CANCELLED)
    await orders.tell(tx, order.id, "cancelled", at=now)
    if reason:
        await contacts.note_reason(tx, order.checkout_id, order.id, reason)
    tx.publish(
        OrderCancelled(
            order_id=order.id, checkout_id=order.checkout_id, shop_id=order.shop_id, at=now
        )
    )
    cancellation_id = new_id()
    state = CancellationState(
        cancellation_id=cancellation_id,
        order_id=order.id,
        checkout_id=order.checkout_id,
        lines=order.stock_lines,
        total=order.total,
    )
    await saga.start(tx, cancellation_id, state, now + TRIED_FOR)
    return cancellation_id
