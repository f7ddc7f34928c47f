"""A shop's orders: found, sent on their way, and packed by a slip."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from souk.contracts.orders import (
    FULFILL_ORDER,
    FulfillmentLine,
    FulfillOrderRequest,
    GetOrderRequest,
    ListShopOrdersRequest,
    Order,
    OrderNotFound,
    OrderStatus,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of, page_number
from souk.web.seller.slip import packing_slip
from souk.web.seller.typed import whole_typed
from souk.web.shopper.orders import steps_of
from souk.web.visit import Visit

PAGE_SIZE = 25
CARRIERS = {
    "dhl": "DHL",
    "dpd": "DPD",
    "fedex": "FedEx",
    "gls": "GLS",
    "royal_mail": "Royal Mail",
    "ups": "UPS",
    "usps": "USPS",
}
FULFILLABLE = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING)
STATES = (
    OrderStatus.CONFIRMED,
    OrderStatus.PROCESSING,
    OrderStatus.SHIPPED,
    OrderStatus.DELIVERED,
    OrderStatus.CANCELLED,
)


async def every(visit: Visit) -> Response:
    desk = await desk_of(visit)
    asked = visit.query.get("status", "")
    status = OrderStatus(asked) if asked in [*STATES] else None
    page = page_number(visit)
    found = await visit.souk.orders.list_shop_orders(
        ListShopOrdersRequest(shop_id=desk.shop.id, status=status, page=page, page_size=PAGE_SIZE)
    )
    return desk.page(
        "orders.html",
        orders=found.items,
        states=STATES,
        chosen=status.value if status else "",
        page=page,
        more=bool(found.next_cursor),
    )


async def one(visit: Visit) -> Response:
    desk = await desk_of(visit)
    return order_page(desk, await order_of(desk), Form())


async def fulfil(visit: Visit) -> Response:
    """Sends all that is open, or as many of each line as were typed."""
    desk, form = await desk_of(visit), visit.form
    order = await order_of(desk)
    try:
        request = form.read(
            FulfillOrderRequest,
            shop_id=desk.shop.id,
            order_id=order.id,
            items=[
                {"item_id": line.item_id, "quantity": line.quantity}
                for line in lines_typed(visit, form, order)
            ],
        )
        if form.errors:
            raise InvalidRequest()
        with visit.keyed(form["key"][:255]):
            after = await visit.souk.orders.fulfill_order(request)
    except Refusal as refusal:
        form.refuse(refusal, CarrierUnknown="carrier", LinesNotOpen="send")
        return order_page(desk, await order_of(desk), form, status=refusal.KIND.status)
    visit.note("Order %(number)s is on its way.", number=after.order_number)
    return desk.go(f"/orders/{order.id}")


async def slip(visit: Visit) -> Response:
    """What goes into the parcel, as a PDF."""
    desk = await desk_of(visit)
    order = await order_of(desk)
    body = await asyncio.to_thread(packing_slip, desk.shop, order, visit.tongue)
    headers = {
        "content-disposition": f'inline; filename="{order.order_number}.pdf"',
        "cache-control": "no-store",
    }
    return Response(body, media_type="application/pdf", headers=headers)


def lines_typed(visit: Visit, form: Form, order: Order) -> list[FulfillmentLine]:
    """How many of which line are to go; complaints stand at their fields."""
    lines = []
    for item in order.items:
        field = f"send--{item.id}"
        left = item.quantity - item.quantity_shipped
        count = whole_typed(visit, form, field) or 0
        if count > left:
            form.blame(field, visit.text("is more than the %(left)s that are left", left=left))
        elif count:
            lines.append(FulfillmentLine(item_id=item.id, quantity=count))
    if not lines and not form.errors:
        form.blame("send", visit.text("Say how many of something are to go."))
    return lines


async def order_of(desk: Desk) -> Order:
    """The order of the address, if it is the shop's. Raises OrderNotFound."""
    try:
        request = read_values(GetOrderRequest, {"order_id": desk.visit.params["id"]})
    except InvalidRequest:
        raise OrderNotFound() from None
    order: Order = await desk.visit.souk.orders.get_order(request)
    if order.shop_id != desk.shop.id:
        raise OrderNotFound()
    return order


def order_page(desk: Desk, order: Order, form: Form, *, status: int = 200) -> Response:
    return desk.page(
        "order.html",
        status=status,
        order=order,
        form=form,
        steps=steps_of(desk.visit, order),
        is_open=order.status in FULFILLABLE
        and desk.may((FULFILL_ORDER.permission,))
        and any(item.quantity_shipped < item.quantity for item in order.items),
        carriers=[
            ("souk", desk.visit.text("Souk's own couriers")),
            *CARRIERS.items(),
            ("other", desk.visit.text("Another carrier")),
        ],
        key=form["key"] or new_id(),
    )
