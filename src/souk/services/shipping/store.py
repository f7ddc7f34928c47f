"""Shipments as rows: everything that writes or locks them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from souk.contracts.shipping import Shipment, ShipmentNotFound, ShipmentStatus
from souk.kernel.database import Transaction

SHIPMENT = "id, order_id, carrier, tracking_number, status, shipped_at, delivered_at"
ADD = f"""
insert into shipments (id, order_id, shop_id, carrier, tracking_number, status, shipped_at)
values ($1, $2, $3, $4, $5, 'shipped', $6)
on conflict (id) do nothing
returning {SHIPMENT}
"""  # noqa: S608 - column names only
RECORD = f"""
with given as (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[],
                         $6::timestamptz[], $7::timestamptz[])
        as g (id, order_id, shop_id, carrier, tracking_number, shipped_at, delivered_at)
), added as (
    insert into shipments (id, order_id, shop_id, carrier, tracking_number, status, shipped_at,
                           delivered_at)
    select id, order_id, shop_id, carrier, tracking_number,
           case when delivered_at is null then 'shipped' else 'delivered' end, shipped_at,
           delivered_at
    from given on conflict (id) do nothing
    returning {SHIPMENT}
)
select {SHIPMENT} from added
union all
select {SHIPMENT} from shipments where id in (select id from given)
"""  # noqa: S608 - column names only
GET = f"select {SHIPMENT} from shipments where id = $1"  # noqa: S608 - column names only
DELIVER = f"""
update shipments set status = 'delivered', delivered_at = $2
where order_id = $1 and status = 'shipped'
returning {SHIPMENT}
"""  # noqa: S608 - column names only
CANCEL = f"""
update shipments set status = 'cancelled'
where order_id = $1 and status = 'shipped'
returning {SHIPMENT}
"""  # noqa: S608 - column names only


async def add_shipment(tx: Transaction, shipment: Shipment, *, shop_id: str) -> Shipment | None:
    """The shipment as it is kept, or None when there is one of this id already."""
    return await tx.fetchrow_as(
        Shipment,
        ADD,
        shipment.id,
        shipment.order_id,
        shop_id,
        shipment.carrier,
        shipment.tracking_number,
        shipment.shipped_at,
    )


async def record_shipments(
    tx: Transaction, shipments: Sequence[Shipment], *, shop_ids: Sequence[str]
) -> list[Shipment]:
    """As they are kept; those known before stay as they are."""
    return await tx.fetch_as(
        Shipment,
        RECORD,
        [each.id for each in shipments],
        [each.order_id for each in shipments],
        shop_ids,
        [each.carrier for each in shipments],
        [each.tracking_number for each in shipments],
        [each.shipped_at for each in shipments],
        [each.delivered_at for each in shipments],
    )


async def get_shipment(tx: Transaction, shipment_id: str) -> Shipment:
    found = await tx.fetchrow_as(Shipment, GET, shipment_id)
    if found is None:
        raise ShipmentNotFound()
    return found


async def deliver_shipments(tx: Transaction, order_id: str, *, now: datetime) -> list[Shipment]:
    return await tx.fetch_as(Shipment, DELIVER, order_id, now)


async def cancel_shipments(tx: Transaction, order_id: str) -> list[Shipment]:
    return await tx.fetch_as(Shipment, CANCEL, order_id)


async def move_shipments(
    tx: Transaction, order_id: str, *, to: ShipmentStatus, now: datetime
) -> list[Shipment]:
    if to is ShipmentStatus.DELIVERED:
        return await deliver_shipments(tx, order_id, now=now)
    if to is ShipmentStatus.CANCELLED:
        return await cancel_shipments(tx, order_id)
    return []
