"""Somebody opens a shop and becomes its owner."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.shops import (
    CreateShopRequest,
    Shop,
    ShopApproval,
    ShopCreated,
    ShopStatus,
    TooManyShops,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_code, new_id
from souk.services.shops import store
from souk.services.shops.model import SHOPS_MAX, must_be_a_currency, name_from, slug_from


async def create_shop(
    tx: Transaction, request: CreateShopRequest, *, owner_id: str, now: datetime
) -> Shop:
    must_be_a_currency(request.currency)
    if await store.count_owned(tx, owner_id) >= SHOPS_MAX:
        raise TooManyShops(max=SHOPS_MAX)
    shop = Shop(
        id=new_id(),
        slug=slug_from(request.name),
        name=name_from(request.name),
        description=request.description,
        currency=request.currency,
        status=ShopStatus.ACTIVE,
        address=request.address,
        location=request.location,
        created_at=now,
        logo_url=request.logo_url,
        banner_url=request.banner_url,
        approval=ShopApproval.AWAITING,
    )
    while not await store.add_shop(tx, shop, owner_id=owner_id):
        shop = structs.replace(shop, slug=f"{slug_from(request.name)}-{new_code(4).lower()}")
    tx.publish(ShopCreated(shop_id=shop.id, owner_id=owner_id))
    return shop
