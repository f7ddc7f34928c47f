"""A product's variants as a grid: a row each, those that more values of its options would make,
and what somebody typed into them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import product as every
from itertools import takewhile
from math import prod

from msgspec import Struct

from souk.contracts.catalog import (
    NewVariant,
    Product,
    SaveVariantsRequest,
    Variant,
    VariantChange,
)
from souk.kernel.money import Money, zero
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.forms import Form
from souk.web.seller.desk import Desk
from souk.web.seller.products import OPTIONS_MAX, VARIANTS_MAX, sku_from, words
from souk.web.seller.typed import money_typed, whole_typed, written

SKU_MAX, OPTION_MAX = 100, 100


class Row(Struct, frozen=True, kw_only=True):
    """`key` ends the names of its fields; the others are what they hold at first."""

    key: str
    values: tuple[str, ...]
    variant: Variant | None = None  # None: it would be new
    sku: str
    price: str
    compare_at_price: str = ""
    barcode: str = ""
    weight_grams: str = ""

    @property
    def name(self) -> str:
        return " / ".join(self.values)

    def is_in(self, form: Form) -> bool:
        """Whether somebody has seen its fields."""
        return f"price--{self.key}" in form.values

    def is_ticked(self, form: Form) -> bool:
        """Whether it is to go, or not to come."""
        return f"gone--{self.key}" in form.values


class Grid(Struct, frozen=True):
    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]  # of each name, as the product has them
    rows: Sequence[Row]

    @property
    def new(self) -> list[Row]:
        return [row for row in self.rows if row.variant is None]


def grid_of(desk: Desk, product: Product, form: Form) -> Grid:
    """Complaints about options stand at their fields."""
    named, added = option_typed(desk, product, form)
    rows = [row_of(one, product, added[:1]) for one in product.variants]
    stale = [
        list(dict.fromkeys(column)) for column in zip(*(each.values for each in rows), strict=True)
    ]
    fresh = [values_typed(desk, form, f"more--{place}") for place, _ in enumerate(product.options)]
    fresh += [list(added[1:])] if named else []
    if too_many(stale, fresh):
        place = next(place for place, typed in enumerate(fresh) if typed)
        text = desk.visit.text("would be more than %(max)s variants", max=VARIANTS_MAX)
        form.blame("values" if place >= len(product.options) else f"more--{place}", text)
        fresh = [[] for _ in stale]
    there = {each.values for each in rows}
    new = [new_row(values, product) for values in combined(stale, fresh) if values not in there]
    known = tuple(tuple(column) for column in stale[: len(product.options)])
    return Grid((*product.options, *named), known, [*rows, *new])


def values_typed(desk: Desk, form: Form, field: str) -> list[str]:
    values = list(dict.fromkeys(" ".join(each.split()) for each in words(form[field])))
    if any(len(value) > OPTION_MAX for value in values):
        form.blame(field, desk.visit.text("has a value that is too long"))
        return []
    return values


def option_typed(desk: Desk, product: Product, form: Form) -> tuple[list[str], tuple[str, ...]]:
    """One more option and its values, of which what is there takes the first; or neither."""
    name, values = " ".join(form["option"].split()), values_typed(desk, form, "values")
    text = desk.visit.text
    if name and not values:
        form.blame("values", text("Say which there are, such as S, M, L."))
    elif values and not name:
        form.blame("option", text("Say what these are, such as Size."))
    elif name in product.options:
        form.blame("option", text("is there twice"))
    elif name and len(product.options) < OPTIONS_MAX:
        return [name], tuple(values)
    return [], ()


def too_many(stale: Sequence[Sequence[str]], fresh: Sequence[Sequence[str]]) -> bool:
    """Whether there would be, counted without making them."""
    if not any(fresh):
        return False
    sizes = [len({*old, *new}) for old, new in zip(stale, fresh, strict=True)]
    kept = [len({*old} - {*new}) for old, new in zip(stale, fresh, strict=True)]
    return prod(sizes) - prod(kept) > VARIANTS_MAX


def combined(
    stale: Sequence[Sequence[str]], fresh: Sequence[Sequence[str]]
) -> list[tuple[str, ...]]:
    """Every combination with something fresh in it, in the order of the values."""
    found: list[tuple[str, ...]] = []
    for place, typed in enumerate(fresh):
        before = [
            [value for value in old if value not in new]
            for old, new in zip(stale[:place], fresh[:place], strict=True)
        ]
        after = [
            dict.fromkeys([*old, *new])
            for old, new in zip(stale[place + 1 :], fresh[place + 1 :], strict=True)
        ]
        found += every(*before, dict.fromkeys(typed), *after)
    places = [
        {value: number for number, value in enumerate(dict.fromkeys([*old, *new]))}
        for old, new in zip(stale, fresh, strict=True)
    ]
    return sorted(found, key=lambda row: [at[value] for at, value in zip(places, row, strict=True)])


def row_of(variant: Variant, product: Product, extra: Sequence[str]) -> Row:
    return Row(
        key=variant.id,
        values=(*(variant.options[name] for name in product.options), *extra),
        variant=variant,
        sku=variant.sku,
        price=written(variant.price),
        compare_at_price=written(variant.compare_at_price),
        barcode=variant.barcode,
        weight_grams=str(variant.weight_grams or ""),
    )


def new_row(values: tuple[str, ...], product: Product) -> Row:
    """It costs and weighs what the variant does that is most like it."""
    wanted = set(zip(product.options, values, strict=False))
    like = max(product.variants, key=lambda one: len(wanted & set(one.options.items())))
    digest = hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]
    return Row(
        key=f"new-{digest}",
        values=values,
        sku="-".join([stem_of(product), *map(sku_from, values)])[:SKU_MAX],
        price=written(like.price),
        weight_grams=str(like.weight_grams or ""),
    )


def stem_of(product: Product) -> str:
    """How the SKUs of all its variants begin."""
    skus = [one.sku for one in product.variants]
    alike = takewhile(lambda letters: len(set(letters)) == 1, zip(*skus, strict=False))
    return "".join(each[0] for each in alike).rstrip("-._/ ") or sku_from(product.name)


def request_from(desk: Desk, product: Product, grid: Grid, form: Form) -> SaveVariantsRequest:
    """All rows of the grid, or none of them. Raises InvalidRequest where they make no sense."""
    stays = [row for row in grid.rows if not row.is_ticked(form)]
    if not stays:
        form.message = desk.visit.text("One variant at least must stay.")
    items = [change_typed(desk, grid, form, row) for row in stays if row.variant]
    added = [new_typed(desk, grid, form, row) for row in stays if not row.variant]
    if form.is_wrong:
        raise InvalidRequest()
    return SaveVariantsRequest(
        product_id=product.id,
        items=tuple(items),
        added=tuple(added),
        removed=tuple(row.variant.id for row in grid.rows if row.variant and row.is_ticked(form)),
        options=grid.names if grid.names != product.options else (),
    )


def change_typed(desk: Desk, grid: Grid, form: Form, row: Row) -> VariantChange:
    sku, price, before = row_typed(desk, form, row)
    return VariantChange(
        variant_id=row.key,
        sku=sku,
        price=price,
        compare_at_price=before or zero(desk.shop.currency),
        barcode=form[f"barcode--{row.key}"],
        weight_grams=whole_typed(desk.visit, form, f"weight_grams--{row.key}"),
        options=dict(zip(grid.names, row.values, strict=True)),
    )


def new_typed(desk: Desk, grid: Grid, form: Form, row: Row) -> NewVariant:
    sku, price, before = row_typed(desk, form, row)
    return NewVariant(
        sku=sku,
        options=dict(zip(grid.names, row.values, strict=True)),
        price=price or zero(desk.shop.currency),
        compare_at_price=before,
        barcode=form[f"barcode--{row.key}"],
        weight_grams=whole_typed(desk.visit, form, f"weight_grams--{row.key}") or 0,
        stock=whole_typed(desk.visit, form, f"stock--{row.key}") or 0,
    )


def row_typed(desk: Desk, form: Form, row: Row) -> tuple[str, Money | None, Money | None]:
    visit, currency = desk.visit, desk.shop.currency
    price = money_typed(visit, form, f"price--{row.key}", currency)
    if price is None:
        form.blame(f"price--{row.key}", visit.text("Say what it costs."))
    sku = form[f"sku--{row.key}"]
    if not sku:
        form.blame(f"sku--{row.key}", visit.text("is needed"))
    return sku, price, money_typed(visit, form, f"compare_at_price--{row.key}", currency)


def blame_rows(form: Form, refusal: Refusal, grid: Grid) -> None:
    """Puts what the catalog says of `items[3].sku` or `added[0].sku` at that row's field."""
    stays = [row for row in grid.rows if not row.is_ticked(form)]
    sku = getattr(refusal, "sku", "")
    rows = [row.key for row in stays if sku and form[f"sku--{row.key}"] == sku]
    if rows:
        form.blame(f"sku--{rows[-1]}", refusal)
    elif isinstance(refusal, InvalidRequest) and refusal.errors:
        lists: Mapping[str, list[Row]] = {
            "items": [row for row in stays if row.variant],
            "added": [row for row in stays if not row.variant],
        }
        for error in refusal.errors:
            row, _, field = error.field.partition("].")
            kind, _, number = row.partition("[")
            place = lists[kind][int(number)].key if kind in lists and number.isdecimal() else ""
            if place:
                form.blame(f"{field.split('.')[0]}--{place}", error.message)
            else:
                form.message = error.message
    else:
        form.refuse(refusal)
