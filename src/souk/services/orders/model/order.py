"""An order: its states, what may be done in each, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.common import Address
from souk.contracts.inventory import StockLine
from souk.contracts.orders import (
    FulfillmentLine,
    LinesNotOpen,
    Order,
    OrderAlreadyShipped,
    OrderItem,
    OrderNotCancellable,
    OrderNotFulfillable,
    OrderNotShipped,
    OrderStatus,
    TimelineEvent,
)
from souk.kernel.money import Money
from souk.services.orders.model.shopper import Standing

ARRIVED = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED})
OPEN = frozenset({OrderStatus.CONFIRMED, OrderStatus.PROCESSING})


class Line(OrderItem, frozen=True, kw_only=True):
    """A line as it is kept: with how many are given to shipments, finished or not."""

    quantity_claimed: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.quantity_claimed


class StoredOrder(Struct, frozen=True, kw_only=True):
    """An order as it is kept."""

    id: str
    order_number: str
    checkout_id: str
    shop_id: str
    buyer_id: str = ""
    guest_token_hash: str = ""
    email: str = ""
    status: OrderStatus
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    total: Money
    refunded: Money
    shipping_address: Address | None = None  # of whoever was erased
    shipping_method: str
    carrier: str = ""
    tracking_number: str = ""
    payment_id: str = ""
    placed_at: datetime
    items: tuple[Line, ...]
    timeline: tuple[TimelineEvent, ...]
    reasons: dict[str, str] = {}  # of the whole checkout's orders, by their ids

    @property
    def story(self) -> tuple[TimelineEvent, ...]:
        """Its timeline, with why it was called off."""
        reason = self.reasons.get(self.id, "")
        return tuple(
            structs.replace(each, note=reason) if reason and each.event == "cancelled" else each
            for each in self.timeline
        )

    @property
    def has_parcels(self) -> bool:
        """Whether anything of it has left the shop."""
        return any(line.quantity_shipped for line in self.items)

    @property
    def has_claims(self) -> bool:
        """Whether anything of it is given to a shipment, finished or not."""
        return any(line.quantity_claimed for line in self.items)

    @property
    def is_all_sent(self) -> bool:
        return all(line.quantity_shipped == line.quantity for line in self.items)

    @property
    def stock_lines(self) -> tuple[StockLine, ...]:
        return tuple(
            StockLine(variant_id=line.variant_id, quantity=line.quantity) for line in self.items
        )

    def must_be_cancellable(self) -> None:
        """Nothing of it may have left, nor be just leaving."""
        if self.has_parcels:
            raise OrderAlreadyShipped(order_number=self.order_number)
        if self.status is not OrderStatus.CONFIRMED:
            raise OrderNotCancellable(order_number=self.order_number, status=self.status.value)

    def lines_to_send(self, wanted: Sequence[FulfillmentLine]) -> tuple[FulfillmentLine, ...]:
        """What a shipment takes: the wanted lines, or all that is open."""
        if self.status not in OPEN or not any(line.open for line in self.items):
            raise OrderNotFulfillable(order_number=self.order_number, status=self.status.value)
        if not wanted:
            return tuple(
                FulfillmentLine(item_id=line.id, quantity=line.open)
                for line in self.items
                if line.open
            )
        open_by_id = {line.id: line.open for line in self.items}
        quantities: dict[str, int] = {}
        for line in wanted:
            quantities[line.item_id] = quantities.get(line.item_id, 0) + line.quantity
        for item_id, quantity in quantities.items():
            if quantity > open_by_id.get(item_id, 0):
                raise LinesNotOpen(item_id=item_id, open=open_by_id.get(item_id, 0))
        return tuple(
            FulfillmentLine(item_id=item_id, quantity=quantity)
            for item_id, quantity in quantities.items()
        )

    def must_be_deliverable(self) -> None:
        if self.status is not OrderStatus.SHIPPED:
            raise OrderNotShipped(order_number=self.order_number, status=self.status.value)

    def view(self, standing: Standing) -> Order:
        return Order(
            id=self.id,
            order_number=self.order_number,
            checkout_id=self.checkout_id,
            shop_id=self.shop_id,
            status=self.status,
            items=tuple(shown(line) for line in self.items),
            subtotal=self.subtotal,
            discount=self.discount,
            shipping=self.shipping,
            tax=self.tax,
            total=self.total,
            shipping_address=self.shipping_address if standing.sees_address else None,
            shipping_method=self.shipping_method,
            carrier=self.carrier,
            tracking_number=self.tracking_number,
            timeline=self.story,
            placed_at=self.placed_at,
            refunded=self.refunded,
            payment_id=self.payment_id,
        )


def shown(line: Line) -> OrderItem:
    return OrderItem(
        id=line.id,
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
        quantity_shipped=line.quantity_shipped,
    )
