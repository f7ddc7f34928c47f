"""Products and their variants as rows, one or many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec
from msgspec import Struct

from souk.contracts.catalog import ProductNotFound, SkuTaken
from souk.kernel.database import Transaction
from souk.kernel.ids import new_code
from souk.services.catalog.model import ProductDraft, VariantDraft
from souk.services.catalog.queries import get_product
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.texts import paths_of, slug_from, words_of

ADD_PRODUCTS = """
insert into products (id, shop_id, shop_name, is_shop_selling, handle, slug, status, name,
                      description, category, brand, tags, weight_grams, options, images,
                      image_url, currency, price_amount, compare_at_amount, in_stock,
                      category_paths, words, created_at, updated_at)
select given.id, shops.id, shops.name, is_selling, handle, slug, status, given.name, description,
       category, brand, tags, weight, options, images, image_url, currency, price, compare_at,
       in_stock, paths, words, $3, $3
from shops, jsonb_to_recordset($2::jsonb) as given (
    id uuid, handle text, slug text, status text, name text, description text, category text,
    brand text, tags text[], weight int, options text[], images jsonb, image_url text,
    currency text, price bigint, compare_at bigint, in_stock boolean, paths text[], words text[])
where shops.id = $1 order by slug
on conflict do nothing returning id
"""
HANDLES_TAKEN = """
select handle from products where shop_id = $1 and handle = any($2::text[]) and status <> 'archived'
limit 1000
"""
ADD_VARIANTS = """
with given as (
    select * from jsonb_to_recordset($2::jsonb) as given (
        id uuid, product uuid, sku text, name text, options text[], place int, currency text,
        price bigint, compare_at bigint, barcode text, weight int, image_url text, in_stock boolean)
), added as (
    insert into variants (id, product_id, shop_id, sku, name, options, place, currency,
                          price_amount, compare_at_amount, barcode, weight_grams, image_url,
                          in_stock)
    select id, product, $1, sku, name, options, place, currency, price, compare_at, barcode,
           weight, image_url, in_stock
    from given order by sku
)
insert into prices (variant_id, amount, currency, since) select id, price, currency, $3 from given
"""
LOCK_PRODUCTS = """
select id, updated_at from products where id = any($1::uuid[]) and status <> 'archived'
order by products.id for no key update
"""
SAVE_PRODUCTS = """
update products set
    status = given.status, name = given.name, description = given.description,
    category = given.category, category_paths = paths, brand = given.brand, tags = given.tags,
    weight_grams = weight, options = given.options, images = given.images,
    image_url = given.image_url, words = given.words, updated_at = $2
from jsonb_to_recordset($1::jsonb) as given (
    id uuid, status text, name text, description text, category text, brand text, tags text[],
    weight int, options text[], images jsonb, image_url text, paths text[], words text[])
where products.id = given.id
"""
RETIRE_VARIANTS = "update variants set is_active = false where id = any($1::uuid[])"
SAVE_VARIANTS = """
with given as (
    select * from jsonb_to_recordset($1::jsonb) as given (
        id uuid, sku text, name text, options text[], place int, price bigint, compare_at bigint,
        barcode text, weight int, image_url text)
), saved as (
    update variants set sku = given.sku, name = given.name, options = given.options,
        place = given.place, price_amount = price, compare_at_amount = compare_at,
        barcode = given.barcode, weight_grams = weight, image_url = given.image_url
    from given join variants as before on before.id = given.id
    where variants.id = given.id
    returning variants.id, variants.product_id, variants.price_amount, variants.currency,
              variants.price_amount <> before.price_amount as is_repriced
), noted as (
    insert into prices (variant_id, amount, currency, since)
    select id, price_amount, currency, $2 from saved where is_repriced
)
select product_id, id as variant_id, price_amount, currency from saved where is_repriced
"""
# A product shows the lowest price of its variants, and is in stock when one of them is.
SETTLE = """
update products set price_amount = lowest, compare_at_amount = compare_at, in_stock = any_left
from (
    select product_id, (array_agg(price_amount order by price_amount, place))[1] as lowest,
           (array_agg(compare_at_amount order by price_amount, place))[1] as compare_at,
           bool_or(in_stock) as any_left
    from variants where product_id = any($1::uuid[]) and is_active group by product_id
) as of_variants
where products.id = product_id
"""
ARCHIVE = """
with retired as (update variants set is_active = false where product_id = $1)
update products set status = 'archived', updated_at = $2 where id = $1
"""


class Change(Struct, frozen=True):
    """A product as it was and as it shall be."""

    before: ProductDraft
    after: ProductDraft

    @property
    def gone(self) -> tuple[str, ...]:
        """Variants that are not for sale any more."""
        stays = {variant.id for variant in self.after.variants}
        return tuple(each.id for each in self.before.variants if each.id not in stays)


async def add_products(
    tx: Transaction, drafts: Sequence[ProductDraft], *, in_stock: Collection[str], now: datetime
) -> list[ProductDraft]:
    """All of one shop, with their variants; answers those not added, for their handle is taken.

    `in_stock` are ids of variants. Raises SkuTaken.
    """
    slugs = {draft.id: slug_from(draft.name) for draft in drafts}
    waiting, refused = list(drafts), list[ProductDraft]()
    while waiting:
        shop_id = waiting[0].shop_id
        rows = [product_row(draft, in_stock) | {"slug": slugs[draft.id]} for draft in waiting]
        added = {row["id"] for row in await tx.fetch(ADD_PRODUCTS, shop_id, encoded(rows), now)}
        waiting = [draft for draft in waiting if draft.id not in added]
        if waiting:
            handles = [draft.handle for draft in waiting]
            taken = {row["handle"] for row in await tx.fetch(HANDLES_TAKEN, shop_id, handles)}
            refused += [draft for draft in waiting if draft.handle in taken]
            waiting = [draft for draft in waiting if draft.handle not in taken]
            # What is left has a slug that some other product of the marketplace has.
            slugs |= {
                draft.id: f"{slugs[draft.id][:150]}-{new_code(4).lower()}" for draft in waiting
            }
    rows = [
        variant_row(variant, in_stock) | {"product": draft.id}
        for draft in drafts
        if draft not in refused
        for variant in draft.variants
    ]
    if rows:
        await add_variants(tx, drafts[0].shop_id, rows, now)
    return refused


async def add_variants(
    tx: Transaction, shop_id: str, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    try:
        await tx.execute(ADD_VARIANTS, shop_id, encoded(rows), now)
    except asyncpg.UniqueViolationError as error:
        raise SkuTaken(sku=sku_in(error)) from None


async def lock_product(tx: Transaction, product_id: str) -> ProductRow:
    """As it is once nobody else changes it. Raises ProductNotFound."""
    if not await tx.fetch(LOCK_PRODUCTS, [product_id]):
        raise ProductNotFound(product_id=product_id)
    # A statement of its own: the one that waited for the lock sees variants as they were before.
    return await get_product(tx, product_id)


async def lock_products(tx: Transaction, product_ids: Sequence[str]) -> dict[str, datetime]:
    """When each was last changed; archived ones are left out."""
    return {row["id"]: row["updated_at"] for row in await tx.fetch(LOCK_PRODUCTS, product_ids)}


async def save_products(
    tx: Transaction, changes: Sequence[Change], *, in_stock: Collection[str] = (), now: datetime
) -> list[asyncpg.Record]:
    """Those of locked products; answers the variants whose price has changed. Raises SkuTaken.

    `in_stock` are ids of new variants.
    """
    await tx.execute(SAVE_PRODUCTS, encoded(product_row(each.after, ()) for each in changes), now)
    gone, saved, new = set[str](), list[dict[str, Any]](), list[dict[str, Any]]()
    for change in changes:
        before = {variant.id: variant for variant in change.before.variants}
        gone.update(change.gone)
        for variant in change.after.variants:
            row = variant_row(variant, in_stock)
            if variant.id not in before:
                new.append(row | {"product": change.after.id})
            elif variant != before[variant.id]:
                saved.append(row)
    if not (gone or saved or new):
        return []
    if gone:
        await tx.execute(RETIRE_VARIANTS, sorted(gone))
    repriced = await save_variants(tx, saved, now) if saved else []
    if new:
        await add_variants(tx, changes[0].after.shop_id, new, now)
    await tx.execute(SETTLE, [change.after.id for change in changes])
    return repriced


async def save_variants(
    tx: Transaction, rows: Sequence[Mapping[str, Any]], now: datetime
) -> list[asyncpg.Record]:
    try:
        return await tx.fetch(SAVE_VARIANTS, encoded(rows), now)
    except asyncpg.UniqueViolationError as error:
        raise SkuTaken(sku=sku_in(error)) from None


async def archive_product(tx: Transaction, product_id: str, *, now: datetime) -> None:
    await tx.execute(ARCHIVE, product_id, now)


def product_row(draft: ProductDraft, in_stock: Collection[str]) -> dict[str, Any]:
    lowest = draft.lowest
    return {
        "id": draft.id,
        "handle": draft.handle,
        "status": draft.status,
        "name": draft.name,
        "description": draft.description,
        "category": draft.category,
        "brand": draft.brand,
        "tags": draft.tags,
        "weight": draft.weight_grams,
        "options": draft.options,
        "images": draft.images,
        "image_url": draft.images[0].url if draft.images else "",
        "currency": lowest.price.currency,
        "price": lowest.price.amount,
        "compare_at": lowest.compare_at_price.amount if lowest.compare_at_price else None,
        "in_stock": any(variant.id in in_stock for variant in draft.variants),
        "paths": paths_of(draft.category),
        "words": words_of(draft.name, draft.brand, *draft.tags),
    }


def variant_row(variant: VariantDraft, in_stock: Collection[str]) -> dict[str, Any]:
    return {
        "id": variant.id,
        "sku": variant.sku,
        "name": variant.name,
        "options": variant.options,
        "place": variant.place,
        "currency": variant.price.currency,
        "price": variant.price.amount,
        "compare_at": variant.compare_at_price.amount if variant.compare_at_price else None,
        "barcode": variant.barcode,
        "weight": variant.weight_grams,
        "image_url": variant.image_url,
        "in_stock": variant.id in in_stock,
    }


def encoded(rows: Iterable[Mapping[str, Any]]) -> str:
    return msgspec.json.encode(list(rows)).decode()


def sku_in(error: asyncpg.UniqueViolationError) -> str:
    """PostgreSQL says `Key (shop_id, sku)=(…, TEE-M) already exists.`"""
    values = (error.detail or "").partition("=(")[2]
    return values.partition(", ")[2].rpartition(")")[0]
