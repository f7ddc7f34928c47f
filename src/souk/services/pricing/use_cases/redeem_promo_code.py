"""A checkout uses a coupon up, or gives it back."""

from __future__ import annotations

from souk.contracts.pricing import PromoCodeRefused, RedeemPromoCodeRequest
from souk.kernel.database import Transaction
from souk.services.pricing import queries, store


async def redeem_promo_code(tx: Transaction, request: RedeemPromoCodeRequest) -> None:
    """Once a checkout; limits hold however many try at the same moment."""
    promotion = await queries.find_promotion(tx, request.code)
    if promotion is None:
        raise PromoCodeRefused(code=request.code, reason="it has ended")
    if not await store.claim_redemption(tx, request, promotion_id=promotion.id):
        if await store.is_given_back(tx, request.checkout_id):
            raise PromoCodeRefused(code=request.code, reason="the checkout has ended")
        return
    per_customer = await store.use_promotion(tx, promotion.id)
    if per_customer is None:
        raise PromoCodeRefused(code=request.code, reason="it has been used up")
    if not per_customer:
        return
    if not request.buyer_id:
        raise PromoCodeRefused(code=request.code, reason="sign in to use it")
    used = await queries.count_redemptions(tx, promotion_id=promotion.id, buyer_id=request.buyer_id)
    if used > per_customer:
        raise PromoCodeRefused(code=request.code, reason="you have used it before")


async def give_back_promo_code(tx: Transaction, checkout_id: str) -> None:
    """Leaves a mark even where nothing was redeemed, so that a late redemption is refused."""
    await store.give_back(tx, checkout_id)
