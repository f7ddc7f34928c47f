"""Rows of a sheet understood as products: what they say, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from msgspec import UNSET, Struct, structs

from souk.contracts.catalog import Image, ImportProblem
from souk.services.catalog import texts
from souk.services.catalog.model import IMAGES_MAX, VARIANTS_MAX
from souk.services.catalog.shopify import columns
from souk.services.catalog.shopify.reading import (
    DEFAULT_NAMES,
    DEFAULT_VALUES,
    RowReader,
    SheetProduct,
    SheetVariant,
    error,
    has_variant,
    head_from,
    image_from,
    option_names,
    variant_from,
)
from souk.services.catalog.shopify.sheet import Row, Sheet


class Piece(Struct, frozen=True):
    """Rows that belong together, and what they came to."""

    rows: tuple[int, ...]
    product: SheetProduct | None
    errors: tuple[ImportProblem, ...]


def pieces_of(sheet: Sheet, currency: str) -> Iterator[Piece]:
    """All rows, in the order in which they end: a piece ends with its last row."""
    group: list[Row] = []
    began: dict[str, int] = {}  # handle to row
    skus: dict[str, int] = {}
    for row in sheet.rows():
        handle = row.get(columns.HANDLE)
        if group and handle == group[0].get(columns.HANDLE):
            group.append(row)
        elif wrong := what_is_wrong(handle, began):
            yield Piece((row.number,), None, (error(row.number, columns.HANDLE, wrong),))
        else:
            if group:
                yield understood(group, currency, skus)
            group, began[handle] = [row], row.number
    if group:
        yield understood(group, currency, skus)


def what_is_wrong(handle: str, began: dict[str, int]) -> str:
    """With the handle of a row that does not go on with the product before it."""
    if not handle:
        return "is missing"
    if handle in began:
        return f"began in row {began[handle]}: all rows of a product must stand together"
    try:
        line = texts.line_from(handle, most=texts.HANDLE_MAX)
    except ValueError as problem:
        return str(problem)
    return "" if line == handle else "must be one line without double blanks"


def understood(group: Sequence[Row], currency: str, skus: dict[str, int]) -> Piece:
    rows = tuple(row.number for row in group)
    early = list(takewhile(lambda row: not row.get(columns.TITLE), group))
    missing = "is missing: the first row of a product must have it"
    errors = [error(row.number, columns.TITLE, missing) for row in early]
    product = None
    if len(early) < len(group):
        product, more = product_from(group[len(early) :], currency, skus)
        errors += more
    if product is None:
        errors += left_behind(rows, errors)
    return Piece(rows, product, tuple(sorted(errors, key=lambda wrong: wrong.row)))


def product_from(
    group: Sequence[Row], currency: str, skus: dict[str, int]
) -> tuple[SheetProduct | None, list[ImportProblem]]:
    readers = [RowReader(row) for row in group]
    named = option_names(readers[0])
    product = head_from(readers[0], tuple(named.values()))
    if readers[0].errors:
        return None, readers[0].errors
    variants: dict[tuple[str, ...], SheetVariant] = {}
    images: list[tuple[int, Image]] = []
    for reader in readers:
        variant = None
        if reader is readers[0] or has_variant(reader.row):
            variant = variant_from(reader, product.handle, named, currency)
            if not reader.errors:
                must_be_new(reader, variant, variants, skus)
        image = image_from(reader)
        if image and len(images) >= IMAGES_MAX:
            reader.add(columns.IMAGE, f"is too much: a product has at most {IMAGES_MAX} images")
        if variant is None and image is None and not reader.errors:
            reader.add(columns.PRICE, "is missing, as is an image: this row says nothing")
        if reader.errors:
            continue
        if variant:
            variants[variant.options] = variant
            skus[variant.sku or variant.derived_sku] = variant.row
        if image:
            images.append(image)
    errors = [wrong for reader in readers for wrong in reader.errors]
    if not variants:
        return None, errors
    has_images = group[0].header.has(columns.IMAGE)
    found = structs.replace(product, images=in_order(images) if has_images else UNSET)
    return with_variants(found, tuple(variants.values())), errors


def must_be_new(
    reader: RowReader,
    variant: SheetVariant,
    variants: dict[tuple[str, ...], SheetVariant],
    skus: dict[str, int],
) -> None:
    """Neither options nor SKU may have been there before."""
    if before := variants.get(variant.options):
        reader.add(columns.OPTION_VALUES[0], f"and all other options are those of row {before.row}")
    elif before_row := skus.get(variant.sku or variant.derived_sku):
        what = "is" if variant.sku else f"is missing, and {variant.derived_sku} is"
        reader.add(columns.SKU, f"{what} the SKU of row {before_row}")
    if len(variants) >= VARIANTS_MAX:
        reader.add(columns.SKU, f"is too much: a product has at most {VARIANTS_MAX} variants")


def in_order(images: Sequence[tuple[int, Image]]) -> tuple[Image, ...]:
    """By their positions, each address once."""
    kept: dict[str, Image] = {}
    for _, image in sorted(images, key=lambda each: each[0]):
        kept.setdefault(image.url, image)
    return tuple(kept.values())


def with_variants(product: SheetProduct, variants: tuple[SheetVariant, ...]) -> SheetProduct:
    """`Title: Default Title` is how sheets write that a product has but one variant."""
    only = variants[0]
    if product.options == DEFAULT_NAMES and len(variants) == 1 and only.options == DEFAULT_VALUES:
        return structs.replace(product, options=(), variants=(structs.replace(only, options=()),))
    return structs.replace(product, variants=variants)


def left_behind(rows: Sequence[int], errors: Sequence[ImportProblem]) -> list[ImportProblem]:
    """The other rows of a product that does not go in."""
    wrong = {each.row for each in errors}
    message = f"did not go in: its product is wrong in row {min(wrong, default=rows[0])}"
    return [error(row, columns.HANDLE, message) for row in rows if row not in wrong]
