"""Pricing: the only arithmetic of totals.

Generated from souk/pricing/v1/pricing.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.catalog import WrongCurrency
from souk.contracts.common import (
    Address,
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.contracts.shipping import CountryUnknown, CurrencyNotServed, ShippingMethodUnknown
from souk.kernel.contract import Access, Empty, Http, Idempotency, Int32, Method, Rate
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class QuoteLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Uuid
    quantity: Annotated[int, Meta(ge=1, le=9_999)]


class QuoteRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lines: Annotated[tuple[QuoteLine, ...], Meta(min_length=1, max_length=200)]
    coupon_code: Annotated[str, Meta(max_length=50)] = ""
    destination: (
        Annotated[
            Address, Meta(description="Without a destination there is neither shipping nor tax.")
        ]
        | None
    ) = None
    shipping_method: Annotated[str, Meta(max_length=50)] = ""
    buyer_id: Annotated[
        UuidOrEmpty,
        Meta(description="Whose redemptions count: a user's id, or nothing for a guest."),
    ] = ""
    lenient: Annotated[
        bool,
        Meta(
            description=(
                "Leaves out lines that cannot be sold and coupons that do not count, and "
                "says so, instead of refusing."
            )
        ),
    ] = False


class PricedLine(Struct, frozen=True, kw_only=True):
    variant_id: str = ""
    product_id: str = ""
    shop_id: str = ""
    sku: str = ""
    name: str = ""
    variant_name: str = ""
    image_url: str = ""
    quantity: Int32 = 0
    unit_price: Money
    line_total: Annotated[Money, Meta(description="Before discount and tax.")]
    discount: Money
    tax: Money


class ShopQuote(Struct, frozen=True, kw_only=True):
    """One shop's part of a quote; it becomes one order."""

    shop_id: str = ""
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Annotated[Money, Meta(description="On goods and shipping together.")]
    total: Money


class QuoteResponse(Struct, frozen=True, kw_only=True):
    currency: str = ""
    lines: tuple[PricedLine, ...] = ()
    shops: tuple[ShopQuote, ...] = ()
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    coupon_code: str = ""
    taxes: Annotated[tuple[str, ...], Meta(description='Rates used: "DE 19 %".')] = ()
    notices: Annotated[
        tuple[str, ...],
        Meta(description="What a lenient quote left out, in words for the shopper."),
    ] = ()
    missing_variant_ids: Annotated[
        tuple[str, ...], Meta(description="Variants a lenient quote left out.")
    ] = ()


class ValidatePromoCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, max_length=50)]
    buyer_id: UuidOrEmpty = ""
    shop_ids: Annotated[tuple[str, ...], Meta(max_length=200)] = ()


class RedeemPromoCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid
    code: Annotated[str, Meta(min_length=1, max_length=50)]
    buyer_id: UuidOrEmpty = ""
    discount: Money


class GiveBackPromoCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid


class Promotion(Struct, frozen=True, kw_only=True):
    id: str = ""
    shop_id: Annotated[str, Meta(description="Empty when it is the platform's.")] = ""
    code: str = ""
    percent_basis_points: Annotated[
        Int32, Meta(description="Hundredths of a percent taken off: 1000 is 10 %.")
    ] = 0
    minimum: Annotated[Money, Meta(description="From this subtotal on.")] | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    max_redemptions: Annotated[Int32, Meta(description="0 is without limit.")] = 0
    max_redemptions_per_customer: Int32 = 0
    redemptions: Int32 = 0
    is_active: bool = False


class CreatePromotionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    code: Annotated[str, Meta(min_length=1, pattern="^[A-Za-z0-9_-]{3,50}$")]
    percent_basis_points: Annotated[int, Meta(ge=1, le=10_000)]
    minimum: Money | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    max_redemptions: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    max_redemptions_per_customer: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class CreatePlatformPromotionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, pattern="^[A-Za-z0-9_-]{3,50}$")]
    percent_basis_points: Annotated[int, Meta(ge=1, le=10_000)]
    minimum: Money | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    max_redemptions: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    max_redemptions_per_customer: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class ListPromotionsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0


class PromotionPage(Struct, frozen=True, kw_only=True):
    items: tuple[Promotion, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0


class GetPromotionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    promotion_id: Uuid


class EndPromotionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    promotion_id: Uuid


class ListTaxRatesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    country: Annotated[str, Meta(pattern="^([A-Z]{2})?$")] = ""


class TaxRate(Struct, frozen=True, kw_only=True):
    country: str = ""
    state: Annotated[str, Meta(description="Empty: the whole country.")] = ""
    name: Annotated[str, Meta(description='What receipts call it: "VAT", "Sales tax".')] = ""
    rate_ppm: Annotated[
        Int32, Meta(description="Parts per million: 190000 is 19 %, 68750 is 6.875 %.")
    ] = 0
    is_shipping_taxed: bool = False


class TaxRatePage(Struct, frozen=True, kw_only=True):
    items: tuple[TaxRate, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0


class SetTaxRateRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    country: Annotated[str, Meta(min_length=1, pattern="^[A-Z]{2}$")]
    state: Annotated[str, Meta(max_length=120)] = ""
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    rate_ppm: Annotated[
        int, Meta(ge=0, le=1_000_000, description="Parts per million: 190000 is 19 %.")
    ]
    is_shipping_taxed: bool = False


class VariantNotForSale(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "SKU {sku} is not for sale any more."
    variant_id: str
    sku: str


class AmountTooLarge(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "That would cost more than Souk can count."


class CurrenciesMixed(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "One cart holds one currency: {first}, not {second}."
    first: str
    second: str


class PromoCodeRefused(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The code {code} cannot be used: {reason}."
    code: str
    reason: str


class PromoCodeTaken(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "There is a promotion with the code {code} already."
    code: str


class PromotionNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such promotion in a shop of yours."


class PricingService(ABC):
    """Quotes, coupons and taxes."""

    NAME: ClassVar[str] = "souk.pricing.v1.PricingService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def quote(self, request: QuoteRequest) -> QuoteResponse:
        """What some lines cost together, with discount, shipping and tax, in all and for each
        shop.
        """

    @abstractmethod
    async def validate_promo_code(self, request: ValidatePromoCodeRequest) -> Promotion:
        """Whether a coupon would count for a subtotal, and how much."""

    @abstractmethod
    async def redeem_promo_code(self, request: RedeemPromoCodeRequest) -> Empty:
        """Uses a coupon up for a checkout; repeating it changes nothing."""

    @abstractmethod
    async def give_back_promo_code(self, request: GiveBackPromoCodeRequest) -> Empty:
        """Takes a redemption back; taking back none is success, and a late redemption is
        refused.
        """

    @abstractmethod
    async def create_promotion(self, request: CreatePromotionRequest) -> Promotion:
        """A coupon of a shop."""

    @abstractmethod
    async def create_platform_promotion(self, request: CreatePlatformPromotionRequest) -> Promotion:
        """A coupon of the platform, good in every shop."""

    @abstractmethod
    async def list_promotions(self, request: ListPromotionsRequest) -> PromotionPage: ...

    @abstractmethod
    async def get_promotion(self, request: GetPromotionRequest) -> Promotion: ...

    @abstractmethod
    async def end_promotion(self, request: EndPromotionRequest) -> Empty:
        """Ends a coupon; redemptions stay as they are."""

    @abstractmethod
    async def list_tax_rates(self, request: ListTaxRatesRequest) -> TaxRatePage:
        """What is charged where."""

    @abstractmethod
    async def set_tax_rate(self, request: SetTaxRateRequest) -> TaxRate:
        """Sets the rate of a country, or of a state of it."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class PricingServiceClient(PricingService):
    """Calls PricingService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def quote(self, request: QuoteRequest) -> QuoteResponse:
        answer: QuoteResponse = await self._transport.call(QUOTE, request)
        return answer

    async def validate_promo_code(self, request: ValidatePromoCodeRequest) -> Promotion:
        answer: Promotion = await self._transport.call(VALIDATE_PROMO_CODE, request)
        return answer

    async def redeem_promo_code(self, request: RedeemPromoCodeRequest) -> Empty:
        answer: Empty = await self._transport.call(REDEEM_PROMO_CODE, request)
        return answer

    async def give_back_promo_code(self, request: GiveBackPromoCodeRequest) -> Empty:
        answer: Empty = await self._transport.call(GIVE_BACK_PROMO_CODE, request)
        return answer

    async def create_promotion(self, request: CreatePromotionRequest) -> Promotion:
        answer: Promotion = await self._transport.call(CREATE_PROMOTION, request)
        return answer

    async def create_platform_promotion(self, request: CreatePlatformPromotionRequest) -> Promotion:
        answer: Promotion = await self._transport.call(CREATE_PLATFORM_PROMOTION, request)
        return answer

    async def list_promotions(self, request: ListPromotionsRequest) -> PromotionPage:
        answer: PromotionPage = await self._transport.call(LIST_PROMOTIONS, request)
        return answer

    async def get_promotion(self, request: GetPromotionRequest) -> Promotion:
        answer: Promotion = await self._transport.call(GET_PROMOTION, request)
        return answer

    async def end_promotion(self, request: EndPromotionRequest) -> Empty:
        answer: Empty = await self._transport.call(END_PROMOTION, request)
        return answer

    async def list_tax_rates(self, request: ListTaxRatesRequest) -> TaxRatePage:
        answer: TaxRatePage = await self._transport.call(LIST_TAX_RATES, request)
        return answer

    async def set_tax_rate(self, request: SetTaxRateRequest) -> TaxRate:
        answer: TaxRate = await self._transport.call(SET_TAX_RATE, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


QUOTE = Method(
    service="souk.pricing.v1.PricingService",
    name="Quote",
    python="quote",
    request=QuoteRequest,
    response=QuoteResponse,
    access=Access(internal=True),
    errors=(
        VariantNotForSale,
        CurrenciesMixed,
        ShippingMethodUnknown,
        CountryUnknown,
        CurrencyNotServed,
        PromoCodeRefused,
        AmountTooLarge,
    ),
    rate=Rate.WRITE,
    comment=(
        "What some lines cost together, with discount, shipping and tax, in all and for each shop."
    ),
)
VALIDATE_PROMO_CODE = Method(
    service="souk.pricing.v1.PricingService",
    name="ValidatePromoCode",
    python="validate_promo_code",
    request=ValidatePromoCodeRequest,
    response=Promotion,
    access=Access(internal=True),
    errors=(PromoCodeRefused,),
    rate=Rate.WRITE,
    comment="Whether a coupon would count for a subtotal, and how much.",
)
REDEEM_PROMO_CODE = Method(
    service="souk.pricing.v1.PricingService",
    name="RedeemPromoCode",
    python="redeem_promo_code",
    request=RedeemPromoCodeRequest,
    response=Empty,
    access=Access(internal=True),
    errors=(PromoCodeRefused,),
    rate=Rate.WRITE,
    comment="Uses a coupon up for a checkout; repeating it changes nothing.",
)
GIVE_BACK_PROMO_CODE = Method(
    service="souk.pricing.v1.PricingService",
    name="GiveBackPromoCode",
    python="give_back_promo_code",
    request=GiveBackPromoCodeRequest,
    response=Empty,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=(
        "Takes a redemption back; taking back none is success, and a late redemption is refused."
    ),
)
CREATE_PROMOTION = Method(
    service="souk.pricing.v1.PricingService",
    name="CreatePromotion",
    python="create_promotion",
    request=CreatePromotionRequest,
    response=Promotion,
    http=(Http("POST", "/api/v1/shops/{shop_id}/promotions", body="*"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(
        PromoCodeTaken,
        PromotionNotFound,
        WrongCurrency,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="A coupon of a shop.",
)
CREATE_PLATFORM_PROMOTION = Method(
    service="souk.pricing.v1.PricingService",
    name="CreatePlatformPromotion",
    python="create_platform_promotion",
    request=CreatePlatformPromotionRequest,
    response=Promotion,
    http=(Http("POST", "/api/v1/promotions", body="*"),),
    access=Access(roles=frozenset({"admin"})),
    errors=(PromoCodeTaken,),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="A coupon of the platform, good in every shop.",
)
LIST_PROMOTIONS = Method(
    service="souk.pricing.v1.PricingService",
    name="ListPromotions",
    python="list_promotions",
    request=ListPromotionsRequest,
    response=PromotionPage,
    http=(Http("GET", "/api/v1/shops/{shop_id}/promotions"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(PromotionNotFound,),
    rate=Rate.READ,
)
GET_PROMOTION = Method(
    service="souk.pricing.v1.PricingService",
    name="GetPromotion",
    python="get_promotion",
    request=GetPromotionRequest,
    response=Promotion,
    http=(Http("GET", "/api/v1/shops/{shop_id}/promotions/{promotion_id}"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(PromotionNotFound,),
    rate=Rate.READ,
)
END_PROMOTION = Method(
    service="souk.pricing.v1.PricingService",
    name="EndPromotion",
    python="end_promotion",
    request=EndPromotionRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/shops/{shop_id}/promotions/{promotion_id}"),),
    access=Access(roles=frozenset({"seller", "admin"})),
    errors=(PromotionNotFound,),
    rate=Rate.WRITE,
    comment="Ends a coupon; redemptions stay as they are.",
)
LIST_TAX_RATES = Method(
    service="souk.pricing.v1.PricingService",
    name="ListTaxRates",
    python="list_tax_rates",
    request=ListTaxRatesRequest,
    response=TaxRatePage,
    http=(Http("GET", "/api/v1/pricing/tax-rates"),),
    access=Access(public=True),
    rate=Rate.READ,
    comment="What is charged where.",
)
SET_TAX_RATE = Method(
    service="souk.pricing.v1.PricingService",
    name="SetTaxRate",
    python="set_tax_rate",
    request=SetTaxRateRequest,
    response=TaxRate,
    http=(Http("PUT", "/api/v1/pricing/tax-rates", body="*"),),
    access=Access(roles=frozenset({"admin"})),
    rate=Rate.WRITE,
    comment="Sets the rate of a country, or of a state of it.",
)
EXPORT_PERSON = Method(
    service="souk.pricing.v1.PricingService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.pricing.v1.PricingService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

PricingService.METHODS = (
    QUOTE,
    VALIDATE_PROMO_CODE,
    REDEEM_PROMO_CODE,
    GIVE_BACK_PROMO_CODE,
    CREATE_PROMOTION,
    CREATE_PLATFORM_PROMOTION,
    LIST_PROMOTIONS,
    GET_PROMOTION,
    END_PROMOTION,
    LIST_TAX_RATES,
    SET_TAX_RATE,
    EXPORT_PERSON,
    ERASE_PERSON,
)
