"""What the catalog copies from other services, so that its lists ask nobody."""

from __future__ import annotations

from collections.abc import Mapping

from souk.kernel.database import Transaction
from souk.services.catalog.model import ShopFacts

HOLD_SHOP = "select 1 from shops where id = $1 for share"
ADD_SHOP = """
insert into shops (id, name, is_selling) values ($1, $2, $3) on conflict (id) do nothing
"""
PUT_SHOP = """
insert into shops (id, name, is_selling) values ($1, $2, $3)
on conflict (id) do update set name = excluded.name, is_selling = excluded.is_selling
"""
SHOP_CHANGED = """
update products set shop_name = $2, is_shop_selling = $3
where shop_id = $1 and (shop_name, is_shop_selling) is distinct from ($2, $3)
"""
LOCK_PRODUCT = "select 1 from products where id = $1 for no key update"
STOCK_CHANGED = """
with changed as (update variants set in_stock = $3 where id = $2 and product_id = $1 returning 1)
update products set in_stock = any_left
from (
    select coalesce(bool_or(case when id = $2 then $3 else in_stock end), false) as any_left
    from variants where product_id = $1 and is_active
) as of_variants
where id = $1 and in_stock <> any_left
"""
# In the order of their ids, so that two who write the same rows never wait for one another.
UNITS_SOLD = """
with told as (
    select products.id, units from products
    join unnest($1::uuid[], $2::int[]) as told (id, units) using (id)
    where units_sold <> units order by products.id for no key update of products
)
update products set units_sold = units from told where products.id = told.id
"""


async def hold_shop(tx: Transaction, shop: ShopFacts) -> None:
    """Keeps the copy as it is until products that copy from it are committed.

    What shops told last goes before what they answered when asked, which may be older.
    """
    if not await hold_known_shop(tx, shop.id):
        await tx.execute(ADD_SHOP, shop.id, shop.name, shop.is_selling)
        await hold_known_shop(tx, shop.id)


async def hold_known_shop(tx: Transaction, shop_id: str) -> bool:
    """False when nothing is known of it yet."""
    return bool(await tx.fetchval(HOLD_SHOP, shop_id))


async def copy_shop(tx: Transaction, shop_id: str, *, name: str, is_selling: bool) -> None:
    # The shop's row first: whoever adds products for it holds that, and they are seen then.
    await tx.execute(PUT_SHOP, shop_id, name, is_selling)
    await tx.execute(SHOP_CHANGED, shop_id, name, is_selling)


async def copy_stock(tx: Transaction, *, product_id: str, variant_id: str, in_stock: bool) -> None:
    # The product's row first: two variants that run out at once must see one another.
    await tx.execute(LOCK_PRODUCT, product_id)
    await tx.execute(STOCK_CHANGED, product_id, variant_id, in_stock)


async def copy_units_sold(tx: Transaction, units: Mapping[str, int]) -> None:
    """By product."""
    await tx.execute(UNITS_SOLD, list(units), list(units.values()))
