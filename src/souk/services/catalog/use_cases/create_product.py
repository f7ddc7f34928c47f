"""A shop puts a new product on sale."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.catalog import Product, ProductCreated
from souk.kernel.database import Transaction
from souk.kernel.ids import new_code
from souk.services.catalog.model import NewProduct
from souk.services.catalog.queries import get_product
from souk.services.catalog.store import categories, copies, products


async def create_product(tx: Transaction, new: NewProduct, *, now: datetime) -> Product:
    """Its stock is known to inventory already. Raises SkuTaken."""
    await copies.hold_shop(tx, new.shop)
    await categories.add_paths(tx, [new.draft.category])
    in_stock = {variant_id for variant_id, count in new.stock.items() if count}
    draft = new.draft
    while await products.add_products(tx, [draft], in_stock=in_stock, now=now):
        draft = structs.replace(draft, handle=f"{new.draft.handle}-{new_code(4).lower()}")
    tx.publish(ProductCreated(product_id=draft.id, shop_id=draft.shop_id))
    return (await get_product(tx, draft.id)).view(new.stock)
