"""Somebody's wishlists: all of them, one with what is on it, and one that was shared by link."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.catalog import Product, ProductNotFound, Variant
from souk.contracts.users import (
    AddToWishlistRequest,
    CreateWishlistRequest,
    DeleteWishlistRequest,
    GetSharedWishlistRequest,
    GetWishlistRequest,
    RemoveFromWishlistRequest,
    UpdateWishlistRequest,
    Wishlist,
    WishlistItem,
    WishlistNotFound,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.shopper import products
from souk.web.shopper.wishing import all_lists, named, title_of
from souk.web.visit import Visit

PATH = "/account/wishlists"
SHOWN = 24
NUMBER_LENGTH_MAX = 3


class Wish(Struct, frozen=True):
    """Something on a list. Without `product` it is not for sale any more."""

    item: WishlistItem
    product: Product | None = None
    variant: Variant | None = None

    @property
    def is_to_choose(self) -> bool:
        """Whether it is not said yet which of several variants is wanted."""
        return bool(self.product and not self.item.variant_id and len(self.product.variants) > 1)

    @property
    def in_stock(self) -> bool:
        if self.product is None or self.variant is None:
            return False
        return self.product.in_stock if self.is_to_choose else self.variant.available > 0


async def every(visit: Visit) -> Response:
    return await every_page(visit, Form())


async def create(visit: Visit) -> Response:
    form = visit.form
    try:
        with visit.keyed(form["key"][:255]):
            made = await visit.souk.users.create_wishlist(form.read(CreateWishlistRequest))
    except Refusal as refusal:
        return await every_page(visit, form.refuse(refusal), status=refusal.KIND.status)
    visit.note("%(name)s is there to be filled.", name=made.name)
    return visit.go(f"{PATH}/{made.id}")


async def every_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    return visit.page(
        "wishlists.html",
        status=status,
        form=form,
        lists=await all_lists(visit),
        key=form["key"] or new_id(),
    )


async def one(visit: Visit) -> Response:
    return await one_page(visit, Form())


async def one_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    wishlist = await find(visit)
    return visit.page(
        "wishlist.html",
        status=status,
        form=form,
        wishlist=wishlist,
        home=f"{PATH}/{wishlist.id}",
        link=visit.site.address(f"/w/{wishlist.share_token}") if wishlist.share_token else "",
        **await shown(visit, wishlist.items),
    )


async def change(visit: Visit) -> Response:
    """Renames a list, shares it, ends that, or changes what is on it."""
    form, wishlist = visit.form, await find(visit)
    try:
        note = await CHANGES.get(form["action"], rename)(visit, wishlist)
    except Refusal as refusal:
        return await one_page(visit, form.refuse(refusal), status=refusal.KIND.status)
    visit.note(note)
    return visit.go(f"{PATH}/{wishlist.id}")


async def rename(visit: Visit, wishlist: Wishlist) -> str:
    given = {"name": visit.form["name"], "wishlist_id": wishlist.id}
    await visit.souk.users.update_wishlist(read_values(UpdateWishlistRequest, given))
    return visit.text("Saved.")


async def share(visit: Visit, wishlist: Wishlist) -> str:
    request = UpdateWishlistRequest(wishlist_id=wishlist.id, is_shared=True)
    await visit.souk.users.update_wishlist(request)
    return visit.text("Whoever has the link may look at this list now.")


async def end_sharing(visit: Visit, wishlist: Wishlist) -> str:
    request = UpdateWishlistRequest(wishlist_id=wishlist.id, is_shared=False)
    await visit.souk.users.update_wishlist(request)
    return visit.text("The link leads nowhere any more.")


async def remove(visit: Visit, wishlist: Wishlist) -> str:
    await visit.souk.users.remove_from_wishlist(
        visit.form.read(RemoveFromWishlistRequest, wishlist_id=wishlist.id)
    )
    return visit.text("It is off your wishlist.")


async def note(visit: Visit, wishlist: Wishlist) -> str:
    """Only of what is on it: a note puts nothing on a list."""
    request = visit.form.read(AddToWishlistRequest, wishlist_id=wishlist.id)
    there = {(item.product_id, item.variant_id) for item in wishlist.items}
    if (request.product_id, request.variant_id) in there:
        await visit.souk.users.add_to_wishlist(request)
    return visit.text("Saved.")


CHANGES = {"share": share, "unshare": end_sharing, "remove": remove, "note": note}


async def deleting(visit: Visit) -> Response:
    wishlist = await find(visit)
    return visit.page("wishlist_gone.html", wishlist=wishlist)


async def delete(visit: Visit) -> Response:
    wishlist = await find(visit)
    await visit.souk.users.delete_wishlist(DeleteWishlistRequest(wishlist_id=wishlist.id))
    visit.note("%(name)s is gone.", name=wishlist.name)
    return visit.go(PATH)


async def shared(visit: Visit) -> Response:
    """For whoever has the link: without whose it is."""
    try:
        request = read_values(GetSharedWishlistRequest, {"share_token": visit.params["token"]})
    except InvalidRequest:
        raise WishlistNotFound() from None
    found = await visit.souk.users.get_shared_wishlist(request)
    return visit.page(
        "shared_wishlist.html",
        title=title_of(visit, found.name),
        count=len(found.items),
        **await shown(visit, found.items),
    )


async def find(visit: Visit) -> Wishlist:
    """The visitor's own. Raises WishlistNotFound, for addresses too that no list can have."""
    try:
        request = read_values(GetWishlistRequest, {"wishlist_id": visit.params["id"]})
    except InvalidRequest:
        raise WishlistNotFound() from None
    return named(visit, await visit.souk.users.get_wishlist(request))


async def shown(visit: Visit, items: Sequence[WishlistItem]) -> dict[str, Any]:
    """A page of a list's things, as the catalog has them now."""
    last = max(1, -(-len(items) // SHOWN))
    asked = visit.query.get("page", "")
    is_number = asked.isdecimal() and asked.isascii() and len(asked) <= NUMBER_LENGTH_MAX
    page = min(max(int(asked), 1), last) if is_number else 1
    part = items[(page - 1) * SHOWN : page * SHOWN]
    wishes = await asyncio.gather(*(wish_of(visit, item) for item in part))
    return {"wishes": wishes, "page": page, "last": last}


async def wish_of(visit: Visit, item: WishlistItem) -> Wish:
    try:
        product = await products.find(visit, item.product_id)
    except ProductNotFound:
        return Wish(item)
    known = {variant.id for variant in product.variants}
    if item.variant_id and item.variant_id not in known:
        return Wish(item)
    return Wish(item, product, products.choose(product, item.variant_id))
