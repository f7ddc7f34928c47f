"""How much of each product was bought lately, and what was told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record

from souk.kernel.database import Transaction

# One count at a time: of two that see the same changes, one would tell them again.
ALONE = "lock table products_sold in share row exclusive mode"
# What differs from what was told is told from now on.
COUNT = """
with counted as (
    select product_id, shop_id, least(sum(quantity), 2147483647)::int as units
    from orders join order_items on order_id = orders.id
    where placed_at >= $1 and status <> 'cancelled'
      and (refunded_amount = 0 or refunded_amount < total_amount)
    group by product_id, shop_id
), changed as (
    select product_id, coalesce(counted.shop_id, told.shop_id) as shop_id,
           coalesce(counted.units, 0) as units
    from counted full join products_sold as told using (product_id)
    where counted.units is distinct from told.units
    order by shop_id, product_id limit $2
), put as (
    insert into products_sold (product_id, shop_id, units)
    select product_id, shop_id, units from changed where units > 0
    on conflict (product_id) do update set units = excluded.units
), gone as (
    delete from products_sold using changed
    where products_sold.product_id = changed.product_id and changed.units = 0
)
select shop_id, product_id, units from changed order by shop_id, product_id
"""


async def count_sold(tx: Transaction, *, since: datetime, limit: int) -> Sequence[Record]:
    """The products whose number is another now, by shop."""
    await tx.execute(ALONE)
    return await tx.fetch(COUNT, since, limit)
