"""Products, categories, offers and imports, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Record
from msgspec import Struct

from souk.contracts.catalog import (
    Category,
    CategoryNotFound,
    Import,
    ImportNotFound,
    Offer,
    ProductNotFound,
)
from souk.kernel.database import Queries
from souk.services.catalog.listing import Listing
from souk.services.catalog.rows import PRODUCT, ProductRow
from souk.services.catalog.texts import UUID

BY_ID = f"{PRODUCT} where products.id = $1 and status <> 'archived'"
BY_SLUG = f"{PRODUCT} where slug = $1 and status <> 'archived'"
# One look-up a handle: while PostgreSQL has no statistics of a shop that is filling, it takes
# `handle = any(...)` for a reason to read all of it, and an import slows down with every row.
BY_HANDLES = f"""
{PRODUCT} where products.id = any(array(
    select (select id from products
            where shop_id = $1 and handle = wanted.handle and status <> 'archived')
    from unnest($2::text[]) as wanted (handle))) limit 1000
"""  # noqa: S608 - PRODUCT is ours
OF_SHOP = f"""
{PRODUCT}
where shop_id = $1 and status <> 'archived' and (products.created_at, products.id) > ($2, $3)
order by products.created_at, products.id limit $4
"""
OFFERS_MAX = 200  # as many as one request may ask for
# The sub-select hides how many ids there are, which is all that PostgreSQL would plan anew for.
OFFERS = f"""
select variants.id as variant_id, product_id, variants.shop_id, sku, products.name,
       variants.name as variant_name,
       case when variants.image_url = '' then products.image_url else variants.image_url
       end as image_url,
       variants.price_amount, variants.currency as price_currency,
       coalesce(variants.weight_grams, products.weight_grams) as weight_grams, category,
       is_listed and is_active as is_sellable
from variants join products on products.id = product_id
where variants.id = any(array(select unnest($1::uuid[]))) limit {OFFERS_MAX}
"""  # noqa: S608 - the limit is ours
CATEGORY = "select id, slug, name, path, coalesce(parent_id::text, '') as parent_id from categories"
CATEGORIES = f'{CATEGORY} order by path collate "C" limit 10000'
ONE_CATEGORY = f"{CATEGORY} where categories.id = $1"
CATEGORY_AT = f"{CATEGORY} where path = $1"
WITH_SKUS = """
select sku, product_id from variants where shop_id = $1 and sku = any($2::text[]) and is_active
limit 10000
"""
IMPORT = """
select id, status, dry_run, rows, rows_done, created, updated, failed, errors, products, started_at,
       finished_at
from imports where shop_id = $1 and id = $2
"""
# The oldest of each shop: its next begins when this one has ended.
RUNNING_IMPORTS = """
select distinct on (shop_id) id, shop_id, currency, dry_run, last_row from imports
where status = 'running' order by shop_id, imports.id limit $1
"""
FILE = "select file from imports where id = $1"


class RunningImport(Struct, frozen=True, kw_only=True):
    id: str
    shop_id: str
    currency: str
    dry_run: bool
    last_row: int


async def list_products(db: Queries, listing: Listing, *, counts: bool) -> list[Record]:
    """One row more than the page holds, where there is one; `counts` asks for the total too."""
    sql, values = listing.sql(counts=counts)
    return await db.fetch(sql, *values)


async def count_products(db: Queries, listing: Listing) -> int:
    """No further than TOTAL_MAX."""
    sql, values = listing.count_sql()
    return int(await db.fetchval(sql, *values))


async def get_product(db: Queries, id_or_slug: str) -> ProductRow:
    sql = BY_ID if UUID.fullmatch(id_or_slug) else BY_SLUG
    found = await db.fetchrow_as(ProductRow, sql, id_or_slug)
    if found is None:
        raise ProductNotFound(product_id=id_or_slug)
    return found


async def list_by_handles(
    db: Queries, *, shop_id: str, handles: Sequence[str]
) -> dict[str, ProductRow]:
    rows = await db.fetch_as(ProductRow, BY_HANDLES, shop_id, handles)
    return {row.handle: row for row in rows}


async def list_of_shop(
    db: Queries, *, shop_id: str, after: tuple[datetime, str], limit: int
) -> list[ProductRow]:
    """In the order in which they were made."""
    return await db.fetch_as(ProductRow, OF_SHOP, shop_id, *after, limit)


async def list_offers(db: Queries, variant_ids: Sequence[str]) -> tuple[Offer, ...]:
    return tuple(await db.fetch_as(Offer, OFFERS, variant_ids))


async def list_categories(db: Queries) -> tuple[Category, ...]:
    return tuple(await db.fetch_as(Category, CATEGORIES))


async def get_category(db: Queries, category_id: str) -> Category:
    found = await db.fetchrow_as(Category, ONE_CATEGORY, category_id)
    if found is None:
        raise CategoryNotFound(category_id=category_id)
    return found


async def category_at(db: Queries, path: str) -> Category:
    found = await db.fetchrow_as(Category, CATEGORY_AT, path)
    if found is None:
        raise CategoryNotFound(category_id=path)
    return found


async def find_skus(db: Queries, *, shop_id: str, skus: Sequence[str]) -> dict[str, str]:
    """Those that the shop uses already, and for which product."""
    rows = await db.fetch(WITH_SKUS, shop_id, skus)
    return {row["sku"]: row["product_id"] for row in rows}


async def get_import(db: Queries, *, shop_id: str, import_id: str) -> Import:
    found = await db.fetchrow_as(Import, IMPORT, shop_id, import_id)
    if found is None:
        raise ImportNotFound(import_id=import_id)
    return found


async def list_running_imports(db: Queries, *, limit: int) -> list[RunningImport]:
    return await db.fetch_as(RunningImport, RUNNING_IMPORTS, limit)


async def get_file(db: Queries, import_id: str) -> bytes:
    """The sheet of an import that runs; empty once it has ended."""
    return await db.fetchval(FILE, import_id) or b""
