"""Orders: from checkout to delivery.

Generated from souk/orders/v1/orders.proto, souk/orders/v1/events.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    Address,
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.contracts.inventory import InsufficientStock
from souk.contracts.payments import NextAction, PaymentDeclined, PaymentStatus, ProviderUnknown
from souk.contracts.pricing import (
    AmountTooLarge,
    CurrenciesMixed,
    PromoCodeRefused,
    QuoteLine,
    VariantNotForSale,
)
from souk.contracts.shipping import (
    CarrierUnknown,
    CountryUnknown,
    CurrencyNotServed,
    ShippingMethodUnknown,
)
from souk.contracts.users import AddressNotFound
from souk.kernel.contract import (
    Access,
    Answer,
    Event,
    Http,
    Idempotency,
    Int32,
    Int64,
    Method,
    Rate,
)
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import EmailOrEmpty, Instant, Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class CheckoutStatus(StrEnum):
    RUNNING = "running"
    REQUIRES_ACTION = "requires_action"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PaymentChoice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z0-9_]{1,40}$")]
    method: Annotated[str, Meta(max_length=500)] = ""


class PlaceOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shipping_address: Address | None = None
    shipping_address_id: Annotated[
        UuidOrEmpty, Meta(description="One of the caller's saved addresses, instead.")
    ] = ""
    shipping_method: Annotated[str, Meta(min_length=1, max_length=50)]
    email: Annotated[
        EmailOrEmpty, Meta(description="Where mails about the order go; guests must give it.")
    ] = ""
    payment: PaymentChoice
    cart_version: (
        Annotated[
            int,
            Meta(
                ge=0,
                le=2**31 - 1,
                description="The version of the cart that the shopper saw; another one is refused.",
            ),
        ]
        | None
    ) = None
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class CheckoutPayment(Struct, frozen=True, kw_only=True):
    id: str = ""
    status: PaymentStatus | None = None
    provider: str = ""
    next_action: NextAction | None = None


class Checkout(Struct, frozen=True, kw_only=True):
    id: str = ""
    status: CheckoutStatus | None = None
    total: Money | None = None
    payment: CheckoutPayment | None = None
    refusal: Annotated[str, Meta(description="Why it was refused, by the code of the refusal.")] = (
        ""
    )
    expires_at: (
        Annotated[Instant, Meta(description="When a checkout that waits for the shopper ends.")]
        | None
    ) = None


class PlacedOrders(Struct, frozen=True, kw_only=True):
    checkout: Checkout
    orders: tuple[Order, ...] = ()


class OrderItem(Struct, frozen=True, kw_only=True):
    id: str = ""
    product_id: str = ""
    variant_id: str = ""
    sku: str = ""
    name: str = ""
    variant_name: str = ""
    image_url: str = ""
    quantity: Int32 = 0
    unit_price: Money | None = None
    line_total: Money | None = None
    discount: Money | None = None
    tax: Money | None = None
    quantity_shipped: Int32 = 0


class TimelineEvent(Struct, frozen=True, kw_only=True):
    event: Annotated[
        str, Meta(description="placed, confirmed, shipped, delivered, cancelled, refunded …")
    ] = ""
    at: Instant | None = None
    note: str = ""


class Order(Struct, frozen=True, kw_only=True):
    id: str = ""
    order_number: str = ""
    checkout_id: str = ""
    shop_id: str = ""
    status: OrderStatus | None = None
    items: tuple[OrderItem, ...] = ()
    subtotal: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    shipping_address: (
        Annotated[Address, Meta(description="Only for the buyer, the shop and whoever delivers.")]
        | None
    ) = None
    shipping_method: str = ""
    carrier: str = ""
    tracking_number: str = ""
    timeline: tuple[TimelineEvent, ...] = ()
    placed_at: Instant | None = None
    refunded: Money | None = None
    payment_id: str = ""


class OrderSummary(Struct, frozen=True, kw_only=True):
    id: str = ""
    order_number: str = ""
    shop_id: str = ""
    status: OrderStatus | None = None
    total: Money | None = None
    item_count: Int32 = 0
    placed_at: Instant | None = None


class OrderPage(Struct, frozen=True, kw_only=True):
    items: tuple[OrderSummary, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    next_cursor: str = ""


class PreviewOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shipping_address: Address | None = None
    shipping_method: Annotated[str, Meta(max_length=50)] = ""
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class ShopPreview(Struct, frozen=True, kw_only=True):
    shop_id: str = ""
    subtotal: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None


class OrderPreview(Struct, frozen=True, kw_only=True):
    shops: tuple[ShopPreview, ...] = ()
    subtotal: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    taxes: tuple[str, ...] = ()


class GetCheckoutRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class ListOrdersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""
    status: OrderStatus | None = None


class GetOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class GetTimelineRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class Timeline(Struct, frozen=True, kw_only=True):
    events: tuple[TimelineEvent, ...] = ()


class CancelOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid
    reason: Annotated[str, Meta(max_length=500)] = ""
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class ListShopOrdersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""
    status: OrderStatus | None = None


class GetShopSalesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    days: Annotated[int, Meta(ge=0, le=366, description="Up to today; 30 when absent.")] = 0


class DaySales(Struct, frozen=True, kw_only=True):
    """Of orders that were not cancelled."""

    day: Annotated[str, Meta(description="2026-11-21")] = ""
    orders: Int32 = 0
    amount: Int64 = 0


class ShopSales(Struct, frozen=True, kw_only=True):
    days: Annotated[
        tuple[DaySales, ...], Meta(description="Every day of the time, oldest first.")
    ] = ()
    currency: Annotated[str, Meta(description="Empty until the shop has sold something.")] = ""
    to_fulfill: Int32 = 0


class ListAllOrdersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""
    status: OrderStatus | None = None
    number: Annotated[
        str,
        Meta(
            max_length=30, pattern="^[A-Z0-9-]*$", description="The beginning of an order's number."
        ),
    ] = ""
    order_ids: Annotated[tuple[Uuid, ...], Meta(max_length=100, description="Only these.")] = ()


class FulfillmentLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: Uuid
    quantity: Annotated[int, Meta(ge=1, le=9_999)]


class FulfillOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    order_id: Uuid
    carrier: Annotated[str, Meta(min_length=1, max_length=50)]
    items: Annotated[
        tuple[FulfillmentLine, ...], Meta(max_length=200, description="All open lines when absent.")
    ] = ()
    tracking_number: Annotated[
        str,
        Meta(
            max_length=60,
            pattern="^[A-Za-z0-9-]*$",
            description="The carrier's number; Souk's own couriers are given one.",
        ),
    ] = ""


class DeliverOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid


class WatchOrderRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class OrderUpdate(Struct, frozen=True, kw_only=True):
    event: str = ""
    order_id: str = ""
    status: OrderStatus | None = None
    at: Instant | None = None


class PastPurchase(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_id: Uuid
    buyer_id: Annotated[UuidOrEmpty, Meta(description="Empty for guests.")] = ""
    email: EmailOrEmpty = ""
    address: Address
    shipping_method: Annotated[str, Meta(min_length=1, max_length=50)]
    lines: Annotated[tuple[QuoteLine, ...], Meta(min_length=1, max_length=200)]
    coupon_code: Annotated[str, Meta(max_length=50)] = ""
    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z0-9_]{1,40}$")]
    placed_at: Instant
    shipped_at: (
        Annotated[Instant, Meta(description="Absent: it has not left the shops.")] | None
    ) = None
    delivered_at: Instant | None = None
    carrier: Annotated[str, Meta(max_length=50)] = ""


class TakeOverPurchasesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    purchases: Annotated[tuple[PastPurchase, ...], Meta(min_length=1, max_length=50)]


class TakenOver(Struct, frozen=True, kw_only=True):
    count: Annotated[Int32, Meta(description="How many were new.")] = 0


class GetOrderFactsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    order_id: Uuid


class OrderFacts(Struct, frozen=True, kw_only=True):
    order: Order
    buyer_id: Annotated[str, Meta(description="Empty for guests.")] = ""
    email: Annotated[
        str,
        Meta(
            description=(
                "Where a guest is reached, or a shopper who gave another address for this order."
            )
        ),
    ] = ""


class FindGuestsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(min_length=1, max_length=254)]


class GuestList(Struct, frozen=True, kw_only=True):
    checkout_ids: Annotated[
        tuple[str, ...],
        Meta(description="Of checkouts that still know whom they were for, the latest first."),
    ] = ()


class EmptyCart(Refusal):
    KIND = Kind.INVALID
    DETAIL = "There is nothing in the cart to order."


class CartChanged(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The cart has changed: it is at version {version} now. Look at it again."
    version: int


class CheckoutInProgress(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "This cart is being checked out already."
    checkout_id: str


class CheckoutExpired(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The time to pay for this checkout ran out."


class CheckoutNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such checkout for you to see."


class AddressMissing(Refusal):
    KIND = Kind.INVALID
    DETAIL = "Say where it should be sent: give shipping_address or shipping_address_id."


class EmailMissing(Refusal):
    KIND = Kind.INVALID
    DETAIL = "Guests give an e-mail address for mails about the order."


class OrderNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such order for you to see."


class OrderAlreadyShipped(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Order {order_number} has shipped and can no longer be cancelled."
    order_number: str


class OrderNotCancellable(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Order {order_number} is {status} and cannot be cancelled."
    order_number: str
    status: str


class OrderNotFulfillable(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Order {order_number} is {status} and cannot be sent."
    order_number: str
    status: str


class LinesNotOpen(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Line {item_id} has no more than {open} left to send."
    item_id: str
    open: int


class OrderNotShipped(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Order {order_number} is {status}; only a shipped order can be delivered."
    order_number: str
    status: str


class OrderConfirmed(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.orders.confirmed"
    AGGREGATE: ClassVar[str] = "order_id"

    order_id: str = ""
    checkout_id: str = ""
    shop_id: str = ""
    buyer_id: str = ""
    total: Money
    at: Instant | None = None


class OrderShipped(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.orders.shipped"
    AGGREGATE: ClassVar[str] = "order_id"

    order_id: str = ""
    shop_id: str = ""
    tracking_number: str = ""
    at: Instant | None = None


class OrderDelivered(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.orders.delivered"
    AGGREGATE: ClassVar[str] = "order_id"

    order_id: str = ""
    shop_id: str = ""
    checkout_id: str = ""
    at: Instant | None = None


class OrderCancelled(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.orders.cancelled"
    AGGREGATE: ClassVar[str] = "order_id"

    order_id: str = ""
    checkout_id: str = ""
    shop_id: str = ""
    at: Instant | None = None


class OrderRefunded(Event, frozen=True, kw_only=True):
    """Money of an order has gone back to its buyer: all of it, or this part."""

    SUBJECT: ClassVar[str] = "souk.orders.refunded"
    AGGREGATE: ClassVar[str] = "order_id"

    order_id: str = ""
    shop_id: str = ""
    amount: Money
    at: Instant | None = None
    refund_id: str = ""


class CheckoutEnded(Event, frozen=True, kw_only=True):
    """A checkout that waited for its payment ended without one."""

    SUBJECT: ClassVar[str] = "souk.orders.checkout_ended"
    AGGREGATE: ClassVar[str] = "checkout_id"

    checkout_id: str = ""
    reason: str = ""


class ProductsSold(Event, frozen=True, kw_only=True):
    """How much of a shop's products was bought lately, as often as it is counted anew: only
    those whose
    number became another. Orders that were cancelled or refunded in full are not among them.
    """

    SUBJECT: ClassVar[str] = "souk.orders.products_sold"
    AGGREGATE: ClassVar[str] = "shop_id"

    shop_id: str = ""
    products: tuple[SoldProduct, ...] = ()
    at: Instant | None = None


class SoldProduct(Struct, frozen=True, kw_only=True):
    product_id: str = ""
    units: Annotated[Int32, Meta(description="In the last 30 days.")] = 0


class OrderService(ABC):
    """A checkout becomes one order a shop; each order then lives its own life."""

    NAME: ClassVar[str] = "souk.orders.v1.OrderService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def place_order(self, request: PlaceOrderRequest) -> PlacedOrders:
        """Checks out the caller's cart: prices it, holds stock, takes payment, confirms."""

    @abstractmethod
    async def preview_order(self, request: PreviewOrderRequest) -> OrderPreview:
        """What a checkout of the caller's cart would cost."""

    @abstractmethod
    async def get_checkout(self, request: GetCheckoutRequest) -> PlacedOrders:
        """A checkout and its orders, for whoever placed it."""

    @abstractmethod
    async def list_orders(self, request: ListOrdersRequest) -> OrderPage:
        """The caller's orders, newest first."""

    @abstractmethod
    async def get_order(self, request: GetOrderRequest) -> Order:
        """An order, for its buyer, its shop, couriers and operators."""

    @abstractmethod
    async def get_timeline(self, request: GetTimelineRequest) -> Timeline:
        """What happened to an order, oldest first."""

    @abstractmethod
    async def cancel_order(self, request: CancelOrderRequest) -> Order:
        """Cancels an order that has not shipped; its money goes back, its goods return to
        stock.
        """

    @abstractmethod
    async def list_shop_orders(self, request: ListShopOrdersRequest) -> OrderPage:
        """The orders of a shop, newest first."""

    @abstractmethod
    async def get_shop_sales(self, request: GetShopSalesRequest) -> ShopSales:
        """What a shop sold, day by day in UTC, and how many orders wait to be sent."""

    @abstractmethod
    async def list_all_orders(self, request: ListAllOrdersRequest) -> OrderPage:
        """The orders of all shops, newest first."""

    @abstractmethod
    async def fulfill_order(self, request: FulfillOrderRequest) -> Order:
        """Sends an order, or some of its lines, on its way."""

    @abstractmethod
    async def deliver_order(self, request: DeliverOrderRequest) -> Order:
        """Says that an order has arrived."""

    @abstractmethod
    def watch_order(self, request: WatchOrderRequest) -> AsyncIterator[OrderUpdate]:
        """What happens to an order from now on, after one message that tells how it stands."""

    @abstractmethod
    async def take_over_purchases(self, request: TakeOverPurchasesRequest) -> TakenOver:
        """Takes over purchases that were made before, elsewhere: at today's prices, with their
        own
        dates, and told to nobody. Repeating it changes nothing; what cannot be sold is left
        out.
        """

    @abstractmethod
    async def get_order_facts(self, request: GetOrderFactsRequest) -> OrderFacts:
        """What mails about an order need to know."""

    @abstractmethod
    async def find_guests(self, request: FindGuestsRequest) -> GuestList:
        """Purchases that were made without an account, by the e-mail that was given: whoever
        leaves with
        them is each of these.
        """

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody; of a guest, by the id of the checkout."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class OrderServiceClient(OrderService):
    """Calls OrderService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def place_order(self, request: PlaceOrderRequest) -> PlacedOrders:
        answer: PlacedOrders = await self._transport.call(PLACE_ORDER, request)
        return answer

    async def preview_order(self, request: PreviewOrderRequest) -> OrderPreview:
        answer: OrderPreview = await self._transport.call(PREVIEW_ORDER, request)
        return answer

    async def get_checkout(self, request: GetCheckoutRequest) -> PlacedOrders:
        answer: PlacedOrders = await self._transport.call(GET_CHECKOUT, request)
        return answer

    async def list_orders(self, request: ListOrdersRequest) -> OrderPage:
        answer: OrderPage = await self._transport.call(LIST_ORDERS, request)
        return answer

    async def get_order(self, request: GetOrderRequest) -> Order:
        answer: Order = await self._transport.call(GET_ORDER, request)
        return answer

    async def get_timeline(self, request: GetTimelineRequest) -> Timeline:
        answer: Timeline = await self._transport.call(GET_TIMELINE, request)
        return answer

    async def cancel_order(self, request: CancelOrderRequest) -> Order:
        answer: Order = await self._transport.call(CANCEL_ORDER, request)
        return answer

    async def list_shop_orders(self, request: ListShopOrdersRequest) -> OrderPage:
        answer: OrderPage = await self._transport.call(LIST_SHOP_ORDERS, request)
        return answer

    async def get_shop_sales(self, request: GetShopSalesRequest) -> ShopSales:
        answer: ShopSales = await self._transport.call(GET_SHOP_SALES, request)
        return answer

    async def list_all_orders(self, request: ListAllOrdersRequest) -> OrderPage:
        answer: OrderPage = await self._transport.call(LIST_ALL_ORDERS, request)
        return answer

    async def fulfill_order(self, request: FulfillOrderRequest) -> Order:
        answer: Order = await self._transport.call(FULFILL_ORDER, request)
        return answer

    async def deliver_order(self, request: DeliverOrderRequest) -> Order:
        answer: Order = await self._transport.call(DELIVER_ORDER, request)
        return answer

    def watch_order(self, request: WatchOrderRequest) -> AsyncIterator[OrderUpdate]:
        answer: AsyncIterator[OrderUpdate] = self._transport.stream(WATCH_ORDER, request)
        return answer

    async def take_over_purchases(self, request: TakeOverPurchasesRequest) -> TakenOver:
        answer: TakenOver = await self._transport.call(TAKE_OVER_PURCHASES, request)
        return answer

    async def get_order_facts(self, request: GetOrderFactsRequest) -> OrderFacts:
        answer: OrderFacts = await self._transport.call(GET_ORDER_FACTS, request)
        return answer

    async def find_guests(self, request: FindGuestsRequest) -> GuestList:
        answer: GuestList = await self._transport.call(FIND_GUESTS, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


PLACE_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="PlaceOrder",
    python="place_order",
    request=PlaceOrderRequest,
    response=PlacedOrders,
    http=(Http("POST", "/api/v1/orders", body="*"),),
    access=Access(public=True),
    errors=(
        EmptyCart,
        CartChanged,
        CheckoutInProgress,
        CheckoutExpired,
        AddressMissing,
        EmailMissing,
        AddressNotFound,
        InsufficientStock,
        VariantNotForSale,
        CurrenciesMixed,
        PromoCodeRefused,
        ShippingMethodUnknown,
        CountryUnknown,
        CurrencyNotServed,
        AmountTooLarge,
        PaymentDeclined,
        ProviderUnknown,
    ),
    idempotent=Idempotency.REQUIRED,
    rate=Rate.CHECKOUT,
    answer=Answer(
        status=201, when_field="checkout.status", when_value="requires_action", when_status=202
    ),
    headers={"cart_token": "X-Cart-Token"},
    comment=("Checks out the caller's cart: prices it, holds stock, takes payment, confirms."),
)
PREVIEW_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="PreviewOrder",
    python="preview_order",
    request=PreviewOrderRequest,
    response=OrderPreview,
    http=(Http("POST", "/api/v1/orders/calculate-preview", body="*"),),
    access=Access(public=True),
    errors=(
        EmptyCart,
        VariantNotForSale,
        CurrenciesMixed,
        PromoCodeRefused,
        ShippingMethodUnknown,
        CountryUnknown,
        CurrencyNotServed,
        AmountTooLarge,
    ),
    rate=Rate.WRITE,
    answer=Answer(status=200),
    headers={"cart_token": "X-Cart-Token"},
    comment="What a checkout of the caller's cart would cost.",
)
GET_CHECKOUT = Method(
    service="souk.orders.v1.OrderService",
    name="GetCheckout",
    python="get_checkout",
    request=GetCheckoutRequest,
    response=PlacedOrders,
    http=(Http("GET", "/api/v1/checkouts/{checkout_id}"),),
    access=Access(public=True),
    errors=(CheckoutNotFound,),
    rate=Rate.READ,
    answer=Answer(status=200),
    headers={"cart_token": "X-Cart-Token"},
    comment="A checkout and its orders, for whoever placed it.",
)
LIST_ORDERS = Method(
    service="souk.orders.v1.OrderService",
    name="ListOrders",
    python="list_orders",
    request=ListOrdersRequest,
    response=OrderPage,
    http=(
        Http("GET", "/api/v1/orders"),
        Http("GET", "/api/v1/orders/history"),
    ),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="The caller's orders, newest first.",
)
GET_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="GetOrder",
    python="get_order",
    request=GetOrderRequest,
    response=Order,
    http=(Http("GET", "/api/v1/orders/{order_id}"),),
    access=Access(public=True),
    errors=(OrderNotFound,),
    rate=Rate.READ,
    headers={"cart_token": "X-Cart-Token"},
    comment="An order, for its buyer, its shop, couriers and operators.",
)
GET_TIMELINE = Method(
    service="souk.orders.v1.OrderService",
    name="GetTimeline",
    python="get_timeline",
    request=GetTimelineRequest,
    response=Timeline,
    http=(
        Http("GET", "/api/v1/orders/{order_id}/timeline"),
        Http("GET", "/api/v1/orders/{order_id}/status-history"),
    ),
    access=Access(public=True),
    errors=(OrderNotFound,),
    rate=Rate.READ,
    headers={"cart_token": "X-Cart-Token"},
    comment="What happened to an order, oldest first.",
)
CANCEL_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="CancelOrder",
    python="cancel_order",
    request=CancelOrderRequest,
    response=Order,
    http=(Http("PUT", "/api/v1/orders/{order_id}/cancel", body="*"),),
    access=Access(public=True),
    errors=(
        OrderNotFound,
        OrderAlreadyShipped,
        OrderNotCancellable,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    headers={"cart_token": "X-Cart-Token"},
    comment=(
        "Cancels an order that has not shipped; its money goes back, its goods return to stock."
    ),
)
LIST_SHOP_ORDERS = Method(
    service="souk.orders.v1.OrderService",
    name="ListShopOrders",
    python="list_shop_orders",
    request=ListShopOrdersRequest,
    response=OrderPage,
    http=(Http("GET", "/api/v1/shops/{shop_id}/orders"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(OrderNotFound,),
    rate=Rate.READ,
    comment="The orders of a shop, newest first.",
)
GET_SHOP_SALES = Method(
    service="souk.orders.v1.OrderService",
    name="GetShopSales",
    python="get_shop_sales",
    request=GetShopSalesRequest,
    response=ShopSales,
    http=(Http("GET", "/api/v1/shops/{shop_id}/sales"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(OrderNotFound,),
    rate=Rate.READ,
    comment=("What a shop sold, day by day in UTC, and how many orders wait to be sent."),
)
LIST_ALL_ORDERS = Method(
    service="souk.orders.v1.OrderService",
    name="ListAllOrders",
    python="list_all_orders",
    request=ListAllOrdersRequest,
    response=OrderPage,
    http=(Http("GET", "/api/v1/admin/orders"),),
    access=Access(roles=frozenset({"support", "admin"})),
    rate=Rate.READ,
    comment="The orders of all shops, newest first.",
)
FULFILL_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="FulfillOrder",
    python="fulfill_order",
    request=FulfillOrderRequest,
    response=Order,
    http=(Http("POST", "/api/v1/shops/{shop_id}/orders/{order_id}/fulfill", body="*"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(
        OrderNotFound,
        OrderNotFulfillable,
        LinesNotOpen,
        CarrierUnknown,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    answer=Answer(status=200),
    comment="Sends an order, or some of its lines, on its way.",
)
DELIVER_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="DeliverOrder",
    python="deliver_order",
    request=DeliverOrderRequest,
    response=Order,
    http=(Http("PUT", "/api/v1/orders/{order_id}/deliver", body="*"),),
    access=Access(roles=frozenset({"courier", "support", "admin"})),
    errors=(
        OrderNotFound,
        OrderNotShipped,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Says that an order has arrived.",
)
WATCH_ORDER = Method(
    service="souk.orders.v1.OrderService",
    name="WatchOrder",
    python="watch_order",
    request=WatchOrderRequest,
    response=OrderUpdate,
    streams=True,
    http=(Http("GET", "/api/v1/orders/{order_id}/live-updates"),),
    access=Access(public=True),
    errors=(OrderNotFound,),
    rate=Rate.READ,
    headers={"cart_token": "X-Cart-Token"},
    comment=("What happens to an order from now on, after one message that tells how it stands."),
)
TAKE_OVER_PURCHASES = Method(
    service="souk.orders.v1.OrderService",
    name="TakeOverPurchases",
    python="take_over_purchases",
    request=TakeOverPurchasesRequest,
    response=TakenOver,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=(
        "Takes over purchases that were made before, elsewhere: at today's "
        "prices, with their own\ndates, and told to nobody. Repeating it changes "
        "nothing; what cannot be sold is left out."
    ),
)
GET_ORDER_FACTS = Method(
    service="souk.orders.v1.OrderService",
    name="GetOrderFacts",
    python="get_order_facts",
    request=GetOrderFactsRequest,
    response=OrderFacts,
    access=Access(internal=True),
    errors=(OrderNotFound,),
    rate=Rate.WRITE,
    comment="What mails about an order need to know.",
)
FIND_GUESTS = Method(
    service="souk.orders.v1.OrderService",
    name="FindGuests",
    python="find_guests",
    request=FindGuestsRequest,
    response=GuestList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=(
        "Purchases that were made without an account, by the e-mail that was "
        "given: whoever leaves with\nthem is each of these."
    ),
)
EXPORT_PERSON = Method(
    service="souk.orders.v1.OrderService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Everything this service holds of somebody; of a guest, by the id of the checkout."),
)
ERASE_PERSON = Method(
    service="souk.orders.v1.OrderService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

OrderService.METHODS = (
    PLACE_ORDER,
    PREVIEW_ORDER,
    GET_CHECKOUT,
    LIST_ORDERS,
    GET_ORDER,
    GET_TIMELINE,
    CANCEL_ORDER,
    LIST_SHOP_ORDERS,
    GET_SHOP_SALES,
    LIST_ALL_ORDERS,
    FULFILL_ORDER,
    DELIVER_ORDER,
    WATCH_ORDER,
    TAKE_OVER_PURCHASES,
    GET_ORDER_FACTS,
    FIND_GUESTS,
    EXPORT_PERSON,
    ERASE_PERSON,
)
