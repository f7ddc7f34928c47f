"""A courier or an operator says that an order has arrived."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.orders import OrderDelivered, OrderStatus
from souk.kernel.database import Transaction
from souk.services.orders.model.order import ARRIVED
from souk.services.orders.store import orders


async def deliver_order(tx: Transaction, order_id: str, *, now: datetime) -> None:
    order = await orders.lock_order(tx, order_id)
    if order.status in ARRIVED:
        return  # said again
    order.must_be_deliverable()
    await orders.move_order(tx, order.id, OrderStatus.DELIVERED)
    await orders.tell(tx, order.id, "delivered", at=now)
    tx.publish(
        OrderDelivered(
            order_id=order.id, shop_id=order.shop_id, checkout_id=order.checkout_id, at=now
        )
    )
