"""What shops do when orders say something happened: they know which shops are still needed."""

from __future__ import annotations

from souk.contracts.orders import OrderCancelled, OrderConfirmed, OrderDelivered
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.shops import people_store


@on(OrderConfirmed)
async def order_is_open(tx: Transaction, event: OrderConfirmed) -> None:
    await people_store.open_order(tx, event.order_id, shop_id=event.shop_id)


@on(OrderDelivered)
async def order_has_arrived(tx: Transaction, event: OrderDelivered) -> None:
    await people_store.end_order(tx, event.order_id)


@on(OrderCancelled)
async def order_is_called_off(tx: Transaction, event: OrderCancelled) -> None:
    await people_store.end_order(tx, event.order_id)
