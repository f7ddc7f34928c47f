"""A shop's products: the list of them, and a new one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, product

from msgspec import structs
from starlette.responses import Response

from souk.contracts.catalog import (
    Category,
    CreateProductRequest,
    ListCategoriesRequest,
    ListShopProductsRequest,
    NewVariant,
    ProductStatus,
)
from souk.kernel.ids import new_code
from souk.kernel.money import Money
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.forms import Form, in_order
from souk.web.seller.desk import Desk, desk_of, page_number
from souk.web.seller.typed import money_typed, whole_typed
from souk.web.visit import Visit

PAGE_SIZE = 25
TEXT_MAX = 200
OPTIONS_MAX, VARIANTS_MAX = 3, 250
FIELDS = ("name", "description", "category", "brand", "tags", "price", "stock", "sku")
CATEGORIES_SECONDS = 10.0
SHELVES = (ProductStatus.PUBLISHED, ProductStatus.DRAFT)


async def every(visit: Visit) -> Response:
    desk = await desk_of(visit)
    shelf = ProductStatus.DRAFT if visit.query.get("status") == "draft" else SHELVES[0]
    text, page = visit.query.get("q", "").strip()[:TEXT_MAX], page_number(visit)
    found = await visit.souk.catalog.list_shop_products(
        ListShopProductsRequest(
            shop_id=desk.shop.id, q=text, status=shelf, page=page, page_size=PAGE_SIZE
        )
    )
    return desk.page(
        "products.html",
        products=found.items,
        names=dict(await categories(visit)),
        total=found.total,
        text=text,
        shelf=shelf.value,
        page=page,
        last=max(1, -(-found.total // PAGE_SIZE)),
        given={"q": text, "status": "draft" if shelf is ProductStatus.DRAFT else ""},
    )


async def blank(visit: Visit) -> Response:
    return await new_page(await desk_of(visit), Form())


async def create(visit: Visit) -> Response:
    """A draft, with a variant for every combination of its options."""
    desk, form = await desk_of(visit), visit.form
    try:
        request = new_product_from(desk, form)
        with visit.keyed(form["key"][:255]):
            made = await visit.souk.catalog.create_product(request)
    except Refusal as refusal:
        form.refuse(refusal, SkuTaken="sku", VariantsAlike="values_1")
        form.errors = in_order(form.errors, FIELDS)
        return await new_page(desk, form, status=refusal.KIND.status)
    visit.note("Here is your draft. Add pictures, and publish it when it is ready.")
    return desk.go(f"/products/{made.id}")


async def new_page(desk: Desk, form: Form, *, status: int = 200) -> Response:
    return desk.page(
        "new_product.html",
        status=status,
        form=form,
        categories=await categories(desk.visit),
        options=range(1, OPTIONS_MAX + 1),
        key=form["key"] or new_code(12),
    )


def new_product_from(desk: Desk, form: Form) -> CreateProductRequest:
    """Raises InvalidRequest, with a complaint at every field that is wrong."""
    visit = desk.visit
    price = money_typed(visit, form, "price", desk.shop.currency)
    stock = whole_typed(visit, form, "stock")
    options = options_typed(visit, form)
    if price is None:
        form.blame("price", visit.text("Say what it costs."))
    variants = [
        NewVariant(
            sku="-".join([form["sku"] or sku_from(form["name"]), *map(sku_from, values)]),
            options=dict(zip(options, values, strict=True)),
            price=price or Money(0, desk.shop.currency),
            stock=stock or 0,
        )
        for values in islice(product(*options.values()), VARIANTS_MAX + 1)
    ]
    if len(variants) > VARIANTS_MAX:
        form.blame("values_1", visit.text("would be more than %(max)s variants", max=VARIANTS_MAX))
    try:
        request = form.read(
            CreateProductRequest,
            shop_id=desk.shop.id,
            is_draft=True,
            tags=tags_typed(form["tags"]),
            variants=[{"sku": "-", "price": {"amount": 0, "currency": desk.shop.currency}}],
            options=list(options),
        )
    except InvalidRequest as refusal:
        form.refuse(refusal)
    if form.errors:
        raise InvalidRequest()
    return structs.replace(request, variants=tuple(variants))


def options_typed(visit: Visit, form: Form) -> dict[str, list[str]]:
    """Names of options with their values, which commas part."""
    found: dict[str, list[str]] = {}
    for number in range(1, OPTIONS_MAX + 1):
        name = form[f"option_{number}"]
        values = list(dict.fromkeys(words(form[f"values_{number}"])))
        if name in found:
            form.blame(f"option_{number}", visit.text("is there twice"))
        elif name and values:
            found[name] = values
        elif name:
            form.blame(f"values_{number}", visit.text("Say which there are, such as S, M, L."))
        elif values:
            form.blame(f"option_{number}", visit.text("Say what these are, such as Size."))
    return found


def tags_typed(text: str) -> list[str]:
    return list(dict.fromkeys(words(text)))


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def sku_from(name: str) -> str:
    """Three words of it at most, in capitals."""
    return "-".join(re.findall(r"\w+", name.upper())[:3]) or new_code(6)


async def categories(visit: Visit) -> Sequence[tuple[str, str]]:
    """Paths and names, as the tree has them."""

    async def ask() -> Sequence[Category]:
        found: Sequence[Category] = (
            await visit.souk.catalog.list_categories(ListCategoriesRequest())
        ).items
        return found

    tree = await visit.site.remembered("seller categories", CATEGORIES_SECONDS, ask)
    names = {each.path: each.name for each in tree}
    return sorted((path, " / ".join(trail(path, names))) for path in names)


def trail(path: str, names: dict[str, str]) -> list[str]:
    steps = path.split("/")
    paths = ["/".join(steps[: count + 1]) for count in range(len(steps))]
    return [names.get(each, each) for each in paths]
