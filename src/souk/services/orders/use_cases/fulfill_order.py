"""A shop gives lines of an order to a carrier."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from souk.contracts.orders import FulfillOrderRequest, OrderNotFound, OrderStatus
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.refusals import IdempotencyKeyReused
from souk.kernel.saga import Saga
from souk.services.orders.sagas.fulfillment import TRIED_FOR, FulfillmentState
from souk.services.orders.store import fulfillments, orders

_packed = msgspec.msgpack.Encoder(order="deterministic")


async def begin_fulfillment(
    tx: Transaction,
    saga: Saga[FulfillmentState],
    request: FulfillOrderRequest,
    *,
    key: str,
    now: datetime,
) -> str:
    """Claims the lines and answers the id of their shipment, the same one for a repeated request.

    From here on the order cannot be cancelled, unless shipping refuses the shipment.
    """
    order = await orders.lock_order(tx, request.order_id)
    if order.shop_id != request.shop_id:
        raise OrderNotFound()
    request_hash = hashlib.sha256(_packed.encode(request)).digest()
    known = await fulfillments.find_fulfillment(tx, order.id, key=key, request_hash=request_hash)
    if known is not None:
        if known.request_hash != request_hash:
            raise IdempotencyKeyReused()
        return known.id
    lines = order.lines_to_send(request.items)
    shipment_id = new_id()
    await fulfillments.add_fulfillment(
        tx, shipment_id, request, lines, key=key, request_hash=request_hash, now=now
    )
    await orders.move_order(tx, order.id, OrderStatus.PROCESSING)
    state = FulfillmentState(
        shipment_id=shipment_id,
        order_id=order.id,
        shop_id=order.shop_id,
        carrier=request.carrier,
        tracking_number=request.tracking_number,
    )
    await saga.start(tx, shipment_id, state, now + TRIED_FOR)
    return shipment_id
