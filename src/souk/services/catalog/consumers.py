"""What the catalog copies when shops and inventory say something happened."""

from __future__ import annotations

from souk.contracts.inventory import StockChanged
from souk.contracts.orders import ProductsSold
from souk.contracts.shops import ShopUpdated
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.catalog.store import copies


@on(ShopUpdated)
async def shop_says_it_changed(tx: Transaction, event: ShopUpdated) -> None:
    await copies.copy_shop(tx, event.shop_id, name=event.name, is_selling=event.is_selling)


@on(StockChanged)
async def stock_ran_out_or_came_back(tx: Transaction, event: StockChanged) -> None:
    await copies.copy_stock(
        tx, product_id=event.product_id, variant_id=event.variant_id, in_stock=event.in_stock
    )


@on(ProductsSold)
async def orders_counted_what_sold(tx: Transaction, event: ProductsSold) -> None:
    await copies.copy_units_sold(tx, {each.product_id: each.units for each in event.products})
