"""A shop's products written as a Shopify product sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from souk.contracts.catalog import ProductStatus
from souk.kernel.money import Money
from souk.services.catalog.model import ONLY_OPTION, ProductDraft, VariantDraft
from souk.services.catalog.shopify import columns
from souk.services.catalog.shopify.sheet import guarded


def header_text() -> str:
    return text_from([columns.WRITTEN])


def sheet_text(products: Iterable[ProductDraft], on_hand: Mapping[str, int]) -> str:
    """Rows of these products, `on_hand` of each variant."""
    return text_from(
        [row.get(column, "") for column in columns.WRITTEN]
        for product in products
        for row in rows_of(product, on_hand)
    )


def text_from(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def rows_of(product: ProductDraft, on_hand: Mapping[str, int]) -> Iterator[dict[str, str]]:
    """A variant and an image a row, as long as there are any."""
    for number in range(max(len(product.variants), len(product.images))):
        row = {columns.HANDLE: guarded(product.handle)}
        if number == 0:
            row |= head_cells(product)
        if number < len(product.variants):
            variant = product.variants[number]
            row |= variant_cells(product, variant, on_hand.get(variant.id, 0))
        if number < len(product.images):
            image = product.images[number]
            row |= {
                columns.IMAGE: image.url,
                columns.POSITION: str(number + 1),
                columns.ALT: guarded(image.alt),
            }
        yield row


def head_cells(product: ProductDraft) -> dict[str, str]:
    names = product.options or tuple(ONLY_OPTION)
    is_published = product.status is ProductStatus.PUBLISHED
    return {
        columns.TITLE: guarded(product.name),
        columns.BODY: guarded(product.description),
        columns.VENDOR: guarded(product.brand),
        columns.TYPE: product.category,
        columns.TAGS: guarded(", ".join(product.tags)),
        columns.PUBLISHED: "true" if is_published else "false",
        columns.STATUS: "active" if is_published else "draft",
        "Gift Card": "false",
    } | dict(zip(columns.OPTION_NAMES, map(guarded, names), strict=False))


def variant_cells(product: ProductDraft, variant: VariantDraft, on_hand: int) -> dict[str, str]:
    values = variant.options or tuple(ONLY_OPTION.values())
    compare_at = variant.compare_at_price
    return {
        columns.SKU: guarded(variant.sku),
        columns.GRAMS: str(product.grams(variant)),
        columns.WEIGHT_UNIT: "g",
        "Variant Inventory Tracker": "shopify",
        columns.QUANTITY: str(on_hand),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        columns.PRICE: amount(variant.price),
        columns.COMPARE_AT: amount(compare_at) if compare_at else "",
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        columns.BARCODE: guarded(variant.barcode),
        columns.VARIANT_IMAGE: variant.image_url,
    } | dict(zip(columns.OPTION_VALUES, map(guarded, values), strict=False))


def amount(price: Money) -> str:
    return f"{price.to_decimal():f}"
