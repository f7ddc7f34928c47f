"""A shop, or the platform, offers a coupon; later it ends it."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.catalog import WrongCurrency
from souk.contracts.pricing import (
    CreatePlatformPromotionRequest,
    CreatePromotionRequest,
    Promotion,
    PromotionNotFound,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.pricing import store

Request = CreatePromotionRequest | CreatePlatformPromotionRequest


async def create_promotion(
    tx: Transaction, request: Request, *, shop_id: str, currency: str, now: datetime
) -> Promotion:
    """`currency` is the shop's; the platform's coupons may have a minimum in any."""
    if request.starts_at and request.ends_at and request.ends_at <= request.starts_at:
        raise InvalidRequest(FieldError("ends_at", "must be after starts_at"))
    if request.minimum and request.minimum.amount < 0:
        raise InvalidRequest(FieldError("minimum.amount", "must be at least 0"))
    if request.minimum and currency and request.minimum.currency != currency:
        raise WrongCurrency(expected=currency, given=request.minimum.currency)
    promotion = Promotion(
        id=new_id(),
        shop_id=shop_id,
        code=request.code.upper(),
        percent_basis_points=request.percent_basis_points,
        minimum=request.minimum,
        starts_at=request.starts_at,
        ends_at=request.ends_at,
        max_redemptions=request.max_redemptions,
        max_redemptions_per_customer=request.max_redemptions_per_customer,
        is_active=True,
    )
    await store.add_promotion(tx, promotion, now=now)
    return promotion


async def end_promotion(tx: Transaction, *, shop_id: str, promotion_id: str) -> None:
    if not await store.end_promotion(tx, shop_id=shop_id, promotion_id=promotion_id):
        raise PromotionNotFound()
