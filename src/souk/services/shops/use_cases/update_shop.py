"""A shop changes what it says of itself, or pauses."""

from __future__ import annotations

from msgspec import structs

from souk.contracts.shops import Shop, ShopStatus, ShopUpdated, UpdateShopRequest
from souk.kernel.database import Transaction
from souk.services.shops import store
from souk.services.shops.model import name_from, status_after


async def update_shop(tx: Transaction, request: UpdateShopRequest) -> Shop:
    shop = await store.lock_shop(tx, request.shop_id)
    changed = structs.replace(
        shop,
        name=shop.name if request.name is None else name_from(request.name),
        description=shop.description if request.description is None else request.description,
        address=request.address or shop.address,
        location=request.location or shop.location,
        logo_url=shop.logo_url if request.logo_url is None else request.logo_url,
        banner_url=shop.banner_url if request.banner_url is None else request.banner_url,
        status=status_after(shop.status or ShopStatus.ACTIVE, is_paused=request.is_paused),
    )
    await store.save_shop(tx, changed)
    is_selling = changed.status is ShopStatus.ACTIVE
    tx.publish(ShopUpdated(shop_id=shop.id, name=changed.name, is_selling=is_selling))
    return changed
