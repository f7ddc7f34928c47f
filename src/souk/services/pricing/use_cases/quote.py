"""What some lines cost together: offers from the catalog, parcels from shipping, sums from here."""

from __future__ import annotations

from msgspec import structs

from souk.contracts.catalog import CatalogServiceClient, GetOffersRequest, Offer
from souk.contracts.common import Address
from souk.contracts.pricing import (
    PricedLine,
    PromoCodeRefused,
    Promotion,
    QuoteRequest,
    QuoteResponse,
    TaxRate,
    VariantNotForSale,
)
from souk.contracts.shipping import GetQuoteRequest, Parcel, ShippingServiceClient
from souk.kernel.clock import Clock
from souk.kernel.database import Database
from souk.kernel.money import Money
from souk.services.pricing import model, queries
from souk.services.pricing.taxes import Taxes


class Quotes:
    """Answers quotes; holds no state but what it asks."""

    def __init__(
        self,
        database: Database,
        taxes: Taxes,
        clock: Clock,
        *,
        catalog: CatalogServiceClient,
        shipping: ShippingServiceClient,
    ) -> None:
        self.database, self.taxes, self.clock = database, taxes, clock
        self.catalog, self.shipping = catalog, shipping

    async def quote(self, request: QuoteRequest) -> QuoteResponse:
        offers = await self._offers(request)
        wanted, missing, notices = self._sellable(request, offers)
        currency = model.one_currency(wanted)
        lines = model.priced(wanted, currency)
        lines, code, notice = await self._discount(request, lines, currency)
        shipping = await self._parcels(request, wanted, currency)
        result = model.quote(
            lines,
            currency=currency,
            shipping=shipping,
            tax=await self._tax(request.destination),
            coupon_code=code,
        )
        return structs.replace(
            result, notices=(*notices, *notice), missing_variant_ids=tuple(missing)
        )

    async def _offers(self, request: QuoteRequest) -> dict[str, Offer]:
        ids = tuple(line.variant_id for line in request.lines)
        found = await self.catalog.get_offers(GetOffersRequest(variant_ids=ids))
        return {offer.variant_id: offer for offer in found.items}

    def _sellable(
        self, request: QuoteRequest, offers: dict[str, Offer]
    ) -> tuple[list[model.Wanted], list[str], list[str]]:
        """What can be sold; and, of the rest, the ids and words for the shopper."""
        wanted: list[model.Wanted] = []
        missing: list[str] = []
        notices: list[str] = []
        for line in request.lines:
            offer = offers.get(line.variant_id)
            if offer and offer.is_sellable:
                wanted.append(model.Wanted(offer, line.quantity))
                continue
            if not request.lenient:
                sku = offer.sku if offer else ""
                raise VariantNotForSale(variant_id=line.variant_id, sku=sku)
            missing.append(line.variant_id)
            notices.append(f"{offer.name if offer else 'Something'} is not for sale any more.")
        return wanted, missing, notices

    async def _discount(
        self, request: QuoteRequest, lines: list[PricedLine], currency: str
    ) -> tuple[list[PricedLine], str, list[str]]:
        """Lines after the coupon, the coupon's code if it counts, and words if it does not."""
        if not request.coupon_code or not lines:
            return lines, "", []
        try:
            promotion = await queries.find_promotion(self.database, request.coupon_code)
            if promotion is None:
                raise PromoCodeRefused(code=request.coupon_code, reason="there is no such code")
            model.must_count(promotion, lines, currency, self.clock.now())
            await self._must_be_left_for(request.buyer_id, promotion)
        except PromoCodeRefused as refused:
            if not request.lenient:
                raise
            return lines, "", [refused.detail]
        return model.discounted(lines, promotion, currency), promotion.code, []

    async def _must_be_left_for(self, buyer_id: str, promotion: Promotion) -> None:
        """A limit a customer is counted for those who can be told apart."""
        if not promotion.max_redemptions_per_customer:
            return
        if not buyer_id:
            raise PromoCodeRefused(code=promotion.code, reason="sign in to use it")
        used = await queries.count_redemptions(
            self.database, promotion_id=promotion.id, buyer_id=buyer_id
        )
        if used >= promotion.max_redemptions_per_customer:
            raise PromoCodeRefused(code=promotion.code, reason="you have used it before")

    async def _parcels(
        self, request: QuoteRequest, wanted: list[model.Wanted], currency: str
    ) -> dict[str, Money]:
        """What each shop's parcel costs; nothing is known of it before there is a destination."""
        if not (request.destination and request.shipping_method and wanted):
            return {}
        weights: dict[str, int] = {}
        for each in wanted:
            shop_id = each.offer.shop_id
            weights[shop_id] = weights.get(shop_id, 0) + each.offer.weight_grams * each.quantity
        answer = await self.shipping.get_quote(
            GetQuoteRequest(
                method=request.shipping_method,
                country=request.destination.country,
                currency=currency,
                parcels=tuple(
                    Parcel(shop_id=shop_id, weight_grams=min(grams, 1_000_000_000))
                    for shop_id, grams in weights.items()
                ),
            )
        )
        return {parcel.shop_id: parcel.price for parcel in answer.parcels}

    async def _tax(self, destination: Address | None) -> TaxRate | None:
        if destination is None:
            return None
        return await self.taxes.find(country=destination.country, state=destination.state)
