"""A product: its pictures, its variants, when it would arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.catalog import (
    Category,
    GetProductRequest,
    ListCategoriesRequest,
    ListProductsRequest,
    Product,
    ProductCard,
    ProductNotFound,
    Variant,
)
from souk.contracts.shipping import ListMethodsRequest, ShippingMethod
from souk.kernel.refusals import InvalidRequest
from souk.kernel.validation import read_values
from souk.web.amounts import day_range
from souk.web.forms import Form
from souk.web.phrases import phrase
from souk.web.shopper.aisles import aisles_of
from souk.web.shopper.browse import trail_of
from souk.web.shopper.wishing import lists_of
from souk.web.visit import Visit

ALIKE, QUANTITY_MAX, FEW = 4, 20, 5
ALIKE_SECONDS = 5.0
METHODS_SECONDS = 60.0


class OptionValue(Struct, frozen=True):
    """One value of an option, with the variant it leads to."""

    value: str
    variant_id: str
    is_chosen: bool
    is_gone: bool


async def show(visit: Visit) -> Response:
    return await page(visit, visit.params["slug"], visit.query.get("variant", ""), Form())


async def page(
    visit: Visit, slug: str, variant_id: str, form: Form, *, status: int = 200
) -> Response:
    product = await find(visit, slug)
    alike, tree, methods, lists = await asyncio.gather(
        look_alikes(visit, product),
        visit.souk.catalog.list_categories(ListCategoriesRequest()),
        shipping_methods(visit),
        lists_of(visit, product.id),
    )
    chosen = choose(product, variant_id)
    here = next((one for one in tree.items if one.path == product.category), None)
    return visit.page(
        "product.html",
        status=status,
        form=form,
        product=product,
        variant=chosen,
        choices=choices_of(product, chosen),
        most=min(chosen.available, QUANTITY_MAX),
        few=FEW,
        pictures=pictures_of(product, chosen),
        arrives=arrival(visit, methods),
        alike=alike,
        lists=lists,
        trail=[*trail_of(tree.items, here), *own_step(here)],
        aisles=aisles_of(tree.items),
        data=structured(visit, product),
    )


async def find(visit: Visit, slug: str) -> Product:
    """Raises ProductNotFound, for addresses too that no product can have."""
    try:
        request = read_values(GetProductRequest, {"product_id": slug})
    except InvalidRequest:
        raise ProductNotFound(product_id=slug[:100]) from None
    found: Product = await visit.souk.catalog.get_product(request)
    if not found.variants:
        raise ProductNotFound(product_id=slug)
    return found


async def look_alikes(visit: Visit, product: Product) -> Sequence[ProductCard]:
    async def ask() -> Sequence[ProductCard]:
        request = ListProductsRequest(page=1, page_size=ALIKE + 1, category=product.category)
        return (await visit.souk.catalog.list_products(request)).items

    name = f"alike {product.category}"
    found = await visit.site.remembered(name, ALIKE_SECONDS, ask)
    return [card for card in found if card.id != product.id][:ALIKE]


async def shipping_methods(visit: Visit) -> Sequence[ShippingMethod]:
    async def ask() -> Sequence[ShippingMethod]:
        return (await visit.souk.shipping.list_methods(ListMethodsRequest())).items

    return await visit.site.remembered("shipping methods", METHODS_SECONDS, ask)


def choose(product: Product, variant_id: str) -> Variant:
    """The variant that was asked for, or else the first that can be bought."""
    for variant in product.variants:
        if variant.id == variant_id:
            return variant
    return next((each for each in product.variants if each.available > 0), product.variants[0])


def choices_of(product: Product, chosen: Variant) -> list[tuple[str, list[OptionValue]]]:
    """Each option with its values; a value leads to the variant most like the chosen one."""
    return [(name, values_of(product, chosen, name)) for name in product.options]


def values_of(product: Product, chosen: Variant, name: str) -> list[OptionValue]:
    values: dict[str, Variant] = {}
    for variant in product.variants:
        value = variant.options.get(name, "")
        best = values.get(value)
        if best is None or likeness(variant, chosen) > likeness(best, chosen):
            values[value] = variant
    return [
        OptionValue(
            value=value,
            variant_id=variant.id,
            is_chosen=chosen.options.get(name, "") == value,
            is_gone=variant.available <= 0,
        )
        for value, variant in values.items()
    ]


def likeness(variant: Variant, chosen: Variant) -> tuple[int, bool]:
    same = sum(chosen.options.get(name) == value for name, value in variant.options.items())
    return same, variant.available > 0


def pictures_of(product: Product, chosen: Variant) -> list[tuple[str, str]]:
    """Addresses and what they show, the chosen variant's first."""
    known = {image.url: image.alt for image in product.images}
    urls = dict.fromkeys([chosen.image_url, *known])
    return [(url, known.get(url) or product.name) for url in urls if url]


def arrival(visit: Visit, methods: Sequence[ShippingMethod]) -> list[tuple[str, str]]:
    now, locale = visit.site.clock.now(), visit.tongue.locale
    return [
        (
            phrase(method.name, visit.tongue),
            day_range(now, method.days_min, method.days_max, locale),
        )
        for method in methods
    ]


def own_step(here: Category | None) -> list[tuple[str, str]]:
    return [(here.name, f"/c/{here.path}")] if here else []


def structured(visit: Visit, product: Product) -> dict[str, Any]:
    """As schema.org describes products."""
    url = visit.site.address(f"/p/{product.slug}")
    offers = [
        {
            "@type": "Offer",
            "sku": variant.sku,
            "price": str(variant.price.to_decimal()),
            "priceCurrency": variant.price.currency,
            "availability": "https://schema.org/"
            + ("InStock" if variant.available > 0 else "OutOfStock"),
            "url": f"{url}?variant={variant.id}",
        }
        for variant in product.variants[:20]
        if variant.price
    ]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "url": url,
        "sku": product.variants[0].sku,
        "offers": offers,
    }
    if product.images:
        found["image"] = [image.url for image in product.images[:5]]
    if product.brand:
        found["brand"] = {"@type": "Brand", "name": product.brand}
    if product.review_count:
        found["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": product.rating,
            "reviewCount": product.review_count,
        }
    return found
