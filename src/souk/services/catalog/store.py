"""Products, variants and categories as rows: everything that writes or locks them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from souk.contracts.catalog import ProductNotFound, ProductStatus, SkuTaken
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.catalog.model import ProductDraft, VariantDraft, paths_of, title_of

ADD_PRODUCT = """
insert into products (id, shop_id, shop_name, handle, slug, status, name, description, category, brand,
                      tags, weight_grams, options, images, image_url, currency, price_amount,
                      compare_at_amount, in_stock, category_paths, search_text, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
        $22, $22)
on conflict do nothing returning 1
"""
ADD_VARIANTS = """
with added as (
    insert into variants (id, product_id, shop_id, sku, name, options, place, currency, price_amount,
                          compare_at_amount, barcode, weight_grams, image_url, in_stock)
    select v.id, $2, $3, v.sku, v.name, v.options, v.place, $4, v.price, v.compare_at, v.barcode,
           v.weight, v.image_url, $5
    from jsonb_to_recordset($1::jsonb) as v (id uuid, sku text, name text, options jsonb, place int,
         price bigint, compare_at bigint, barcode text, weight int, image_url text)
)
insert into prices (variant_id, amount, currency, since)
select v.id, v.price, $4, $6 from jsonb_to_recordset($1::jsonb) as v (id uuid, price bigint)
"""
ADD_CATEGORIES = """
insert into categories (id, parent_id, slug, name, path)
select c.id, (select id from categories where path = c.parent), c.slug, c.name, c.path
from jsonb_to_recordset($1::jsonb) as c (id uuid, parent text, slug text, name text, path text)
on conflict (path) do nothing returning 1
"""
LOCK_PRODUCT = """
select shop_id, status, currency, name, brand, tags, category from products
where id = $1 and status <> 'archived' for no key update
"""
SAVE_PRODUCT = """
update products set name = coalesce($2, name), description = coalesce($3, description),
    category = coalesce($4, category), category_paths = coalesce($5, category_paths),
    brand = coalesce($6, brand), status = coalesce($7, status), search_text = $8, updated_at = $9
where id = $1
"""
# An archived product frees its SKUs, its handle and its slug for others.
RETIRE = """
with retired as (update variants set is_active = false where product_id = $1)
update products set handle = handle || '~' || id, slug = id::text where id = $1
"""
SET_PRICE = """
with changed as (
    update variants set price_amount = $3, compare_at_amount = $4
    where product_id = $1 and ($2::uuid is null or id = $2) and is_active
      and (price_amount, coalesce(compare_at_amount, -1)) is distinct from ($3, coalesce($4, -1))
    returning id, currency
), noted as (
    insert into prices (variant_id, amount, currency, since) select id, $3, currency, $5 from changed
)
select id from changed
"""
LOWEST_PRICE = """
update products set price_amount = lowest.price_amount, compare_at_amount = lowest.compare_at_amount,
                    updated_at = $2
from (
    select price_amount, compare_at_amount from variants where product_id = $1 and is_active
    order by price_amount, place limit 1
) as lowest
where products.id = $1
"""
HAS_VARIANT = (
    "select exists (select 1 from variants where product_id = $1 and id = $2 and is_active)"
)
SHOP_CHANGED = """
update products set shop_name = $2, is_shop_selling = $3
where shop_id = $1 and (shop_name, is_shop_selling) is distinct from ($2, $3)
"""
STOCK_CHANGED = """
with changed as (update variants set in_stock = $2 where id = $1 returning product_id)
update products set in_stock = $2 or exists (
    select 1 from variants where product_id = products.id and id <> $1 and is_active and in_stock
)
from changed where products.id = changed.product_id
"""


async def add_product(
    tx: Transaction, draft: ProductDraft, *, slug: str, in_stock: bool, now: datetime
) -> bool:
    """False when the slug or the shop's handle is taken; nothing is written then."""
    lowest = draft.lowest
    return bool(
        await tx.fetchval(
            ADD_PRODUCT,
            draft.id,
            draft.shop_id,
            draft.shop_name,
            draft.handle,
            slug,
            draft.status,
            draft.name,
            draft.description,
            draft.category,
            draft.brand,
            list(draft.tags),
            draft.weight_grams,
            draft.options,
            msgspec.json.encode(draft.images).decode(),
            draft.images[0].url if draft.images else "",
            lowest.price.currency,
            lowest.price.amount,
            lowest.compare_at_price.amount if lowest.compare_at_price else None,
            in_stock,
            paths_of(draft.category),
            draft.search_text,
            now,
        )
    )


async def add_variants(
    tx: Transaction,
    draft: ProductDraft,
    variants: Sequence[VariantDraft],
    *,
    first_place: int = 0,
    in_stock: bool,
    now: datetime,
) -> None:
    rows = [
        {
            "id": variant.id,
            "sku": variant.sku,
            "name": variant.name,
            "options": variant.options,
            "place": first_place + number,
            "price": variant.price.amount,
            "compare_at": variant.compare_at_price.amount if variant.compare_at_price else None,
            "barcode": variant.barcode,
            "weight": variant.weight_grams,
            "image_url": variant.image_url,
        }
        for number, variant in enumerate(variants)
    ]
    currency = draft.lowest.price.currency
    try:
        await tx.execute(
            ADD_VARIANTS,
            msgspec.json.encode(rows).decode(),
            draft.id,
            draft.shop_id,
            currency,
            in_stock,
            now,
        )
    except asyncpg.UniqueViolationError as error:
        raise SkuTaken(sku=sku_in(error)) from None


async def add_category_path(tx: Transaction, path: str) -> None:
    """Every part of the path that is missing, from the root down."""
    for part in paths_of(path):
        parent, _, slug = part.rpartition("/")
        row = {"id": new_id(), "parent": parent, "slug": slug, "name": title_of(slug), "path": part}
        await tx.execute(ADD_CATEGORIES, msgspec.json.encode([row]).decode())


async def add_category(
    tx: Transaction, category_id: str, *, name: str, slug: str, parent: str
) -> bool:
    """False when there is one of this path."""
    path = f"{parent}/{slug}" if parent else slug
    row = {"id": category_id, "parent": parent, "slug": slug, "name": name, "path": path}
    return bool(await tx.fetchval(ADD_CATEGORIES, msgspec.json.encode([row]).decode()))


async def lock_product(tx: Transaction, product_id: str) -> asyncpg.Record:
    found = await tx.fetchrow(LOCK_PRODUCT, product_id)
    if found is None:
        raise ProductNotFound(product_id=product_id)
    return found


async def save_product(
    tx: Transaction,
    product_id: str,
    *,
    name: str | None,
    description: str | None,
    category: str | None,
    brand: str | None,
    status: ProductStatus | None,
    search_text: str,
    now: datetime,
) -> None:
    paths = None if category is None else paths_of(category)
    await tx.execute(
        SAVE_PRODUCT,
        product_id,
        name,
        description,
        category,
        paths,
        brand,
        status,
        search_text,
        now,
    )


async def retire_product(tx: Transaction, product_id: str) -> None:
    await tx.execute(RETIRE, product_id)


async def set_price(
    tx: Transaction,
    product_id: str,
    *,
    variant_id: str,
    price: Money,
    compare_at: Money | None,
    now: datetime,
) -> list[str]:
    """The variants whose price changed."""
    changed = await tx.fetch(
        SET_PRICE,
        product_id,
        variant_id or None,
        price.amount,
        compare_at.amount if compare_at else None,
        now,
    )
    await tx.execute(LOWEST_PRICE, product_id, now)
    return [row["id"] for row in changed]


async def has_variant(tx: Transaction, product_id: str, variant_id: str) -> bool:
    return bool(await tx.fetchval(HAS_VARIANT, product_id, variant_id))


async def copy_shop(tx: Transaction, shop_id: str, *, name: str, is_selling: bool) -> None:
    await tx.execute(SHOP_CHANGED, shop_id, name, is_selling)


async def copy_stock(tx: Transaction, variant_id: str, *, in_stock: bool) -> None:
    await tx.execute(STOCK_CHANGED, variant_id, in_stock)


def sku_in(error: asyncpg.UniqueViolationError) -> str:
    """PostgreSQL says `Key (shop_id, sku)=(…, TEE-M) already exists.`"""
    detail = error.detail or ""
    return detail.rpartition("=(")[2].partition(", ")[2].rpartition(")")[0]
