"""Pricing, as the gateway and other services see it."""

from __future__ import annotations

from souk.contracts.pricing import (
    CreatePlatformPromotionRequest,
    CreatePromotionRequest,
    EndPromotionRequest,
    GetPromotionRequest,
    GiveBackPromoCodeRequest,
    ListPromotionsRequest,
    ListTaxRatesRequest,
    PricingService,
    PromoCodeRefused,
    Promotion,
    PromotionNotFound,
    PromotionPage,
    QuoteRequest,
    QuoteResponse,
    RedeemPromoCodeRequest,
    SetTaxRateRequest,
    TaxRate,
    TaxRatePage,
    ValidatePromoCodeRequest,
)
from souk.contracts.shops import GetShopsRequest, ShopServiceClient, VerifyMemberRequest
from souk.kernel.clock import Clock
from souk.kernel.context import call, caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.kernel.personal_data import PersonalDataRpc
from souk.services.pricing import queries, store
from souk.services.pricing.personal_store import HOLDINGS
from souk.services.pricing.taxes import Taxes
from souk.services.pricing.use_cases.create_promotion import create_promotion, end_promotion
from souk.services.pricing.use_cases.quote import Quotes
from souk.services.pricing.use_cases.redeem_promo_code import (
    give_back_promo_code,
    redeem_promo_code,
)


class PricingRpc(PersonalDataRpc, PricingService):
    """Quotes, coupons and taxes."""

    HOLDINGS = HOLDINGS

    def __init__(
        self,
        database: Database,
        quotes: Quotes,
        taxes: Taxes,
        shops: ShopServiceClient,
        clock: Clock,
    ) -> None:
        self.database, self.quotes, self.taxes = database, quotes, taxes
        self.shops, self.clock = shops, clock

    async def quote(self, request: QuoteRequest) -> QuoteResponse:
        return await self.quotes.quote(request)

    async def validate_promo_code(self, request: ValidatePromoCodeRequest) -> Promotion:
        found = await queries.find_promotion(self.database, request.code)
        if found is None or (found.shop_id and found.shop_id not in request.shop_ids):
            raise PromoCodeRefused(code=request.code, reason="there is no such code")
        return found

    async def redeem_promo_code(self, request: RedeemPromoCodeRequest) -> Empty:
        await self.database.transact(redeem_promo_code, request)
        return Empty()

    async def give_back_promo_code(self, request: GiveBackPromoCodeRequest) -> Empty:
        await self.database.transact(give_back_promo_code, request.checkout_id)
        return Empty()

    async def create_promotion(self, request: CreatePromotionRequest) -> Promotion:
        currency = await self._currency_of(request.shop_id)
        place = {"shop_id": request.shop_id, "currency": currency}
        return await self.database.once(
            Promotion, request, create_promotion, request, **place, now=self.clock.now()
        )

    async def create_platform_promotion(self, request: CreatePlatformPromotionRequest) -> Promotion:
        place = {"shop_id": "", "currency": ""}
        return await self.database.once(
            Promotion, request, create_promotion, request, **place, now=self.clock.now()
        )

    async def list_promotions(self, request: ListPromotionsRequest) -> PromotionPage:
        await self._currency_of(request.shop_id)
        page, size = request.page or 1, request.page_size or 20
        items = await queries.list_promotions(
            self.database, shop_id=request.shop_id, limit=size, offset=(page - 1) * size
        )
        return PromotionPage(items=items, page=page, page_size=size)

    async def get_promotion(self, request: GetPromotionRequest) -> Promotion:
        await self._currency_of(request.shop_id)
        return await queries.get_promotion(
            self.database, shop_id=request.shop_id, promotion_id=request.promotion_id
        )

    async def end_promotion(self, request: EndPromotionRequest) -> Empty:
        await self._currency_of(request.shop_id)
        await self.database.transact(
            end_promotion, shop_id=request.shop_id, promotion_id=request.promotion_id
        )
        return Empty()

    async def list_tax_rates(self, request: ListTaxRatesRequest) -> TaxRatePage:
        page, size = request.page or 1, request.page_size or 20
        items = await queries.list_tax_rates(
            self.database, country=request.country, limit=size, offset=(page - 1) * size
        )
        return TaxRatePage(items=items, page=page, page_size=size)

    async def set_tax_rate(self, request: SetTaxRateRequest) -> TaxRate:
        saved = await self.database.transact(store.set_tax_rate, request)
        self.taxes.forget()
        return saved

    async def _currency_of(self, shop_id: str) -> str:
        """What the shop sells in, for those who work in it and for operators."""
        by = caller()
        if by.is_operator:  # who need not be anybody: the command line has no account
            shops = await self.shops.get_shops(GetShopsRequest(shop_ids=(shop_id,)))
            known = [shop.currency for shop in shops.items]
        else:
            asked = VerifyMemberRequest(
                shop_id=shop_id, user_id=by.user_id, permission=call().permission
            )
            membership = await self.shops.verify_member(asked)
            known = [membership.currency] if membership.is_member else []
        if not known:
            raise PromotionNotFound()
        return known[0]
