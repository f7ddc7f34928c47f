"""Fulfilments as rows: lines given to a shipment, until it has left or was refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from souk.contracts.orders import FulfillmentLine, FulfillOrderRequest
from souk.kernel.database import Transaction

# With a key it is the key's fulfilment; without one, the same one that is still being made.
FIND = """
select id, request_hash from fulfillments
where order_id = $1
  and case when $2 <> '' then idempotency_key = $2 and status <> 'refused'
           else status = 'packing' and request_hash = $3 end
limit 1
"""
ADD = """
with claimed as (
    update order_items set quantity_claimed = quantity_claimed + taken.quantity
    from unnest($7::uuid[], $8::int[]) as taken (id, quantity) where order_items.id = taken.id
)
insert into fulfillments (id, order_id, carrier, idempotency_key, request_hash, created_at,
                          item_ids, quantities)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
SHIP = """
with ended as (
    update fulfillments set status = 'shipped' where id = $1 and status = 'packing'
    returning item_ids, quantities
)
update order_items set quantity_shipped = quantity_shipped + taken.quantity
from ended, unnest(item_ids, quantities) as taken (id, quantity)
where order_items.id = taken.id
"""
FREE = """
with ended as (
    update fulfillments set status = 'refused' where id = $1 and status = 'packing'
    returning item_ids, quantities
)
update order_items set quantity_claimed = quantity_claimed - taken.quantity
from ended, unnest(item_ids, quantities) as taken (id, quantity)
where order_items.id = taken.id
"""


class Known(Struct, frozen=True):
    """A fulfilment that was asked for before."""

    id: str
    request_hash: bytes


async def find_fulfillment(
    tx: Transaction, order_id: str, *, key: str, request_hash: bytes
) -> Known | None:
    return await tx.fetchrow_as(Known, FIND, order_id, key, request_hash)


async def add_fulfillment(
    tx: Transaction,
    fulfillment_id: str,
    request: FulfillOrderRequest,
    lines: Sequence[FulfillmentLine],
    *,
    key: str,
    request_hash: bytes,
    now: datetime,
) -> None:
    """Claims the lines for it; the order must be locked."""
    await tx.execute(
        ADD,
        fulfillment_id,
        request.order_id,
        request.carrier,
        key,
        request_hash,
        now,
        [line.item_id for line in lines],
        [line.quantity for line in lines],
    )


async def ship_lines(tx: Transaction, fulfillment_id: str) -> None:
    """Its lines have left."""
    await tx.execute(SHIP, fulfillment_id)


async def free_lines(tx: Transaction, fulfillment_id: str) -> None:
    """Its lines are open again."""
    await tx.execute(FREE, fulfillment_id)
