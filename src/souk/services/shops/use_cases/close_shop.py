"""A shop closes for good: nothing more is sold, and what was sold goes on to its end."""

from __future__ import annotations

from msgspec import structs

from souk.contracts.shops import Shop, ShopStatus, ShopUpdated
from souk.kernel.database import Transaction
from souk.services.shops import store


async def close_shop(tx: Transaction, shop_id: str, *, owner_id: str) -> Shop:
    """Closing it again changes nothing."""
    shop = await store.lock_shop(tx, shop_id)
    if shop.status is ShopStatus.CLOSED:
        return shop
    closed = structs.replace(shop, status=ShopStatus.CLOSED)
    await store.save_shop(tx, closed)
    tx.audit("shops.shop_closed", subject=f"shop_id:{shop_id}", owner_id=owner_id)
    tx.publish(ShopUpdated(shop_id=shop.id, name=shop.name, is_selling=False))
    return closed
