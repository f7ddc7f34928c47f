"""A shop takes a product off sale for good."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.catalog import ProductArchived, ProductStatus
from souk.kernel.database import Transaction
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.store import products


async def delete_product(tx: Transaction, product_id: str, *, now: datetime) -> ProductRow:
    """Its SKUs, handle and slug are free again. Raises ProductNotFound when it is gone already."""
    row = await products.lock_product(tx, product_id)
    await products.archive_product(tx, product_id, now=now)
    tx.publish(ProductArchived(product_id=product_id, shop_id=row.shop_id))
    return structs.replace(row, status=ProductStatus.ARCHIVED, updated_at=now)
