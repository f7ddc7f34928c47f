"""A checkout: what was frozen when it began, and how it turns into orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.common import Address
from souk.contracts.inventory import StockLine
from souk.contracts.orders import (
    Checkout,
    CheckoutPayment,
    CheckoutStatus,
    Order,
    OrderItem,
    OrderPreview,
    OrderStatus,
    PaymentChoice,
    PlacedOrders,
    ShopPreview,
    TimelineEvent,
)
from souk.contracts.payments import Allocation, Payment, PaymentStatus
from souk.contracts.pricing import PricedLine, QuoteLine, QuoteResponse, ShopQuote
from souk.kernel.money import Money, zero
from souk.services.orders.model.shopper import Shopper

NUMBER_CODE_LENGTH = 6


class Destination(Struct, frozen=True, kw_only=True):
    """As much of an address as prices depend on."""

    country: str
    state: str = ""
    postal_code: str = ""

    def address(self) -> Address:
        """Pricing is told where to, and nobody's name or street."""
        return Address(
            name="-",
            street_1="-",
            city="-",
            state=self.state,
            postal_code=self.postal_code,
            country=self.country,
        )


def destination_of(address: Address) -> Destination:
    return Destination(
        country=address.country, state=address.state, postal_code=address.postal_code
    )


class CheckoutState(Struct, frozen=True, kw_only=True):
    """What the journal keeps of a checkout. No names, addresses or e-mails: those are columns."""

    checkout_id: str
    spare_hold_id: str
    shopper: Shopper
    cart_id: str
    cart_version: int
    lines: tuple[QuoteLine, ...]
    coupon_code: str
    destination: Destination
    shipping_method: str
    choice: PaymentChoice
    expires_at: datetime
    orders: tuple[Order, ...] = ()
    discount: Money | None = None
    total: Money | None = None
    payment: CheckoutPayment | None = None
    has_waited: bool = False
    is_captured: bool = False

    @property
    def stock_lines(self) -> tuple[StockLine, ...]:
        return tuple(
            StockLine(variant_id=line.variant_id, quantity=line.quantity) for line in self.lines
        )

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        """Each order's part of the payment."""
        return tuple(
            Allocation(
                order_id=order.id,
                shop_id=order.shop_id,
                total=order.total,
                shipping=order.shipping or zero(order.total.currency),
                tax=order.tax or zero(order.total.currency),
            )
            for order in self.orders
            if order.total is not None
        )

    def priced(self, quote: QuoteResponse, new_id: Callable[[], str]) -> CheckoutState:
        """Frozen: whatever prices and cart do from here on, this is what is bought."""
        return structs.replace(
            self,
            coupon_code=quote.coupon_code,
            discount=quote.discount,
            total=quote.total,
            orders=tuple(self._draft(shop, quote.lines, new_id) for shop in quote.shops),
        )

    def paid(self, payment: Payment) -> CheckoutState:
        return structs.replace(
            self,
            payment=CheckoutPayment(
                id=payment.id,
                status=payment.status,
                provider=payment.provider,
                next_action=payment.next_action,
            ),
        )

    def confirmed(self, new_code: Callable[[int], str], now: datetime) -> CheckoutState:
        """The orders are real from now on, and have numbers that people can read out."""
        timeline = tuple(TimelineEvent(event=event, at=now) for event in ("placed", "confirmed"))
        return structs.replace(
            self,
            orders=tuple(
                structs.replace(
                    order,
                    status=OrderStatus.CONFIRMED,
                    order_number=order_number(now, new_code(NUMBER_CODE_LENGTH)),
                    payment_id=self.payment.id if self.payment else "",
                    timeline=timeline,
                    placed_at=now,
                )
                for order in self.orders
            ),
        )

    def answer(self, status: CheckoutStatus, address: Address | None) -> PlacedOrders:
        """The same for every copy of the request: how it stood then, not what came later."""
        waits = status is CheckoutStatus.REQUIRES_ACTION
        return PlacedOrders(
            checkout=Checkout(
                id=self.checkout_id,
                status=status,
                total=self.total,
                payment=self.payment,
                expires_at=self.expires_at if waits else None,
            ),
            orders=tuple(structs.replace(order, shipping_address=address) for order in self.orders),
        )

    def ended(self, refusal: str) -> PlacedOrders:
        """Nothing came of it."""
        status = CheckoutStatus.REFUSED
        return PlacedOrders(
            checkout=Checkout(id=self.checkout_id, status=status, total=self.total, refusal=refusal)
        )

    def as_it_is_now(self, orders: tuple[Order, ...]) -> PlacedOrders:
        answer = self.answer(CheckoutStatus.CONFIRMED, None)
        payment = self.payment
        if payment and self.is_captured:
            payment = structs.replace(payment, status=PaymentStatus.CAPTURED)
        checkout = structs.replace(answer.checkout, payment=payment)
        return PlacedOrders(checkout=checkout, orders=orders)

    def _draft(
        self, shop: ShopQuote, lines: tuple[PricedLine, ...], new_id: Callable[[], str]
    ) -> Order:
        return Order(
            id=new_id(),
            checkout_id=self.checkout_id,
            shop_id=shop.shop_id,
            status=OrderStatus.PENDING,
            items=tuple(
                item_from(line, new_id()) for line in lines if line.shop_id == shop.shop_id
            ),
            subtotal=shop.subtotal,
            discount=shop.discount,
            shipping=shop.shipping,
            tax=shop.tax,
            total=shop.total,
            refunded=zero(shop.total.currency),
            shipping_method=self.shipping_method,
        )


def item_from(line: PricedLine, item_id: str) -> OrderItem:
    return OrderItem(
        id=item_id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        sku=line.sku,
        name=line.name,
        variant_name=line.variant_name,
        image_url=line.image_url,
        quantity=line.quantity,
        unit_price=line.unit_price,
        line_total=line.line_total,
        discount=line.discount,
        tax=line.tax,
    )


def order_number(now: datetime, code: str) -> str:
    """`SK-20261121-7K3F9Q`: the day, and a code without letters that are misread."""
    return f"SK-{now:%Y%m%d}-{code}"


def preview_of(quote: QuoteResponse) -> OrderPreview:
    return OrderPreview(
        shops=tuple(
            ShopPreview(
                shop_id=shop.shop_id,
                subtotal=shop.subtotal,
                discount=shop.discount,
                shipping=shop.shipping,
                tax=shop.tax,
                total=shop.total,
            )
            for shop in quote.shops
        ),
        subtotal=quote.subtotal,
        discount=quote.discount,
        shipping=quote.shipping,
        tax=quote.tax,
        total=quote.total,
        taxes=quote.taxes,
    )
