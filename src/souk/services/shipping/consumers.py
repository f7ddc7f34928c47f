"""What shipping does when orders say something happened."""

from __future__ import annotations

from souk.contracts.orders import OrderDelivered
from souk.contracts.shipping import ShipmentStatus
from souk.kernel.clock import Clock
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.shipping.use_cases.move_shipments import move_shipments


@on(OrderDelivered)
async def order_has_arrived(tx: Transaction, event: OrderDelivered, clock: Clock) -> None:
    now = event.at or clock.now()
    await move_shipments(tx, event.order_id, to=ShipmentStatus.DELIVERED, now=now)
