"""Orders as rows: locked, moved from state to state, and their timelines told."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.orders import OrderNotFound, OrderStatus
from souk.kernel.database import Transaction
from souk.kernel.money import Money
from souk.services.orders import queries
from souk.services.orders.model.order import StoredOrder

LOCK = "select id from orders where id = $1 for update"
MOVE = "update orders set status = $2 where id = $1"
SHIP = """
update orders set status = $2, carrier = $3, tracking_number = $4 where id = $1
"""
TELL = "insert into order_events (order_id, event, at, note) values ($1, $2, $3, $4)"
REFUND = """
with counted as (
    insert into order_refunds (refund_id, order_id, amount, created_at)
    select $2, id, $3, $5 from orders where id = $1 and currency = $4
    on conflict (refund_id) do nothing
    returning order_id
)
update orders set refunded_amount = refunded_amount + $3
from counted where orders.id = counted.order_id
returning orders.shop_id
"""


async def lock_order(tx: Transaction, order_id: str) -> StoredOrder:
    # Two statements: one that waited for the lock would see lines as they were before it.
    if await tx.fetchval(LOCK, order_id) is None:
        raise OrderNotFound()
    return await queries.get_order(tx, order_id)


async def move_order(tx: Transaction, order_id: str, status: OrderStatus) -> None:
    await tx.execute(MOVE, order_id, status.value)


async def ship_order(
    tx: Transaction, order_id: str, status: OrderStatus, *, carrier: str, tracking_number: str
) -> None:
    await tx.execute(SHIP, order_id, status.value, carrier, tracking_number)


async def tell(tx: Transaction, order_id: str, event: str, *, at: datetime, note: str = "") -> None:
    """Adds to the order's timeline; a note is Souk's own words, nobody else's."""
    await tx.execute(TELL, order_id, event, at, note)


async def count_refund(
    tx: Transaction, order_id: str, *, refund_id: str, amount: Money, now: datetime
) -> str | None:
    """The order's shop, or None when this refund was counted before or is of no order of ours."""
    shop_id: str | None = await tx.fetchval(
        REFUND, order_id, refund_id, amount.amount, amount.currency, now
    )
    return shop_id
