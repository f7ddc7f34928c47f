"""The checkout: one page, as guest or signed in, that loses nothing of what was typed."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.orders import CheckoutStatus, PlaceOrderRequest
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, Kind, Refusal, SignInRequired
from souk.web import again
from souk.web.addresses import blame_address
from souk.web.cookies import COUNT
from souk.web.forms import Form, in_order
from souk.web.shopper.till import ADDRESS, NEW, Till, look, sections
from souk.web.visit import Visit

PLACE = "place"


async def show(visit: Visit) -> Response:
    till = await look(visit, Form())
    if till is None:
        return visit.go("/cart")
    return page(visit, till)


async def take(visit: Visit) -> Response:
    """Works the prices out anew, or places the order."""
    form = visit.form
    # The cart on this page was an account's.
    if visit.session.is_lost or (form["signed_in"] and not visit.is_signed_in):
        return again.ask(visit, again.Reason.SIGNED_OUT)
    till = await look(visit, form)
    if till is None:
        return emptied(visit)
    if form["action"] != PLACE:
        return page(visit, till)
    try:
        request = await ordered(visit, till)
    except InvalidRequest as refusal:
        form.refuse(refusal)
        form.errors = in_order(form.errors, ("email", "country", *ADDRESS))
        return page(visit, till, status=422)
    if changed := till.what_changed(visit):
        form.message = changed
        if await look(visit, form) is None:  # an order of this very cart was under way
            return emptied(visit)
        return page(visit, till, status=409)
    return await place(visit, till, request)


def emptied(visit: Visit) -> Response:
    visit.note("Your cart is empty by now.")
    return visit.go("/cart")


async def ordered(visit: Visit, till: Till) -> PlaceOrderRequest:
    """The order as typed. Raises InvalidRequest with everything that is wrong."""
    form, given = visit.form, till.given()
    if till.is_new_address:
        given["shipping_address"] = {name: form[name] for name in ADDRESS if form[name]}
        blame_address(form, visit)
    elif form["address_id"] != NEW:
        given["shipping_address_id"] = form["address_id"]
    if not visit.is_signed_in and not form["email"]:
        form.blame("email", visit.text("is required"))
    request: PlaceOrderRequest = Form.of({}).read(PlaceOrderRequest, **given)
    if form.errors:
        raise InvalidRequest()
    return request


async def place(visit: Visit, till: Till, request: PlaceOrderRequest) -> Response:
    try:
        with visit.keyed(visit.form["key"] or new_id()):
            placed = await visit.souk.orders.place_order(request)
    except SignInRequired:
        raise
    except Refusal as refusal:
        return await refused(visit, refusal)
    visit.jar.drop(COUNT)
    checkout = placed.checkout
    action = checkout.payment.next_action if checkout.payment else None
    waits = checkout.status is CheckoutStatus.REQUIRES_ACTION
    # A policy of ours keeps forms from leading to other sites; there, a link does.
    if waits and action and visit.site.is_own(action.url):
        return visit.go(action.url)
    return visit.go(f"/checkout/{checkout.id}")


async def refused(visit: Visit, refusal: Refusal) -> Response:
    """Back on the page, priced anew, with all that was typed and what stands in the way."""
    form = visit.form
    if refusal.name == "CheckoutInProgress":
        return visit.go(f"/checkout/{refusal.fields['checkout_id']}")
    if refusal.name == "EmptyCart":
        return emptied(visit)
    form.refuse(
        refusal,
        PaymentDeclined="payment",
        ProviderUnknown="payment",
        EmailMissing="email",
        ShippingMethodUnknown="shipping_method",
        CountryUnknown="country",
        AddressNotFound="address_id",
    )
    till = await look(visit, form)
    if till is None:
        return visit.go("/cart")
    form.values["key"] = new_id()  # another attempt is another order
    status = refusal.KIND.status if refusal.KIND is not Kind.UNAVAILABLE else 503
    return page(visit, till, status=status)


def page(visit: Visit, till: Till, *, status: int = 200) -> Response:
    return visit.page("checkout.html", status=status, till=till, form=till.form, **sections(till))
