"""The heart beside a product: it is put on a wishlist, or taken off."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.users import AddToWishlistRequest, RemoveFromWishlistRequest
from souk.kernel.refusals import Refusal
from souk.web.shopper import products
from souk.web.shopper.wishing import lists_of, promise, put_on
from souk.web.visit import Visit, own_path


async def save(visit: Visit) -> Response:
    """A guest is asked to sign in first. With scripts a toast says so and the page stays."""
    form = visit.form
    request, back = form.read(AddToWishlistRequest), own_path(form["next"])
    if not visit.is_signed_in:
        promise(visit, request)
        return visit.go("/sign-in", next=back)
    try:
        told = await (take_off if form["action"] == "remove" else put_on)(visit, request)
    except Refusal as refusal:
        form.refuse(refusal)
        return await products.page(
            visit, form["product"], request.variant_id, form, status=refusal.KIND.status
        )
    if not visit.is_swap:
        visit.note(told)
        return visit.go(back)
    product = await products.find(visit, form["product"])
    return visit.page(
        "saved.html",
        product=product,
        variant=products.choose(product, request.variant_id),
        lists=await lists_of(visit, product.id),
        told=told,
    )


async def take_off(visit: Visit, request: AddToWishlistRequest) -> str:
    """All its variants: whoever looks at one of them sees the product saved."""
    await visit.souk.users.remove_from_wishlist(
        RemoveFromWishlistRequest(product_id=request.product_id, wishlist_id=request.wishlist_id)
    )
    return visit.text("It is off your wishlist.")
