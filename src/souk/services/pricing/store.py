"""Coupons, redemptions and tax rates as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from souk.contracts.pricing import (
    PromoCodeTaken,
    Promotion,
    RedeemPromoCodeRequest,
    SetTaxRateRequest,
    TaxRate,
)
from souk.kernel.database import Transaction

ADD = """
insert into promotions (id, shop_id, code, percent_basis_points, minimum_amount, minimum_currency,
                        starts_at, ends_at, max_redemptions, max_redemptions_per_customer,
                        created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
END = """
update promotions set is_active = false where shop_id = $1 and id = $2 and is_active returning 1
"""
# The first word on a checkout stands: redeemed or given back.
CLAIM = """
insert into redemptions (checkout_id, promotion_id, buyer_id, discount_amount, discount_currency)
values ($1, $2, $3, $4, $5) on conflict (checkout_id) do nothing returning 1
"""
IS_GIVEN_BACK = "select is_given_back from redemptions where checkout_id = $1"
# Locks the coupon's row, so whoever counts a customer's redemptions next counts this one.
USE = """
update promotions set redemptions = redemptions + 1
where id = $1 and is_active and (max_redemptions = 0 or redemptions < max_redemptions)
returning max_redemptions_per_customer
"""
GIVE_BACK = """
with given as (
    insert into redemptions (checkout_id, is_given_back) values ($1, true)
    on conflict (checkout_id) do update set is_given_back = true
        where not redemptions.is_given_back
    returning promotion_id
)
update promotions set redemptions = redemptions - 1
from given where promotions.id = given.promotion_id
"""
SET_TAX = """
insert into tax_rates (country, state, name, rate_ppm, is_shipping_taxed)
values ($1, $2, $3, $4, $5)
on conflict (country, state) do update
    set name = excluded.name, rate_ppm = excluded.rate_ppm,
        is_shipping_taxed = excluded.is_shipping_taxed
returning country, state, name, rate_ppm, is_shipping_taxed
"""


async def add_promotion(tx: Transaction, promotion: Promotion, *, now: datetime) -> None:
    minimum = promotion.minimum
    try:
        await tx.execute(
            ADD,
            promotion.id,
            promotion.shop_id or None,
            promotion.code,
            promotion.percent_basis_points,
            minimum.amount if minimum else None,
            minimum.currency if minimum else None,
            promotion.starts_at,
            promotion.ends_at,
            promotion.max_redemptions,
            promotion.max_redemptions_per_customer,
            now,
        )
    except asyncpg.UniqueViolationError:
        raise PromoCodeTaken(code=promotion.code) from None


async def end_promotion(tx: Transaction, *, shop_id: str, promotion_id: str) -> bool:
    return bool(await tx.fetchval(END, shop_id, promotion_id))


async def claim_redemption(
    tx: Transaction, request: RedeemPromoCodeRequest, *, promotion_id: str
) -> bool:
    """False when there was a word on this checkout before."""
    return bool(
        await tx.fetchval(
            CLAIM,
            request.checkout_id,
            promotion_id,
            request.buyer_id or None,
            request.discount.amount,
            request.discount.currency,
        )
    )


async def is_given_back(tx: Transaction, checkout_id: str) -> bool:
    return bool(await tx.fetchval(IS_GIVEN_BACK, checkout_id))


async def use_promotion(tx: Transaction, promotion_id: str) -> int | None:
    """How often a customer may use it (0: any), or None when it is used up."""
    per_customer: int | None = await tx.fetchval(USE, promotion_id)
    return per_customer


async def give_back(tx: Transaction, checkout_id: str) -> None:
    await tx.execute(GIVE_BACK, checkout_id)


async def set_tax_rate(tx: Transaction, request: SetTaxRateRequest) -> TaxRate:
    saved = await tx.fetchrow_as(
        TaxRate,
        SET_TAX,
        request.country,
        request.state,
        request.name,
        request.rate_ppm,
        request.is_shipping_taxed,
    )
    assert saved is not None, "an upsert returns its row"
    return saved
