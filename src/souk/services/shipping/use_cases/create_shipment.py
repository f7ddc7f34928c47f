"""A shop hands an order to a carrier."""

from __future__ import annotations

from souk.contracts.shipping import Shipment, ShipmentCreated
from souk.kernel.database import Transaction
from souk.services.shipping import store


async def create_shipment(tx: Transaction, shipment: Shipment, *, shop_id: str) -> Shipment:
    added = await store.add_shipment(tx, shipment, shop_id=shop_id)
    if added is None:
        return await store.get_shipment(tx, shipment.id)
    tx.publish(
        ShipmentCreated(
            shipment_id=added.id, order_id=added.order_id, tracking_number=added.tracking_number
        )
    )
    return added
