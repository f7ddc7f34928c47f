"""A shop changes several variants of a product at once."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.catalog import SaveVariantsRequest, VariantChange, VariantNotFound
from souk.kernel.database import Transaction
from souk.kernel.money import Money
from souk.services.catalog import texts
from souk.services.catalog.model import (
    Cleaner,
    VariantDraft,
    must_be_a_price,
    must_differ,
    must_sell_in,
)
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.store import products
from souk.services.catalog.use_cases.update_product import change_product


async def save_variants(
    tx: Transaction, request: SaveVariantsRequest, *, now: datetime
) -> ProductRow:
    """Raises InvalidRequest, VariantNotFound, VariantsAlike, WrongCurrency or SkuTaken."""
    row = await products.lock_product(tx, request.product_id)
    before = row.draft()
    known = {variant.id: variant for variant in before.variants}
    cleaner = Cleaner()
    for number, change in enumerate(request.items):
        if change.variant_id not in known:
            raise VariantNotFound(variant_id=change.variant_id)
        known[change.variant_id] = changed(
            cleaner, f"items[{number}]", known[change.variant_id], change
        )
    cleaner.must_be_clean()
    variants = tuple(known.values())
    must_sell_in(row.currency, variants)
    must_differ(variants)
    return await change_product(tx, row, structs.replace(before, variants=variants), now=now)


def changed(
    cleaner: Cleaner, field: str, variant: VariantDraft, change: VariantChange
) -> VariantDraft:
    line = texts.line_from
    for name, price in (("price", change.price), ("compare_at_price", change.compare_at_price)):
        if price is not None:
            cleaner.take(f"{field}.{name}", must_be_a_price, None, price)
    sku = variant.sku if change.sku is None else change.sku
    barcode = variant.barcode if change.barcode is None else change.barcode
    return structs.replace(
        variant,
        sku=cleaner.take(f"{field}.sku", line, "", sku, most=texts.SKU_MAX, least=1),
        barcode=cleaner.take(f"{field}.barcode", line, "", barcode, most=texts.BARCODE_MAX),
        price=variant.price if change.price is None else change.price,
        compare_at_price=compared(variant, change.compare_at_price),
        weight_grams=variant.weight_grams
        if change.weight_grams is None
        else change.weight_grams or None,
    )


def compared(variant: VariantDraft, given: Money | None) -> Money | None:
    """Nothing is no price to compare with."""
    return variant.compare_at_price if given is None else given or None
