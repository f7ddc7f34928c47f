"""Single rows of a sheet read: what each says of a product, a variant or an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from msgspec import UNSET, Struct, UnsetType

from souk.contracts.catalog import Image, ImportProblem, ProductStatus
from souk.kernel.money import Money, zero
from souk.services.catalog import texts
from souk.services.catalog.model import ONLY_OPTION
from souk.services.catalog.shopify import cells, columns
from souk.services.catalog.shopify.numbering import derived_sku
from souk.services.catalog.shopify.sheet import Row

P = ParamSpec("P")
T = TypeVar("T")
FAR = 10**9  # where images go that have no position
DEFAULT_NAMES, DEFAULT_VALUES = tuple(ONLY_OPTION), tuple(ONLY_OPTION.values())


class SheetVariant(Struct, frozen=True, kw_only=True):
    """UNSET is what the sheet has no column for, and None what it leaves open."""

    row: int
    sku: str  # empty: the sheet has none
    derived_sku: str
    options: tuple[str, ...]
    price: Money
    compare_at_price: Money | UnsetType | None
    stock: int | None
    grams: int | None
    barcode: str | UnsetType
    image_url: str | UnsetType


class SheetProduct(Struct, frozen=True, kw_only=True):
    row: int
    handle: str
    name: str
    options: tuple[str, ...]
    description: str | UnsetType
    category: str | UnsetType
    brand: str | UnsetType
    tags: tuple[str, ...] | UnsetType
    status: ProductStatus | UnsetType
    variants: tuple[SheetVariant, ...] = ()
    images: tuple[Image, ...] | UnsetType = UNSET


class RowReader:
    """Takes what one row says, and remembers what is wrong with it."""

    def __init__(self, row: Row) -> None:
        self.row, self.errors = row, list[ImportProblem]()
        if row.is_too_long:
            self.add(columns.HANDLE, "has more cells in its row than the header has")
        if row.has_further_options:
            self.add("Option4 Name", "is too much: a product has at most 3 options")

    def take(
        self, column: str, clean: Callable[P, T], otherwise: T, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            return clean(*args, **kwargs)
        except ValueError as error:
            self.add(column, str(error))
            return otherwise

    def line(self, column: str, *, most: int, least: int = 0) -> str:
        text = self.row.get(column)
        return self.take(column, texts.line_from, "", text, most=most, least=least)

    def line_if(self, column: str, *, most: int) -> str | UnsetType:
        return self.line(column, most=most) if self.row.header.has(column) else UNSET

    def add(self, column: str, message: str) -> None:
        self.errors.append(ImportProblem(row=self.row.number, field=column, message=message))


def head_from(reader: RowReader, options: tuple[str, ...]) -> SheetProduct:
    row, has = reader.row, reader.row.header.has
    draft = ProductStatus.DRAFT
    told = {
        reader.take(columns.PUBLISHED, cells.published_from, draft, row.get(columns.PUBLISHED)),
        reader.take(columns.STATUS, cells.status_from, draft, row.get(columns.STATUS)),
    }
    status = draft if draft in told else ProductStatus.PUBLISHED
    return SheetProduct(
        row=row.number,
        handle=row.get(columns.HANDLE),
        name=reader.line(columns.TITLE, most=texts.NAME_MAX, least=1),
        options=options,
        description=reader.take(columns.BODY, texts.html_from, "", row.get(columns.BODY))
        if has(columns.BODY)
        else UNSET,
        category=reader.take(columns.TYPE, texts.category_from, "", row.get(columns.TYPE))
        if has(columns.TYPE)
        else UNSET,
        brand=reader.line_if(columns.VENDOR, most=texts.BRAND_MAX),
        tags=reader.take(columns.TAGS, texts.tags_from, (), [row.get(columns.TAGS)])
        if has(columns.TAGS)
        else UNSET,
        status=status if has(columns.PUBLISHED) or has(columns.STATUS) else UNSET,
    )


def option_names(reader: RowReader) -> dict[int, str]:
    """By the number of their columns."""
    named: dict[int, str] = {}
    for number, column in enumerate(columns.OPTION_NAMES):
        name = reader.line(column, most=texts.OPTION_MAX)
        if name in named.values():
            reader.add(column, f"is {name} for a second time")
        elif name:
            named[number] = name
    return named


def variant_from(
    reader: RowReader, handle: str, named: dict[int, str], currency: str
) -> SheetVariant:
    row, take = reader.row, reader.take
    options = options_from(reader, named)
    is_default = tuple(named.values()) == DEFAULT_NAMES and options == DEFAULT_VALUES
    compare_at: Money | UnsetType | None = UNSET
    if row.header.has(columns.COMPARE_AT):
        text = row.get(columns.COMPARE_AT)
        compare_at = take(columns.COMPARE_AT, cells.compare_at_from, None, text, currency)
    take(columns.WEIGHT_UNIT, cells.must_be_a_unit, None, row.get(columns.WEIGHT_UNIT))
    image_url: str | UnsetType = UNSET
    if row.header.has(columns.VARIANT_IMAGE):
        image_url = address_from(reader, columns.VARIANT_IMAGE)
    nothing, text = zero(currency), row.get(columns.PRICE)
    return SheetVariant(
        row=row.number,
        sku=reader.line(columns.SKU, most=texts.SKU_MAX),
        derived_sku=derived_sku(handle, () if is_default else options),
        options=options,
        price=take(columns.PRICE, cells.price_from, nothing, text, currency),
        compare_at_price=compare_at,
        stock=take(columns.QUANTITY, cells.quantity_from, None, row.get(columns.QUANTITY)),
        grams=take(columns.GRAMS, cells.grams_from, None, row.get(columns.GRAMS)),
        barcode=reader.line_if(columns.BARCODE, most=texts.BARCODE_MAX),
        image_url=image_url,
    )


def options_from(reader: RowReader, named: dict[int, str]) -> tuple[str, ...]:
    values = []
    for number, column in enumerate(columns.OPTION_VALUES):
        name = named.get(number, "")
        given = reader.line(columns.OPTION_NAMES[number], most=texts.OPTION_MAX)
        if given and given != name:
            reader.add(columns.OPTION_NAMES[number], f"must be {name or 'empty'}, as above")
        value = reader.line(column, most=texts.OPTION_MAX)
        if name and not reader.row.get(column):
            reader.add(column, f"is missing: the product has the option {name}")
        elif value and not name and (named or value not in DEFAULT_VALUES):
            reader.add(column, f"has no name in {columns.OPTION_NAMES[number]}")
        if name:
            values.append(value)
    return tuple(values)


def image_from(reader: RowReader) -> tuple[int, Image] | None:
    """With its position."""
    position = reader.take(
        columns.POSITION, cells.position_from, None, reader.row.get(columns.POSITION)
    )
    alt = reader.line(columns.ALT, most=texts.ALT_MAX)
    url = address_from(reader, columns.IMAGE)
    return (FAR if position is None else position, Image(url=url, alt=alt)) if url else None


def address_from(reader: RowReader, column: str) -> str:
    url = reader.row.get(column)
    return reader.take(column, texts.address_from, "", url) if url else ""


def has_variant(row: Row) -> bool:
    return any(row.get(column) for column in (columns.PRICE, columns.SKU, *columns.OPTION_VALUES))


def error(row: int, column: str, message: str) -> ImportProblem:
    return ImportProblem(row=row, field=column, message=message)
