"""What sells is counted now and then, and what changed is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from souk.contracts.orders import ProductsSold, SoldProduct
from souk.kernel.database import Transaction
from souk.services.orders.store import sold

LATELY = timedelta(days=30)
AT_ONCE = 2000  # products: what an event may hold, and more than change in a while


async def count_sold(tx: Transaction, *, now: datetime) -> bool:
    """Whether there may be more to tell."""
    changed = await sold.count_sold(tx, since=now - LATELY, limit=AT_ONCE)
    for shop_id, rows in groupby(changed, key=itemgetter("shop_id")):
        products = tuple(SoldProduct(product_id=r["product_id"], units=r["units"]) for r in rows)
        tx.publish(ProductsSold(shop_id=shop_id, products=products, at=now))
    return len(changed) == AT_ONCE
