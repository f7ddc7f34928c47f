"""Somebody's wishlists as any page may need them, and what a guest wanted saved."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from souk.contracts.users import AddToWishlistRequest, ListWishlistsRequest, Wishlist
from souk.kernel.refusals import Refusal
from souk.kernel.validation import read_values
from souk.web.cookies import WISH
from souk.web.phrases import phrase
from souk.web.visit import Visit

UNNAMED = "Wishlist"  # what users calls the list that nobody made
KEPT_SECONDS = 1800  # for signing in, or for making an account


async def lists_of(visit: Visit, product_id: str) -> Sequence[Wishlist]:
    """Somebody's lists, with whether this is on them. A product is seen without them as well."""
    if not visit.is_signed_in:
        return ()
    try:
        return await all_lists(visit, product_id)
    except Refusal:
        return ()


async def all_lists(visit: Visit, product_id: str = "") -> Sequence[Wishlist]:
    found = await visit.souk.users.list_wishlists(ListWishlistsRequest(product_id=product_id))
    return [named(visit, one) for one in found.items]


def named(visit: Visit, wishlist: Wishlist) -> Wishlist:
    """What the visitor calls it."""
    return structs.replace(wishlist, name=title_of(visit, wishlist.name))


def title_of(visit: Visit, name: str) -> str:
    return visit.text("Wishlist") if name == UNNAMED else name


async def put_on(visit: Visit, request: AddToWishlistRequest) -> str:
    """What there is to say of it."""
    wishlist = await visit.souk.users.add_to_wishlist(request)
    return visit.text("Saved to %(name)s.", name=title_of(visit, wishlist.name))


def promise(visit: Visit, request: AddToWishlistRequest) -> None:
    """It is saved as soon as it is known who wants it."""
    visit.jar.keep(WISH, f"{request.product_id}.{request.variant_id}", seconds=KEPT_SECONDS)
    visit.note("Sign in, and it is saved.")


async def keep_promise(visit: Visit) -> None:
    product_id, _, variant_id = visit.jar.get(WISH).partition(".")
    if not product_id:
        return
    visit.jar.drop(WISH)
    given = {"product_id": product_id, "variant_id": variant_id}
    try:
        visit.note(await put_on(visit, read_values(AddToWishlistRequest, given)))
    except Refusal as refusal:
        visit.note(phrase(refusal, visit.tongue))
