"""One product at its shop's desk: what it says, what its variants cost, whether it is on sale."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.catalog import (
    DeleteProductRequest,
    GetProductRequest,
    Product,
    ProductNotFound,
    ProductStatus,
    SaveVariantsRequest,
    UpdateProductRequest,
    Variant,
    VariantChange,
)
from souk.kernel.money import zero
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.kernel.validation import read_values
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of
from souk.web.seller.products import categories, tags_typed
from souk.web.seller.typed import money_typed, whole_typed, written
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
    """All rows of the grid, or none of them."""
    desk, form = await desk_of(visit), visit.form
    product = await product_of(desk)
    changes = [change_typed(desk, form, one) for one in product.variants]
    try:
        if form.errors:
            raise InvalidRequest()
        request = SaveVariantsRequest(product_id=product.id, items=tuple(changes))
        await visit.souk.catalog.save_variants(request)
    except Refusal as refusal:
        blame_rows(form, refusal, product)
        forms = Forms.blank(variants=form)
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


def change_typed(desk: Desk, form: Form, variant: Variant) -> VariantChange:
    visit, currency = desk.visit, desk.shop.currency
    price = money_typed(visit, form, f"price--{variant.id}", currency)
    if price is None:
        form.blame(f"price--{variant.id}", visit.text("Say what it costs."))
    before = money_typed(visit, form, f"compare_at_price--{variant.id}", currency)
    if not form[f"sku--{variant.id}"]:
        form.blame(f"sku--{variant.id}", visit.text("is needed"))
    return VariantChange(
        variant_id=variant.id,
        sku=form[f"sku--{variant.id}"],
        price=price,
        compare_at_price=before or zero(currency),
        barcode=form[f"barcode--{variant.id}"],
        weight_grams=whole_typed(visit, form, f"weight_grams--{variant.id}"),
    )


def blame_rows(form: Form, refusal: Refusal, product: Product) -> None:
    """Puts what the catalog says of `items[3].sku` at that row's field."""
    sku = getattr(refusal, "sku", "")
    rows = [one.id for one in product.variants if sku and form[f"sku--{one.id}"] == sku]
    if rows:
        form.blame(f"sku--{rows[-1]}", refusal.detail)
    elif isinstance(refusal, InvalidRequest) and refusal.errors:
        for error in refusal.errors:
            row, _, field = error.field.partition("].")
            number = row.removeprefix("items[")
            place = product.variants[int(number)].id if number.isdecimal() else ""
            form.blame(f"{field.split('.')[0]}--{place}", error.message)
    else:
        form.refuse(refusal)


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
        grid=[row_of(variant) for variant in product.variants],
        categories=known,
    )


def row_of(variant: Variant) -> dict[str, Any]:
    """A variant as its row's fields show it."""
    return {
        "variant": variant,
        "sku": variant.sku,
        "price": written(variant.price),
        "compare_at_price": written(variant.compare_at_price),
        "barcode": variant.barcode,
        "weight_grams": str(variant.weight_grams or ""),
    }
