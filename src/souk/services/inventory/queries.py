"""Stock and its movements, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.inventory import ListMovementsRequest, ListShopStockRequest, Movement, Stock
from souk.kernel.database import Queries
from souk.services.inventory.store import STOCK

# Column names are the only thing put into these texts.
OF_PRODUCT = f"select {STOCK} from stock where product_id = $1 order by sku limit 500"  # noqa: S608
SEVERAL_MAX = 500  # as many as one request may ask for
# The sub-select hides how many ids there are, which is all that PostgreSQL would plan anew for.
SEVERAL = f"""
select {STOCK} from stock where variant_id = any(array(select unnest($1::uuid[])))
limit {SEVERAL_MAX}
"""  # noqa: S608
OF_SHOP = f"""
select {STOCK} from stock
where shop_id = $1 and not is_retired and ($4::int is null or on_hand - reserved <= $4)
  and ($5 = '' and cardinality($6::uuid[]) = 0 or product_id = any($6)
       or $5 <> '' and strpos(lower(sku), lower($5)) > 0)
"""  # noqa: S608
BY_ID = f"{OF_SHOP} order by variant_id limit $2 offset $3"
BY_COUNT = f"{OF_SHOP} order by on_hand - reserved, variant_id limit $2 offset $3"
MOVEMENTS = """
select id::text, variant_id, kind, on_hand_change, reserved_change, reason, at from movements
where product_id = $1 and ($2::uuid is null or variant_id = $2)
order by at desc, movements.id desc limit $3 offset $4
"""


async def list_of_product(db: Queries, product_id: str) -> tuple[Stock, ...]:
    return tuple(await db.fetch_as(Stock, OF_PRODUCT, product_id))


async def list_several(db: Queries, variant_ids: Sequence[str]) -> tuple[Stock, ...]:
    return tuple(await db.fetch_as(Stock, SEVERAL, variant_ids))


async def list_of_shop(
    db: Queries, request: ListShopStockRequest, *, limit: int, offset: int
) -> tuple[Stock, ...]:
    """What is asked for by how many there are, the fewest first."""
    return tuple(
        await db.fetch_as(
            Stock,
            BY_ID if request.available_max is None else BY_COUNT,
            request.shop_id,
            limit,
            offset,
            request.available_max,
            request.q.strip(),
            request.product_ids,
        )
    )


async def list_movements(
    db: Queries, request: ListMovementsRequest, *, limit: int, offset: int
) -> tuple[Movement, ...]:
    return tuple(
        await db.fetch_as(
            Movement, MOVEMENTS, request.product_id, request.variant_id or None, limit, offset
        )
    )
