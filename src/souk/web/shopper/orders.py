"""Orders: what became of a checkout, where an order is, and calling it off."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.orders import (
    CancelOrderRequest,
    CheckoutNotFound,
    GetCheckoutRequest,
    GetOrderRequest,
    ListOrdersRequest,
    Order,
    OrderNotFound,
    OrderStatus,
    PlacedOrders,
    WatchOrderRequest,
)
from souk.contracts.payments import AnswerChallengeRequest, ChallengeNotFound
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.live import LiveUpdates
from souk.web.visit import Visit

PAGE_SIZE = 20
CANCELLABLE = (OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PROCESSING)
# The way of an order that arrives, and the events that say it got there.
WAY = (("placed",), ("confirmed", "paid"), ("shipped",), ("delivered",))


async def checked_out(visit: Visit) -> Response:
    """Thanks, or what is still to be done, or what went wrong."""
    try:
        request = read_values(
            GetCheckoutRequest,
            {"checkout_id": visit.params["id"], "cart_token": visit.cart_token},
        )
    except InvalidRequest:
        raise CheckoutNotFound() from None
    placed: PlacedOrders = await visit.souk.orders.get_checkout(request)
    return visit.page("checked_out.html", placed=placed, checkout=placed.checkout)


async def answer_challenge(visit: Visit) -> Response:
    """What the sandbox's page asks, from browsers that run no scripts. Its address is a secret."""
    challenge_id = visit.params["id"]
    try:
        request = visit.form.read(AnswerChallengeRequest, challenge_id=challenge_id)
    except InvalidRequest:
        raise ChallengeNotFound() from None
    await visit.souk.payments.answer_challenge(request)
    return visit.go(f"/api/v1/payments/sandbox/challenges/{challenge_id}")


async def every(visit: Visit) -> Response:
    page = visit.query.get("page", "1")
    number = int(page) if page.isdecimal() and 0 < len(page) < 5 else 1
    found = await visit.souk.orders.list_orders(
        ListOrdersRequest(page=max(number, 1), page_size=PAGE_SIZE)
    )
    return visit.page("orders.html", orders=found.items, page=number, more=bool(found.next_cursor))


async def one(visit: Visit) -> Response:
    return page(visit, await find(visit), Form())


async def cancel(visit: Visit) -> Response:
    form, order_id = visit.form, visit.params["id"]
    try:
        request = form.read(CancelOrderRequest, order_id=order_id, cart_token=visit.cart_token)
        order = await visit.souk.orders.cancel_order(request)
    except Refusal as refusal:
        form.refuse(refusal)
        return page(visit, await find(visit), form, status=refusal.KIND.status)
    visit.note(
        "Order %(number)s is cancelled. Your money is on its way back.", number=order.order_number
    )
    return visit.go(f"/orders/{order.id}")


async def live(visit: Visit) -> Response:
    """What happens to the order from now on, as server-sent events."""
    await find(visit)  # a refusal still has a status of its own here
    request = WatchOrderRequest(order_id=visit.params["id"], cart_token=visit.cart_token)
    return LiveUpdates(visit, lambda: visit.souk.orders.watch_order(request))


async def find(visit: Visit) -> Order:
    """Raises OrderNotFound, for addresses too that no order can have."""
    values = {"order_id": visit.params["id"], "cart_token": visit.cart_token}
    try:
        request = read_values(GetOrderRequest, values)
    except InvalidRequest:
        raise OrderNotFound() from None
    found: Order = await visit.souk.orders.get_order(request)
    return found


def page(visit: Visit, order: Order, form: Form, *, status: int = 200) -> Response:
    return visit.page(
        "order.html",
        status=status,
        order=order,
        form=form,
        steps=steps_of(visit, order),
        is_cancellable=order.status in CANCELLABLE,
    )


def steps_of(visit: Visit, order: Order) -> list[tuple[str, object, str]]:
    """What happened, and what is still to come."""
    text = visit.text
    words = {
        "placed": text("Placed"),
        "confirmed": text("Confirmed and paid"),
        "paid": text("Confirmed and paid"),
        "shipped": text("On its way"),
        "delivered": text("Delivered"),
        "cancelled": text("Cancelled"),
        "refunded": text("Refunded"),
    }
    told = [
        (words.get(event.event, event.event.capitalize()), event.at, event.note)
        for event in order.timeline
    ]
    happened = {event.event for event in order.timeline}
    if order.status is not OrderStatus.CANCELLED:
        told += [(words[step[0]], None, "") for step in WAY if happened.isdisjoint(step)]
    return [(str(title), at, note) for title, at, note in told]
