"""A product as its row has it, as the contract shows it, and as its shop wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from souk.contracts.catalog import Image, Product, ProductStatus, Variant
from souk.kernel.money import Money
from souk.services.catalog.model import ProductDraft, VariantDraft

PRODUCT = """
select products.id, shop_id, shop_name, is_listed, handle, slug, status, name, description,
       category, brand, tags, weight_grams, options, images, currency, price_amount,
       compare_at_amount, in_stock, rating, review_count, created_at, updated_at,
       (select coalesce(jsonb_agg(jsonb_build_object(
            'id', id, 'sku', sku, 'name', name, 'options', options, 'place', place,
            'price_amount', price_amount, 'compare_at_amount', compare_at_amount,
            'barcode', barcode, 'weight_grams', weight_grams, 'image_url', image_url
        ) order by place), '[]')
        from variants where product_id = products.id and is_active) as variants
from products
"""


class VariantRow(Struct, frozen=True, kw_only=True):
    id: str
    sku: str
    name: str
    options: tuple[str, ...]
    place: int
    price_amount: int
    compare_at_amount: int | None
    barcode: str
    weight_grams: int | None
    image_url: str

    def draft(self, currency: str) -> VariantDraft:
        return VariantDraft(
            id=self.id,
            sku=self.sku,
            options=self.options,
            place=self.place,
            price=Money(self.price_amount, currency),
            compare_at_price=money_or_none(self.compare_at_amount, currency),
            barcode=self.barcode,
            weight_grams=self.weight_grams,
            image_url=self.image_url,
        )


class ProductRow(Struct, frozen=True, kw_only=True):
    """A product with its variants, in one row."""

    id: str
    shop_id: str
    shop_name: str
    is_listed: bool
    handle: str
    slug: str
    status: ProductStatus
    name: str
    description: str
    category: str
    brand: str
    tags: tuple[str, ...]
    weight_grams: int
    options: tuple[str, ...]
    images: tuple[Image, ...]
    currency: str
    price_amount: int
    compare_at_amount: int | None
    in_stock: bool
    rating: float
    review_count: int
    created_at: datetime
    updated_at: datetime
    variants: tuple[VariantRow, ...]

    def variant_views(self, available: Mapping[str, int]) -> tuple[Variant, ...]:
        return tuple(self._variant_view(each, available.get(each.id, 0)) for each in self.variants)

    def view(self, available: Mapping[str, int]) -> Product:
        """As the contract has it, with what is available of each variant."""
        variants = self.variant_views(available)
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

    def draft(self) -> ProductDraft:
        """As its shop wrote it."""
        return ProductDraft(
            id=self.id,
            shop_id=self.shop_id,
            handle=self.handle,
            name=self.name,
            options=self.options,
            variants=tuple(each.draft(self.currency) for each in self.variants),
            description=self.description,
            category=self.category,
            brand=self.brand,
            tags=self.tags,
            weight_grams=self.weight_grams,
            images=self.images,
            status=self.status,
        )

    def _variant_view(self, row: VariantRow, available: int) -> Variant:
        grams = self.weight_grams if row.weight_grams is None else row.weight_grams
        return Variant(
            id=row.id,
            sku=row.sku,
            name=row.name,
            options=dict(zip(self.options, row.options, strict=True)),
            price=Money(row.price_amount, self.currency),
            compare_at_price=money_or_none(row.compare_at_amount, self.currency),
            available=available,
            barcode=row.barcode,
            weight_grams=grams,
            image_url=row.image_url,
        )


def money_or_none(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
