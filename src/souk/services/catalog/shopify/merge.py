"""What a sheet says of a product, put together with what the shop has already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct, UnsetType, structs

from souk.contracts.catalog import ImportProblem
from souk.services.catalog.model import VARIANTS_MAX, ProductDraft, VariantDraft
from souk.services.catalog.shopify import columns
from souk.services.catalog.shopify.reading import SheetProduct, SheetVariant, error

T = TypeVar("T")
NEW = -1  # the place of a variant that has none yet
Ids = Callable[[int, str], str]  # by row and kind


class Merged(Struct, frozen=True):
    """A product as it shall be; None when nothing of it can go in."""

    draft: ProductDraft | None
    stock: Mapping[str, int]  # by variant, where the sheet says how many
    errors: Sequence[ImportProblem]


class Match(Struct, frozen=True):
    """A variant of the sheet, and the same as the shop has it."""

    sheet: SheetVariant
    before: VariantDraft | None


def merged(
    sheet: SheetProduct,
    before: ProductDraft | None,
    *,
    shop_id: str,
    ids: Ids,
    taken: Mapping[str, str],
) -> Merged:
    """What the sheet does not say stays as it is. `taken` are SKUs and the products that have them.

    Variants are known by their SKUs, or else by their options. Those that the sheet does not name
    stay as well, unless the product has other options now.
    """
    product_id = before.id if before else ids(sheet.row, "product")
    errors: list[ImportProblem] = []
    matches = []
    for match in matched(sheet, before):
        sku = sku_of(match)
        if taken.get(sku, product_id) != product_id:
            errors.append(error(match.sheet.row, columns.SKU, f"{sku} is another product's"))
        else:
            matches.append(match)
    matches, kept = without_doubles(sheet, before, matches, errors)
    if not matches:
        return Merged(None, {}, errors)
    head = head_of(sheet, before, product_id, shop_id)
    variants = [variant_of(match, head, ids) for match in matches]
    stock = {
        variant.id: match.sheet.stock
        for variant, match in zip(variants, matches, strict=True)
        if match.sheet.stock is not None
    }
    return Merged(structs.replace(head, variants=placed(variants, kept)), stock, errors)


def matched(sheet: SheetProduct, before: ProductDraft | None) -> list[Match]:
    if before is None:
        return [Match(variant, None) for variant in sheet.variants]
    by_sku = {variant.sku: variant for variant in before.variants}
    found = {variant.row: by_sku.get(variant.sku) for variant in sheet.variants}
    known = {variant.id for variant in found.values() if variant}
    by_options = {
        chosen(before.options, variant.options): variant
        for variant in before.variants
        if variant.id not in known
    }
    return [
        Match(variant, found[variant.row] or by_options.get(chosen(sheet.options, variant.options)))
        for variant in sheet.variants
    ]


def without_doubles(
    sheet: SheetProduct,
    before: ProductDraft | None,
    matches: list[Match],
    errors: list[ImportProblem],
) -> tuple[list[Match], list[VariantDraft]]:
    """What goes in, and the shop's variants that stay beside it."""
    while True:
        kept = kept_of(sheet, before, matches)
        theirs = {variant.options: variant for variant in kept}
        wrong = [match for match in matches if match.sheet.options in theirs]
        for match in wrong:
            sku = theirs[match.sheet.options].sku
            message = f"and all other options are those of {sku}, which the sheet does not name"
            errors.append(error(match.sheet.row, columns.OPTION_VALUES[0], message))
        matches = [match for match in matches if match not in wrong]
        if not wrong:
            break
    for match in matches[max(VARIANTS_MAX - len(kept), 0) :]:
        message = f"is too much: a product has at most {VARIANTS_MAX} variants"
        errors.append(error(match.sheet.row, columns.SKU, message))
    return matches[: max(VARIANTS_MAX - len(kept), 0)], kept


def kept_of(
    sheet: SheetProduct, before: ProductDraft | None, matches: Sequence[Match]
) -> list[VariantDraft]:
    if before is None or set(before.options) != set(sheet.options):
        return []
    named = {match.before.id for match in matches if match.before}
    return [
        structs.replace(
            variant,
            options=tuple(
                dict(zip(before.options, variant.options, strict=True))[name]
                for name in sheet.options
            ),
        )
        for variant in before.variants
        if variant.id not in named
    ]


def head_of(
    sheet: SheetProduct, before: ProductDraft | None, product_id: str, shop_id: str
) -> ProductDraft:
    """The product without its variants."""
    base = before or ProductDraft(
        id=product_id,
        shop_id=shop_id,
        handle=sheet.handle,
        name=sheet.name,
        options=sheet.options,
        variants=(),
        weight_grams=sheet.variants[0].grams or 0,
    )
    return structs.replace(
        base,
        name=sheet.name,
        options=sheet.options,
        description=given(sheet.description, base.description),
        category=given(sheet.category, base.category),
        brand=given(sheet.brand, base.brand),
        tags=given(sheet.tags, base.tags),
        images=given(sheet.images, base.images),
        status=given(sheet.status, base.status),
        variants=(),
    )


def variant_of(match: Match, head: ProductDraft, ids: Ids) -> VariantDraft:
    sheet = match.sheet
    base = match.before or VariantDraft(
        id=ids(sheet.row, "variant"), sku="", options=(), place=NEW, price=sheet.price
    )
    weight = base.weight_grams
    if sheet.grams is not None and sheet.grams != head.grams(base):
        weight = None if sheet.grams == head.weight_grams else sheet.grams
    return structs.replace(
        base,
        sku=sku_of(match),
        options=sheet.options,
        price=sheet.price,
        compare_at_price=given(sheet.compare_at_price, base.compare_at_price),
        barcode=given(sheet.barcode, base.barcode),
        weight_grams=weight,
        image_url=given(sheet.image_url, base.image_url),
    )


def sku_of(match: Match) -> str:
    return match.sheet.sku or (match.before.sku if match.before else match.sheet.derived_sku)


def placed(
    variants: Sequence[VariantDraft], kept: Sequence[VariantDraft]
) -> tuple[VariantDraft, ...]:
    """In the sheet's order when it names all variants; else new ones follow those there are."""
    old = [variant for variant in variants if variant.place != NEW]
    new = [variant for variant in variants if variant.place == NEW]
    if not kept:
        places = [variant.place for variant in variants]
        if NEW not in places and places == sorted(places):
            return tuple(variants)
        return tuple(
            structs.replace(variant, place=place) for place, variant in enumerate(variants)
        )
    old = sorted([*old, *kept], key=lambda variant: variant.place)
    new = [
        structs.replace(variant, place=old[-1].place + 1 + number)
        for number, variant in enumerate(new)
    ]
    return (*old, *new)


def chosen(names: Sequence[str], values: Sequence[str]) -> frozenset[tuple[str, str]]:
    return frozenset(zip(names, values, strict=True))


def given(said: T | UnsetType, otherwise: T) -> T:
    return otherwise if isinstance(said, UnsetType) else said
