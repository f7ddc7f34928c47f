"""What became of orders of before: sent and delivered, with their own dates."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.shipping import Shipment
from souk.kernel.database import Transaction

# An order goes whole in one parcel. Whoever has a parcel already is left as it is.
ADD_PARCELS = """
with given as (
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[],
                         $6::timestamptz[])
        as g (id, order_id, carrier, tracking_number, shipped_at, delivered_at)
), made as (
    insert into fulfillments (id, order_id, status, carrier, request_hash, created_at, item_ids,
                              quantities)
    select given.id, order_id, 'shipped', carrier, ''::bytea, shipped_at,
           array(select item.id from order_items as item
                  where item.order_id = given.order_id order by position),
           array(select quantity from order_items as item
                  where item.order_id = given.order_id order by position)
    from given
    on conflict (id) do nothing
    returning id
), sent as (
    select given.* from given join made using (id)
), moved as (
    update orders set status = case when delivered_at is null then 'shipped' else 'delivered' end,
                      carrier = sent.carrier, tracking_number = sent.tracking_number
    from sent where orders.id = sent.order_id
), lines as (
    update order_items set quantity_claimed = quantity, quantity_shipped = quantity
    from sent where order_items.order_id = sent.order_id
)
insert into order_events (order_id, event, at)
select order_id, event, at
from sent, lateral (values ('shipped', shipped_at), ('delivered', delivered_at)) as e (event, at)
where at is not null
order by at
"""


async def add_parcels(tx: Transaction, parcels: Sequence[Shipment]) -> None:
    await tx.execute(
        ADD_PARCELS,
        [parcel.id for parcel in parcels],
        [parcel.order_id for parcel in parcels],
        [parcel.carrier for parcel in parcels],
        [parcel.tracking_number for parcel in parcels],
        [parcel.shipped_at for parcel in parcels],
        [parcel.delivered_at for parcel in parcels],
    )
