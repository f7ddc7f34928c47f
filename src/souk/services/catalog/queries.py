"""Products, categories and offers, as they are asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from souk.contracts.catalog import (
    Category,
    CategoryNotFound,
    Image,
    Offer,
    Product,
    ProductNotFound,
    ProductStatus,
    Variant,
)
from souk.kernel.database import Queries
from souk.kernel.money import Money
from souk.services.catalog.listing import Listing, Row

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PRODUCT = """
select products.id, slug, shop_id, shop_name, is_listed, status, name, description, category, brand,
       tags, price_amount, currency, compare_at_amount, rating, review_count, in_stock, options,
       images, weight_grams, created_at, updated_at,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'id', id, 'sku', sku, 'name', name, 'options', options, 'price_amount', price_amount,
            'compare_at_amount', compare_at_amount, 'currency', currency, 'barcode', barcode,
            'weight_grams', coalesce(weight_grams, products.weight_grams), 'image_url', image_url
        ) order by place), '[]') from variants where product_id = products.id and is_active) as variants
from products
"""
BY_ID = f"{PRODUCT} where products.id = $1 and status <> 'archived'"
BY_SLUG = f"{PRODUCT} where slug = $1 and status <> 'archived'"
OFFERS = """
select variants.id as variant_id, product_id, variants.shop_id, sku, products.name,
       variants.name as variant_name,
       case when variants.image_url = '' then products.image_url else variants.image_url end as image_url,
       variants.price_amount, variants.currency as price_currency,
       coalesce(variants.weight_grams, products.weight_grams) as weight_grams, category,
       is_listed and is_active as is_sellable
from variants join products on products.id = product_id
where variants.id = any($1::uuid[]) limit 200
"""
CATEGORY = "select id, slug, name, path, coalesce(parent_id::text, '') as parent_id from categories"
CATEGORIES = f"{CATEGORY} order by path limit 10000"
ONE_CATEGORY = f"{CATEGORY} where categories.id = $1"
TAKEN = "select sku from variants where shop_id = $1 and sku = any($2) and is_active limit 1"


class VariantRow(Struct, frozen=True, kw_only=True):
    id: str
    sku: str
    name: str
    options: Mapping[str, str]
    price_amount: int
    compare_at_amount: int | None
    currency: str
    barcode: str
    weight_grams: int
    image_url: str

    def view(self, available: int) -> Variant:
        return Variant(
            id=self.id,
            sku=self.sku,
            name=self.name,
            options=self.options,
            price=Money(self.price_amount, self.currency),
            compare_at_price=money_or_none(self.compare_at_amount, self.currency),
            available=available,
            barcode=self.barcode,
            weight_grams=self.weight_grams,
            image_url=self.image_url,
        )


class ProductRow(Struct, frozen=True, kw_only=True):
    """A product with its variants, in one row."""

    id: str
    slug: str
    shop_id: str
    shop_name: str
    is_listed: bool
    status: ProductStatus
    name: str
    description: str
    category: str
    brand: str
    tags: tuple[str, ...]
    price_amount: int
    currency: str
    compare_at_amount: int | None
    rating: float
    review_count: int
    in_stock: bool
    options: tuple[str, ...]
    images: tuple[Image, ...]
    weight_grams: int
    created_at: datetime
    updated_at: datetime
    variants: tuple[VariantRow, ...]

    def view(self, available: Mapping[str, int]) -> Product:
        """As the contract has it, with what is available of each variant."""
        variants = tuple(each.view(available.get(each.id, 0)) for each in self.variants)
        return Product(
            id=self.id,
            slug=self.slug,
            shop_id=self.shop_id,
            shop_name=self.shop_name,
            status=self.status,
            name=self.name,
            description=self.description,
            category=self.category,
            brand=self.brand,
            tags=self.tags,
            price=Money(self.price_amount, self.currency),
            compare_at_price=money_or_none(self.compare_at_amount, self.currency),
            rating=self.rating,
            review_count=self.review_count,
            in_stock=any(variant.available > 0 for variant in variants),
            options=self.options,
            variants=variants,
            images=self.images,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


def money_or_none(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


async def list_products(db: Queries, listing: Listing) -> list[Row]:
    """One row more than the page holds, where there is one."""
    sql, values = listing.sql()
    return await db.fetch_as(Row, sql, *values)


async def count_products(db: Queries, listing: Listing) -> int:
    sql, values = listing.count_sql()
    return int(await db.fetchval(sql, *values))


async def get_product(db: Queries, id_or_slug: str) -> ProductRow:
    sql = BY_ID if UUID.fullmatch(id_or_slug) else BY_SLUG
    found = await db.fetchrow_as(ProductRow, sql, id_or_slug)
    if found is None:
        raise ProductNotFound(product_id=id_or_slug)
    return found


async def list_offers(db: Queries, variant_ids: Sequence[str]) -> tuple[Offer, ...]:
    return tuple(await db.fetch_as(Offer, OFFERS, variant_ids))


async def list_categories(db: Queries) -> tuple[Category, ...]:
    return tuple(await db.fetch_as(Category, CATEGORIES))


async def get_category(db: Queries, category_id: str) -> Category:
    found = await db.fetchrow_as(Category, ONE_CATEGORY, category_id)
    if found is None:
        raise CategoryNotFound(category_id=category_id)
    return found


async def find_taken_sku(db: Queries, *, shop_id: str, skus: Sequence[str]) -> str | None:
    """One of these SKUs that the shop uses already."""
    found: str | None = await db.fetchval(TAKEN, shop_id, skus)
    return found
