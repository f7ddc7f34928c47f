"""Quotes from real rows, and coupons that are used as often as they may be."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from souk.contracts.catalog import CatalogService, Offer, OfferList, WrongCurrency
from souk.contracts.common import Address
from souk.contracts.pricing import (
    CreatePlatformPromotionRequest,
    CreatePromotionRequest,
    EndPromotionRequest,
    GetPromotionRequest,
    GiveBackPromoCodeRequest,
    ListPromotionsRequest,
    ListTaxRatesRequest,
    PricingServiceClient,
    PromoCodeRefused,
    PromoCodeTaken,
    PromotionNotFound,
    QuoteLine,
    QuoteRequest,
    RedeemPromoCodeRequest,
    SetTaxRateRequest,
    VariantNotForSale,
)
from souk.contracts.shipping import ParcelPrice, ShippingQuote, ShippingService
from souk.contracts.shops import Membership, Shop, ShopList, ShopService
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest, NotAllowed
from tests.support.hosting import hosted
from tests.support.people import admin, as_, customer, seller, service

SHOP, OTHER = new_id(), new_id()
OWNER = seller()
SHIRT, SOCK, GONE = new_id(), new_id(), new_id()
OFFERS = {
    SHIRT: Offer(
        variant_id=SHIRT, shop_id=SHOP, sku="TEE", name="Tee", price=Money(2000, "USD"),
        weight_grams=300, is_sellable=True,
    ),
    SOCK: Offer(
        variant_id=SOCK, shop_id=OTHER, sku="SOCK", name="Sock", price=Money(500, "USD"),
        weight_grams=50, is_sellable=True,
    ),
    GONE: Offer(variant_id=GONE, shop_id=SHOP, sku="OLD", name="Old hat", price=Money(1, "USD")),
}  # fmt: skip


class Catalog:
    async def get_offers(self, request):
        return OfferList(items=tuple(OFFERS[v] for v in request.variant_ids if v in OFFERS))


class Shipping:
    async def get_quote(self, request):
        price = Money(499, request.currency)
        parcels = [ParcelPrice(shop_id=parcel.shop_id, price=price) for parcel in request.parcels]
        return ShippingQuote(parcels=tuple(parcels))


class Shops:
    async def verify_member(self, request):
        is_owner = (request.shop_id, request.user_id) == (SHOP, OWNER.user_id)
        return Membership(is_member=is_owner, currency="USD" if is_owner else "")

    async def get_shops(self, request):
        return ShopList(items=(Shop(id=SHOP, currency="USD"),) if SHOP in request.shop_ids else ())


@pytest.fixture
async def host(servers):
    fakes = {CatalogService: Catalog(), ShippingService: Shipping(), ShopService: Shops()}
    async with hosted("pricing", servers, fakes=fakes) as host:
        yield host


@pytest.fixture
def pricing(host):
    return host.client(PricingServiceClient)


def asked(*variants: str, **more) -> QuoteRequest:
    lines = tuple(QuoteLine(variant_id=variant, quantity=1) for variant in variants)
    return QuoteRequest(lines=lines, **more)


def place(country: str, state: str = "") -> Address:
    return Address(name="Ada", street_1="1 Row", city="Town", country=country, state=state)


async def offered(pricing, code="WELCOME10", **more) -> str:
    with as_(admin()):
        request = CreatePlatformPromotionRequest(code=code, percent_basis_points=1000, **more)
        return (await pricing.create_platform_promotion(request)).code


async def test_a_quote_has_a_part_for_each_shop(pricing):
    with as_(service("orders")):
        quote = await pricing.quote(
            asked(SHIRT, SOCK, destination=place("DE"), shipping_method="standard")
        )
    assert {shop.shop_id: shop.total.amount for shop in quote.shops} == {
        SHOP: 2000 + 499 + 380 + 95,
        OTHER: 500 + 499 + 95 + 95,
    }


@pytest.mark.parametrize("state", ["NY", "ny", "New York", " new york "])
async def test_a_state_is_known_by_code_and_by_name(pricing, state):
    with as_(service("orders")):
        quote = await pricing.quote(asked(SHIRT, destination=place("US", state)))
    assert quote.tax.amount == 80


async def test_where_no_tax_is_known_none_is_taken(pricing):
    with as_(service("orders")):
        quote = await pricing.quote(asked(SHIRT, destination=place("AQ")))
    assert (quote.tax.amount, quote.taxes) == (0, ())


async def test_what_is_not_for_sale_is_refused(pricing):
    with as_(service("orders")):
        for variant, sku in ((GONE, "OLD"), (new_id(), "")):
            with pytest.raises(VariantNotForSale) as refused:
                await pricing.quote(asked(SHIRT, variant))
            assert refused.value.sku == sku


async def test_a_lenient_quote_says_what_it_left_out(pricing):
    with as_(service("carts")):
        quote = await pricing.quote(asked(SHIRT, GONE, coupon_code="NOPE", lenient=True))
    assert quote.missing_variant_ids == (GONE,)
    assert quote.total.amount == 2000
    assert len(quote.notices) == 2


async def test_a_quote_of_nothing_sellable_is_zero(pricing):
    with as_(service("carts")):
        quote = await pricing.quote(asked(GONE, lenient=True))
    assert (quote.total.amount, quote.lines) == (0, ())


async def test_codes_are_found_whatever_their_case(pricing):
    await offered(pricing)
    with as_(service("carts")):
        quote = await pricing.quote(asked(SHIRT, coupon_code="welcome10"))
    assert (quote.coupon_code, quote.discount.amount) == ("WELCOME10", 200)


def redeeming(checkout="", *, buyer="", code="WELCOME10") -> RedeemPromoCodeRequest:
    return RedeemPromoCodeRequest(
        checkout_id=checkout or new_id(), code=code, buyer_id=buyer, discount=Money(200, "USD")
    )


async def uses(host) -> int:
    return await host.database.fetchval("select redemptions from promotions")


async def test_a_hundred_at_once_redeem_ten(pricing, host):
    await offered(pricing, max_redemptions=10)
    with as_(service("orders")):
        tries = [pricing.redeem_promo_code(redeeming()) for _ in range(100)]
        ends = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(end, PromoCodeRefused) for end in ends) == 90
    assert await uses(host) == 10


async def test_a_checkout_redeems_once_and_gives_back_once(pricing, host):
    await offered(pricing)
    checkout = new_id()
    with as_(service("orders")):
        for _ in range(3):
            await pricing.redeem_promo_code(redeeming(checkout))
        assert await uses(host) == 1
        for _ in range(3):
            await pricing.give_back_promo_code(GiveBackPromoCodeRequest(checkout_id=checkout))
        assert await uses(host) == 0
        with pytest.raises(PromoCodeRefused):
            await pricing.redeem_promo_code(redeeming(checkout))


async def test_a_redemption_after_its_giving_back_is_refused(pricing, host):
    await offered(pricing)
    checkout = new_id()
    with as_(service("orders")):
        await pricing.give_back_promo_code(GiveBackPromoCodeRequest(checkout_id=checkout))
        with pytest.raises(PromoCodeRefused):
            await pricing.redeem_promo_code(redeeming(checkout))
    assert await uses(host) == 0


async def test_one_customer_uses_it_as_often_as_allowed_even_at_once(pricing, host):
    await offered(pricing, max_redemptions_per_customer=2)
    buyer = new_id()
    with as_(service("orders")):
        tries = [pricing.redeem_promo_code(redeeming(buyer=buyer)) for _ in range(20)]
        ends = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(end is not None and isinstance(end, PromoCodeRefused) for end in ends) == 18
        with pytest.raises(PromoCodeRefused, match="used it before"):
            await pricing.quote(asked(SHIRT, coupon_code="WELCOME10", buyer_id=buyer))
        with pytest.raises(PromoCodeRefused, match="sign in"):
            await pricing.quote(asked(SHIRT, coupon_code="WELCOME10"))
    assert await uses(host) == 2


def shop_coupon(**more) -> CreatePromotionRequest:
    given = {"shop_id": SHOP, "code": "SPRING", "percent_basis_points": 2500} | more
    return CreatePromotionRequest(**given)


async def test_a_shop_offers_lists_and_ends_its_own(pricing):
    with as_(OWNER):
        made = await pricing.create_promotion(shop_coupon(minimum=Money(100, "USD")))
        asked_for = GetPromotionRequest(shop_id=SHOP, promotion_id=made.id)
        assert await pricing.get_promotion(asked_for) == made
        assert (await pricing.list_promotions(ListPromotionsRequest(shop_id=SHOP))).items == (made,)
        with pytest.raises(PromoCodeTaken):
            await pricing.create_promotion(shop_coupon(code="spring"))
        ending = EndPromotionRequest(shop_id=SHOP, promotion_id=made.id)
        await pricing.end_promotion(ending)
        with pytest.raises(PromotionNotFound):
            await pricing.end_promotion(ending)
        await pricing.create_promotion(shop_coupon())  # its code is free again


@pytest.mark.parametrize("operator", [admin(), Caller(roles=frozenset({"admin"}), service="cli")])
async def test_operators_look_after_a_shops_coupons_with_an_account_or_without(pricing, operator):
    with as_(OWNER):
        made = await pricing.create_promotion(shop_coupon())
    with as_(operator):
        assert (await pricing.list_promotions(ListPromotionsRequest(shop_id=SHOP))).items == (made,)
        with pytest.raises(PromotionNotFound):
            await pricing.list_promotions(ListPromotionsRequest(shop_id=new_id()))


async def test_a_shops_coupon_counts_for_its_own_lines(pricing):
    with as_(OWNER):
        await pricing.create_promotion(shop_coupon())
    with as_(service("carts")):
        quote = await pricing.quote(asked(SHIRT, SOCK, coupon_code="SPRING"))
    assert quote.discount.amount == 500


async def test_strangers_make_no_coupons(pricing):
    with as_(seller()), pytest.raises(PromotionNotFound):
        await pricing.create_promotion(shop_coupon())
    with as_(customer()), pytest.raises(NotAllowed):
        await pricing.create_promotion(shop_coupon())
    with as_(OWNER), pytest.raises(NotAllowed):
        request = CreatePlatformPromotionRequest(code="MINE", percent_basis_points=1)
        await pricing.create_platform_promotion(request)


async def test_a_coupon_that_makes_no_sense_is_refused(pricing):
    now = datetime.now(UTC)
    with as_(OWNER):
        with pytest.raises(InvalidRequest):
            await pricing.create_promotion(
                shop_coupon(starts_at=now, ends_at=now - timedelta(days=1))
            )
        with pytest.raises(InvalidRequest):
            await pricing.create_promotion(shop_coupon(minimum=Money(-1, "USD")))
        with pytest.raises(WrongCurrency):
            await pricing.create_promotion(shop_coupon(minimum=Money(1, "EUR")))


async def test_an_admin_sets_a_tax_rate_and_quotes_follow(pricing):
    change = SetTaxRateRequest(country="DE", name="VAT", rate_ppm=160_000, is_shipping_taxed=True)
    with as_(OWNER), pytest.raises(NotAllowed):
        await pricing.set_tax_rate(change)
    with as_(admin()):
        await pricing.set_tax_rate(change)
    with as_(service("orders")):
        quote = await pricing.quote(asked(SHIRT, destination=place("DE")))
    assert quote.tax.amount == 320
    rates = await pricing.list_tax_rates(ListTaxRatesRequest(country="DE"))
    assert [rate.rate_ppm for rate in rates.items] == [160_000]
