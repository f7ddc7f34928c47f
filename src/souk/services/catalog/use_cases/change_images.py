"""A shop adds a picture to a product, or takes one off."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.catalog import Image, TooManyImages
from souk.contracts.media import MediaNotFound
from souk.kernel.database import Transaction
from souk.services.catalog.model import IMAGES_MAX
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.store import products
from souk.services.catalog.use_cases.update_product import change_product


async def add_image(tx: Transaction, product_id: str, image: Image, *, now: datetime) -> ProductRow:
    """After the others; one that is there already stays where it is."""
    row = await products.lock_product(tx, product_id)
    if any(each.url == image.url for each in row.images):
        return row
    if len(row.images) >= IMAGES_MAX:
        raise TooManyImages(max=IMAGES_MAX)
    after = structs.replace(row.draft(), images=(*row.images, image))
    return await change_product(tx, row, after, now=now)


async def remove_image(
    tx: Transaction, product_id: str, media_id: str, *, now: datetime
) -> ProductRow:
    row = await products.lock_product(tx, product_id)
    kept = tuple(image for image in row.images if image.media_id != media_id)
    if len(kept) == len(row.images):
        raise MediaNotFound()
    return await change_product(tx, row, structs.replace(row.draft(), images=kept), now=now)
