"""Coupons and tax rates, as they are asked for."""

from __future__ import annotations

from souk.contracts.pricing import Promotion, PromotionNotFound, TaxRate
from souk.kernel.database import Queries

PROMOTION = """
select id, coalesce(shop_id::text, '') as shop_id, code, percent_basis_points, minimum_amount,
       minimum_currency, starts_at, ends_at, max_redemptions, max_redemptions_per_customer,
       redemptions, is_active
from promotions
"""
BY_CODE = f"{PROMOTION} where lower(code) = lower($1) and is_active"
OF_SHOP = f"{PROMOTION} where shop_id = $1 order by created_at desc limit $2 offset $3"
ONE_OF_SHOP = f"{PROMOTION} where shop_id = $1 and id = $2"
COUNT_OF_CUSTOMER = """
select count(*) from redemptions where promotion_id = $1 and buyer_id = $2 and not is_given_back
"""
TAX_RATES = """
select country, state, name, rate_ppm, is_shipping_taxed from tax_rates
where $1 = '' or country = $1 order by country, state limit $2 offset $3
"""
# The state's own rate comes before the country's.
TAX_RATE = """
select country, state, name, rate_ppm, is_shipping_taxed from tax_rates
where country = $1
  and (state = '' or upper(state) = upper($2)
       or (state_name <> '' and lower(state_name) = lower($2)))
order by state desc limit 1
"""


async def find_promotion(db: Queries, code: str) -> Promotion | None:
    return await db.fetchrow_as(Promotion, BY_CODE, code)


async def count_redemptions(db: Queries, *, promotion_id: str, buyer_id: str) -> int:
    return int(await db.fetchval(COUNT_OF_CUSTOMER, promotion_id, buyer_id))


async def list_promotions(
    db: Queries, *, shop_id: str, limit: int, offset: int
) -> tuple[Promotion, ...]:
    return tuple(await db.fetch_as(Promotion, OF_SHOP, shop_id, limit, offset))


async def get_promotion(db: Queries, *, shop_id: str, promotion_id: str) -> Promotion:
    found = await db.fetchrow_as(Promotion, ONE_OF_SHOP, shop_id, promotion_id)
    if found is None:
        raise PromotionNotFound()
    return found


async def list_tax_rates(
    db: Queries, *, country: str, limit: int, offset: int
) -> tuple[TaxRate, ...]:
    return tuple(await db.fetch_as(TaxRate, TAX_RATES, country, limit, offset))


async def find_tax_rate(db: Queries, *, country: str, state: str) -> TaxRate | None:
    return await db.fetchrow_as(TaxRate, TAX_RATE, country, state.strip())
