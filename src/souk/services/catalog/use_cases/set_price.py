"""A shop changes what a variant costs, or all of a product's."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.catalog import ProductNotFound, SetPriceRequest
from souk.kernel.database import Transaction
from souk.services.catalog.model import Cleaner, must_be_a_price, must_sell_in
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.store import products
from souk.services.catalog.use_cases.update_product import change_product


async def set_price(tx: Transaction, request: SetPriceRequest, *, now: datetime) -> ProductRow:
    """Without a price to compare with, there is none from now on."""
    cleaner = Cleaner()
    for field, price in (("price", request.price), ("compare_at_price", request.compare_at_price)):
        if price is not None:
            cleaner.take(f"{field}.amount", must_be_a_price, None, price)
    cleaner.must_be_clean()
    row = await products.lock_product(tx, request.product_id)
    before = row.draft()
    wanted = {variant.id for variant in before.variants}
    if request.variant_id:
        wanted &= {request.variant_id}
    if not wanted:
        raise ProductNotFound(product_id=request.product_id)
    compare_at = request.compare_at_price or None  # nothing is no price to compare with
    variants = tuple(
        structs.replace(variant, price=request.price, compare_at_price=compare_at)
        if variant.id in wanted
        else variant
        for variant in before.variants
    )
    must_sell_in(row.currency, variants)
    return await change_product(tx, row, structs.replace(before, variants=variants), now=now)
