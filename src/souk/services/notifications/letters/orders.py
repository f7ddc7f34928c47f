"""Mails about an order: what has just happened to it, what is in it, what it costs."""

from __future__ import annotations

from collections.abc import Callable

from babel import Locale
from msgspec import Struct

from souk.contracts.common import Address
from souk.contracts.notifications import NotificationKind
from souk.contracts.orders import Order, OrderItem
from souk.kernel.money import Money
from souk.services.notifications.letters import Button, Figure, Letter, Line, one_line
from souk.services.notifications.letters.amounts import spoken
from souk.services.notifications.model import Announcement

CARRIERS = {
    "souk": "Souk couriers",
    "fedex": "FedEx",
    "royal_mail": "Royal Mail",
    "other": "The shop's own carrier",
}
COUNTRIES = Locale("en").territories


class Story(Struct, frozen=True, kw_only=True):
    """What a letter about an order is written from."""

    news: Announcement
    order: Order
    greeting: str
    home_url: str

    @property
    def button(self) -> Button:
        return Button(label="Go to Souk", url=self.home_url)

    @property
    def number(self) -> Figure:
        return Figure(label="Order", value=self.order.order_number)


def confirmed(story: Story) -> Letter:
    order = story.order
    return Letter(
        subject=f"Order {order.order_number} is confirmed",
        preview=f"Thank you. The shop is packing {_count(order)}.",
        heading="Thank you for your order",
        paragraphs=(
            story.greeting,
            "Your order is confirmed and the shop has begun to pack it. We write again as soon as "
            "it is on its way.",
        ),
        steps_done=1,
        facts=(story.number,),
        lines=_lines(order),
        sums=_sums(order),
        total=_total(order),
        address=_address(order.shipping_address),
        button=story.button,
    )


def shipped(story: Story) -> Letter:
    order, tracking_number = story.order, story.news.occasion
    facts = [story.number]
    if order.carrier and order.tracking_number == tracking_number:
        carrier = CARRIERS.get(order.carrier, order.carrier.upper())
        facts.append(Figure(label="Carrier", value=carrier))
    if tracking_number:
        facts.append(Figure(label="Tracking number", value=tracking_number))
    is_partial = any(item.quantity_shipped < item.quantity for item in order.items)
    follows = " What is not in this parcel follows in another one." if is_partial else ""
    return Letter(
        subject=f"Order {order.order_number} is on its way",
        preview=f"Tracking number {tracking_number}" if tracking_number else "It has left.",
        heading="A parcel is on its way" if is_partial else "Your order is on its way",
        paragraphs=(
            story.greeting,
            f"The shop has handed it to the carrier.{follows}",
        ),
        steps_done=2,
        facts=tuple(facts),
        lines=_lines(order, tells_sent=is_partial),
        address=_address(order.shipping_address),
        button=story.button,
    )


def delivered(story: Story) -> Letter:
    order = story.order
    return Letter(
        subject=f"Order {order.order_number} has arrived",
        preview=f"Delivered: {_count(order)}.",
        heading="Your order has arrived",
        paragraphs=(
            story.greeting,
            "Your order was delivered. We hope that everything is as you wished.",
            "The seller is not paid yet: should something be wrong, now is the time to say so.",
        ),
        steps_done=3,
        facts=(story.number,),
        lines=_lines(order),
        total=_total(order),
        button=story.button,
    )


def cancelled(story: Story) -> Letter:
    order = story.order
    return Letter(
        subject=f"Order {order.order_number} was cancelled",
        preview="Nothing will be sent, and your money goes back.",
        heading="Your order was cancelled",
        paragraphs=(
            story.greeting,
            "This order was cancelled and nothing will be sent. What you have paid for it goes "
            "back to where it came from; we write again when it is on its way.",
        ),
        facts=(story.number,),
        lines=_lines(order),
        total=_total(order),
        button=story.button,
    )


def refunded(story: Story) -> Letter:
    order, amount = story.order, story.news.amount
    what = spoken(amount) if amount else "Your money"
    facts = (story.number, Figure(label="Refund", value=what)) if amount else (story.number,)
    return Letter(
        subject=f"Refund for order {order.order_number}",
        preview=f"{what} is on its way back to you.",
        heading="Your money is on its way back",
        paragraphs=(
            story.greeting,
            f"{what} goes back to the card or account that you paid with. Banks take up to ten "
            "days to show it.",
        ),
        facts=facts,
        button=story.button,
    )


WRITTEN_BY: dict[NotificationKind, Callable[[Story], Letter]] = {
    NotificationKind.ORDER_CONFIRMED: confirmed,
    NotificationKind.ORDER_SHIPPED: shipped,
    NotificationKind.ORDER_DELIVERED: delivered,
    NotificationKind.ORDER_CANCELLED: cancelled,
    NotificationKind.ORDER_REFUNDED: refunded,
}


def _count(order: Order) -> str:
    count = sum(item.quantity for item in order.items)
    return "one item" if count == 1 else f"{count} items"


def _lines(order: Order, *, tells_sent: bool = False) -> tuple[Line, ...]:
    return tuple(_line(item, tells_sent=tells_sent) for item in order.items)


def _line(item: OrderItem, *, tells_sent: bool) -> Line:
    quantity = f"{item.quantity} × {spoken(item.unit_price)}" if item.unit_price else ""  # noqa: RUF001 - times
    if tells_sent:
        quantity = f"{item.quantity_shipped} of {item.quantity} sent"
    details = (item.variant_name, quantity)
    return Line(
        name=one_line(item.name),
        detail=" · ".join(one_line(detail) for detail in details if detail),
        price=spoken(item.line_total) if item.line_total and not tells_sent else "",
    )


def _sums(order: Order) -> tuple[Figure, ...]:
    sums = [
        _figure("Items", order.subtotal),
        _figure("Discount", -order.discount if order.discount else None),
        _figure("Shipping", order.shipping, free="Free"),
        _figure("Tax", order.tax if order.tax else None),
    ]
    return tuple(figure for figure in sums if figure is not None)


def _figure(label: str, money: Money | None, *, free: str = "") -> Figure | None:
    if money is None:
        return None
    return Figure(label=label, value=spoken(money) if money or not free else free)


def _total(order: Order) -> Figure | None:
    return _figure("Total", order.total)


def _address(address: Address | None) -> tuple[str, ...]:
    if address is None:
        return ()
    town = f"{address.postal_code} {address.city}".strip()
    parts = (
        address.name,
        address.street_1,
        address.street_2,
        f"{town}, {address.state}" if address.state else town,
        COUNTRIES.get(address.country, address.country),
    )
    return tuple(one_line(part) for part in parts if part.strip())
