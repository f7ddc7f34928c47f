"""One product at its shop's desk: what it says, what its variants cost, whether it is on sale."""

from __future__ import annotations

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.catalog import (
    DeleteProductRequest,
    GetProductRequest,
    Product,
    ProductNotFound,
    ProductStatus,
    UpdateProductRequest,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of
from souk.web.seller.grid import blame_rows, grid_of, request_from
from souk.web.seller.products import OPTIONS_MAX, categories, tags_typed
from souk.web.visit import Visit


class Forms(Struct, kw_only=True):
    """The page's forms; only the one that was sent has anything in it."""

    details: Form
    variants: Form
    pictures: Form

    @classmethod
    def blank(cls, **given: Form) -> Forms:
        return cls(**({"details": Form(), "variants": Form(), "pictures": Form()} | given))


async def show(visit: Visit) -> Response:
    desk = await desk_of(visit)
    return await product_page(desk, await product_of(desk), Forms.blank())


async def save_details(visit: Visit) -> Response:
    desk, form = await desk_of(visit), visit.form
    product = await product_of(desk)
    try:
        request = form.read(
            UpdateProductRequest,
            product_id=product.id,
            tags={"items": tags_typed(form["tags"])},
        )
        await visit.souk.catalog.update_product(request)
    except Refusal as refusal:
        form.refuse(refusal)
        forms = Forms.blank(details=form)
        return await product_page(desk, product, forms, status=refusal.KIND.status)
    visit.note("Saved.")
    return desk.go(f"/products/{product.id}")


async def save_variants(visit: Visit) -> Response:
    """All rows of the grid, or none of them; rows that nobody has seen are shown first."""
    desk, form = await desk_of(visit), visit.form
    product = await product_of(desk)
    grid, forms = grid_of(desk, product, form), Forms.blank(variants=form)
    unseen = not all(row.is_in(form) for row in grid.new)
    if not form.is_wrong and (unseen or form["action"] == "grid"):
        return await product_page(desk, product, forms)
    try:
        request = request_from(desk, product, grid, form)
        with visit.keyed(form["key"][:255]):
            await visit.souk.catalog.save_variants(request)
    except Refusal as refusal:
        blame_rows(form, refusal, grid)
        return await product_page(desk, product, forms, status=refusal.KIND.status)
    visit.note("Saved.")
    return desk.go(f"/products/{product.id}")


async def change(visit: Visit) -> Response:
    """Publishes it, takes it back, or takes it off sale for good."""
    desk = await desk_of(visit)
    product = await product_of(desk)
    action = visit.form["action"]
    if action == "delete":
        await visit.souk.catalog.delete_product(DeleteProductRequest(product_id=product.id))
        visit.note("%(name)s is gone.", name=product.name)
        return desk.go("/products")
    wanted = ProductStatus.PUBLISHED if action == "publish" else ProductStatus.DRAFT
    await visit.souk.catalog.update_product(
        UpdateProductRequest(product_id=product.id, status=wanted)
    )
    if wanted is ProductStatus.PUBLISHED:
        visit.note("%(name)s is on sale.", name=product.name)
    else:
        visit.note("%(name)s is a draft again: only your shop sees it.", name=product.name)
    return desk.go(f"/products/{product.id}")


async def product_of(desk: Desk) -> Product:
    """The product of the address, if it is the shop's. Raises ProductNotFound."""
    wanted = desk.visit.params["id"]
    try:
        request = read_values(GetProductRequest, {"product_id": wanted, "shop_id": desk.shop.id})
    except InvalidRequest:
        raise ProductNotFound(product_id=wanted[:100]) from None
    product: Product = await desk.visit.souk.catalog.get_product(request)
    if product.status is ProductStatus.ARCHIVED:
        raise ProductNotFound(product_id=product.id)
    return product


async def product_page(
    desk: Desk, product: Product, forms: Forms, *, status: int = 200
) -> Response:
    known = await categories(desk.visit)
    if product.category not in dict(known):
        known = [(product.category, product.category), *known]
    return desk.page(
        "product.html",
        status=status,
        product=product,
        forms=forms,
        grid=grid_of(desk, product, forms.variants),
        options_max=OPTIONS_MAX,
        key=forms.variants["key"] or new_id(),
        categories=known,
    )
