"""The cart: what is in it, and every way to change that."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.carts import (
    AddItemRequest,
    ApplyPromoCodeRequest,
    Cart,
    GetCartRequest,
    RemoveItemRequest,
    RemovePromoCodeRequest,
    UpdateQuantityRequest,
)
from souk.kernel.refusals import Kind, Refusal
from souk.web.cookies import CART, COUNT
from souk.web.forms import Form
from souk.web.shopper import products
from souk.web.visit import Visit

LOST = (Kind.NOT_FOUND,)


async def show(visit: Visit) -> Response:
    return await page(visit, Form())


async def page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    cart = await visit.souk.carts.get_cart(GetCartRequest(cart_token=visit.cart_token))
    remember(visit, cart)
    return visit.page("cart.html", status=status, cart=cart, form=form)


async def add(visit: Visit) -> Response:
    """With scripts a toast says so and the page stays; without, the cart is shown."""
    form = visit.form
    try:
        request = form.read(AddItemRequest, cart_token=visit.cart_token)
        cart = await visit.souk.carts.add_item(request)
    except Refusal as refusal:
        form.refuse(refusal, InsufficientStock="quantity")
        return await products.page(
            visit, form["product"], form["variant_id"], form, status=refusal.KIND.status
        )
    remember(visit, cart)
    added = next((item for item in cart.items if item.variant_id == request.variant_id), None)
    if visit.is_swap:
        return visit.page("added.html", item=added)
    if added is not None:
        visit.note("%(name)s is in your cart.", name=added.name)
    return visit.go("/cart")


async def change(visit: Visit) -> Response:
    """Sets how many there are of a line, or takes it out."""
    form, item_id = visit.form, visit.params["item"]
    try:
        if form["action"] == "remove":
            request = form.read(RemoveItemRequest, item_id=item_id, cart_token=visit.cart_token)
            cart = await visit.souk.carts.remove_item(request)
        else:
            changed = form.read(UpdateQuantityRequest, item_id=item_id, cart_token=visit.cart_token)
            cart = await visit.souk.carts.update_quantity(changed)
    except Refusal as refusal:
        if refusal.KIND in LOST:  # it was taken out in another window
            return visit.go("/cart")
        form.refuse(refusal, InsufficientStock="quantity")
        return await page(visit, form, status=refusal.KIND.status)
    remember(visit, cart)
    return visit.go("/cart")


async def coupon(visit: Visit) -> Response:
    form = visit.form
    try:
        if form["action"] == "remove":
            await visit.souk.carts.remove_promo_code(
                RemovePromoCodeRequest(cart_token=visit.cart_token)
            )
        else:
            request = form.read(ApplyPromoCodeRequest, cart_token=visit.cart_token)
            await visit.souk.carts.apply_promo_code(request)
    except Refusal as refusal:
        form.refuse(refusal, PromoCodeRefused="code")
        return await page(visit, form, status=refusal.KIND.status)
    return visit.go("/cart")


def remember(visit: Visit, cart: Cart) -> None:
    """The guest's key, and how many things there are."""
    if cart.token and cart.token != visit.cart_token:
        visit.jar.keep(CART, cart.token)
    count = str(sum(item.quantity for item in cart.items))
    if count != visit.jar.get(COUNT):
        visit.jar.keep(COUNT, count)
