"""A product's pictures: added, put in order, taken away."""

from __future__ import annotations

from msgspec import structs
from starlette.responses import Response

from souk.contracts.catalog import (
    AddProductMediaRequest,
    Image,
    Product,
    ProductImages,
    RemoveProductMediaRequest,
    UpdateProductRequest,
)
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.forms import Form
from souk.web.seller.desk import desk_of
from souk.web.seller.product import Forms, product_of, product_page
from souk.web.visit import Visit


async def add(visit: Visit) -> Response:
    """Every file that was chosen; those before one that is refused stay."""
    desk, form = await desk_of(visit), visit.form
    product = await product_of(desk)
    try:
        await keep_all(visit, form, product)
    except Refusal as refusal:
        at = dict.fromkeys(("NotAPicture", "PictureTooLarge", "TooManyImages"), "file")
        form.refuse(refusal, TooManyPictures="file", **at)
        forms = Forms.blank(pictures=form)
        return await product_page(desk, await product_of(desk), forms, status=refusal.KIND.status)
    return desk.go(f"/products/{product.id}")


async def keep_all(visit: Visit, form: Form, product: Product) -> None:
    """Raises InvalidRequest where nothing was chosen, and what the catalog refuses."""
    files = form.uploads("file")
    if not files:
        form.blame("file", visit.text("Choose a picture first."))
        raise InvalidRequest()
    for file in files:
        await visit.souk.catalog.add_product_media(
            AddProductMediaRequest(
                product_id=product.id,
                file=await file.read(),
                file_name=(file.filename or "")[:255],
                content_type=(file.content_type or "")[:255],
                alt=product.name,
            )
        )


async def change(visit: Visit) -> Response:
    """`up`, `down` or `remove` with the picture's place; or `order` with all places anew."""
    desk, form = await desk_of(visit), visit.form
    product = await product_of(desk)
    images = list(product.images)
    action, _, at = form["action"].partition(":")
    place = int(at) if at.isdecimal() and len(at) < 4 else -1
    if action == "remove" and 0 <= place < len(images):
        await take_away(visit, product, images, place)
    elif order := order_from(action, place, form["order"], count=len(images)):
        await save(visit, product, [images[each] for each in order])
    return desk.go(f"/products/{product.id}")


def order_from(action: str, place: int, given: str, *, count: int) -> list[int]:
    """Places in their new order; none where what was asked for makes no sense."""
    order = list(range(count))
    other = place + {"up": -1, "down": 1}.get(action, 0)
    if action == "order":
        order = [int(each) for each in given.split() if each.isdecimal() and len(each) < 4]
        return order if sorted(order) == list(range(count)) else []
    if place == other or not (0 <= place < count and 0 <= other < count):
        return []
    order[place], order[other] = order[other], order[place]
    return order


async def take_away(visit: Visit, product: Product, images: list[Image], place: int) -> None:
    if images[place].media_id:
        await visit.souk.catalog.remove_product_media(
            RemoveProductMediaRequest(product_id=product.id, media_id=images[place].media_id)
        )
    else:  # it lies elsewhere; only its address goes
        await save(visit, product, [*images[:place], *images[place + 1 :]])


async def save(visit: Visit, product: Product, images: list[Image]) -> None:
    items = tuple(structs.replace(image, media_id="") for image in images)
    await visit.souk.catalog.update_product(
        UpdateProductRequest(product_id=product.id, images=ProductImages(items=items))
    )
