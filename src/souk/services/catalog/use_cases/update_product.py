"""A shop changes what it says of a product."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from msgspec import structs

from souk.contracts.catalog import (
    Image,
    PriceChanged,
    ProductStatus,
    ProductUpdated,
    UpdateProductRequest,
    VariantsRetired,
)
from souk.kernel.database import Transaction
from souk.kernel.money import Money
from souk.services.catalog import texts
from souk.services.catalog.model import Cleaner, ProductDraft, cleaned_images
from souk.services.catalog.queries import get_product
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.store import categories, products
from souk.services.catalog.store.products import Change
from souk.services.catalog.use_cases.delete_product import delete_product


async def update_product(
    tx: Transaction, request: UpdateProductRequest, *, now: datetime
) -> ProductRow:
    if request.status is ProductStatus.ARCHIVED:
        return await delete_product(tx, request.product_id, now=now)
    row = await products.lock_product(tx, request.product_id)
    return await change_product(tx, row, changed(row.draft(), request), now=now)


def changed(draft: ProductDraft, request: UpdateProductRequest) -> ProductDraft:
    """Absent fields stay as they are. Raises InvalidRequest."""
    cleaner = Cleaner()
    after = structs.replace(
        draft,
        name=draft.name
        if request.name is None
        else cleaner.take("name", texts.line_from, "", request.name, most=texts.NAME_MAX, least=1),
        description=draft.description
        if request.description is None
        else cleaner.take("description", texts.html_from, "", request.description),
        category=draft.category
        if request.category is None
        else cleaner.take("category", texts.category_from, "", request.category),
        brand=draft.brand
        if request.brand is None
        else cleaner.take("brand", texts.line_from, "", request.brand, most=texts.BRAND_MAX),
        status=request.status or draft.status,
        tags=draft.tags
        if request.tags is None
        else cleaner.take("tags", texts.tags_from, (), request.tags.items),
        images=draft.images
        if request.images is None
        else kept_images(draft, cleaned_images(cleaner, request.images.items)),
        weight_grams=draft.weight_grams if request.weight_grams is None else request.weight_grams,
    )
    cleaner.must_be_clean()
    return after


def kept_images(draft: ProductDraft, wanted: tuple[Image, ...]) -> tuple[Image, ...]:
    """Nobody says of a picture that media keeps it; what is known of one stays."""
    known = {image.url: image.media_id for image in draft.images}
    return tuple(structs.replace(each, media_id=known.get(each.url, "")) for each in wanted)


async def change_product(
    tx: Transaction,
    row: ProductRow,
    after: ProductDraft,
    *,
    in_stock: Collection[str] = (),
    now: datetime,
) -> ProductRow:
    """A locked product becomes as `after` says, and whoever cares is told.

    `in_stock` are ids of new variants.
    """
    change = Change(row.draft(), after)
    if change.before == after:
        return row
    await categories.add_paths(tx, [after.category])
    for each in await products.save_products(tx, [change], in_stock=in_stock, now=now):
        price = Money(each["price_amount"], each["currency"])
        tx.publish(PriceChanged(product_id=row.id, variant_id=each["variant_id"], price=price))
    if change.gone:
        tx.publish(VariantsRetired(product_id=row.id, shop_id=row.shop_id, variant_ids=change.gone))
    tx.publish(ProductUpdated(product_id=row.id, shop_id=row.shop_id))
    return await get_product(tx, row.id)
