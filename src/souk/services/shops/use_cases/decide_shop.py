"""An operator says whether a shop may stand here."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.shops import DecideShopRequest, Shop, ShopApproval, ShopStatus, ShopUpdated
from souk.kernel.database import Transaction
from souk.services.shops import store


async def decide_shop(
    tx: Transaction, request: DecideShopRequest, *, by: str, now: datetime
) -> Shop:
    """One that is refused is closed; one that is approved after all is open again."""
    shop = await store.lock_shop(tx, request.shop_id)
    was_refused = shop.approval is ShopApproval.REFUSED
    if request.is_approved:
        approval = ShopApproval.APPROVED
        status = ShopStatus.ACTIVE if was_refused else shop.status
    else:
        approval, status = ShopApproval.REFUSED, ShopStatus.CLOSED
    decided = structs.replace(shop, approval=approval, approval_note=request.note, status=status)
    await store.decide_shop(tx, decided, by=by or None, now=now)
    is_selling = decided.status is ShopStatus.ACTIVE
    tx.publish(ShopUpdated(shop_id=shop.id, name=shop.name, is_selling=is_selling))
    return decided
