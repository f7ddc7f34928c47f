"""The parcels of an order arrive, or never leave."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.shipping import ShipmentDelivered, ShipmentStatus
from souk.kernel.database import Transaction
from souk.services.shipping import store


async def move_shipments(
    tx: Transaction, order_id: str, *, to: ShipmentStatus, now: datetime
) -> None:
    for shipment in await store.move_shipments(tx, order_id, to=to, now=now):
        if to is ShipmentStatus.DELIVERED:
            tx.publish(ShipmentDelivered(shipment_id=shipment.id, order_id=order_id))
