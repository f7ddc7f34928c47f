"""The columns of a Shopify product sheet, and where a sheet has them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from souk.contracts.catalog import NotAProductSheet

HANDLE, TITLE, BODY, VENDOR = "Handle", "Title", "Body (HTML)", "Vendor"
TYPE, TAGS, PUBLISHED, STATUS = "Type", "Tags", "Published", "Status"
OPTION_NAMES = ("Option1 Name", "Option2 Name", "Option3 Name")
OPTION_VALUES = ("Option1 Value", "Option2 Value", "Option3 Value")
SKU, GRAMS, WEIGHT_UNIT = "Variant SKU", "Variant Grams", "Variant Weight Unit"
QUANTITY, BARCODE = "Variant Inventory Qty", "Variant Barcode"
PRICE, COMPARE_AT = "Variant Price", "Variant Compare At Price"
IMAGE, POSITION, ALT = "Image Src", "Image Position", "Image Alt Text"
VARIANT_IMAGE = "Variant Image"

NEEDED = (HANDLE, TITLE, PRICE)
READ = (
    *(HANDLE, TITLE, BODY, VENDOR, TYPE, TAGS, PUBLISHED, *OPTION_NAMES, *OPTION_VALUES, SKU),
    *(GRAMS, QUANTITY, PRICE, COMPARE_AT, BARCODE, IMAGE, POSITION, ALT, VARIANT_IMAGE),
    *(WEIGHT_UNIT, STATUS),
)
# In Shopify's order, with what Shopify wants to know and we have no place for.
WRITTEN = (
    *(HANDLE, TITLE, BODY, VENDOR, TYPE, TAGS, PUBLISHED),
    *(OPTION_NAMES[0], OPTION_VALUES[0], OPTION_NAMES[1], OPTION_VALUES[1]),
    *(OPTION_NAMES[2], OPTION_VALUES[2], SKU, GRAMS, "Variant Inventory Tracker", QUANTITY),
    *("Variant Inventory Policy", "Variant Fulfillment Service", PRICE, COMPARE_AT),
    *("Variant Requires Shipping", "Variant Taxable", BARCODE, IMAGE, POSITION, ALT),
    *("Gift Card", VARIANT_IMAGE, WEIGHT_UNIT, STATUS),
)
SEPARATORS = {";": "semicolons", "\t": "tabs"}
FURTHER_OPTION = re.compile(r"option([4-9]|[1-9][0-9]+) (name|value)")


class Header(Struct, frozen=True):
    """Where the columns are. Those that nobody reads are left alone."""

    places: dict[str, int]
    width: int
    further_options: tuple[int, ...]

    def has(self, column: str) -> bool:
        return column in self.places


def header_from(cells: Sequence[str]) -> Header:
    """Raises NotAProductSheet."""
    names = [" ".join(cell.split()).lower() for cell in cells]
    places: dict[str, int] = {}
    for column in READ:
        found = [place for place, name in enumerate(names) if name == column.lower()]
        if len(found) > 1:
            raise NotAProductSheet(reason=f"it has the column {column} twice")
        if found:
            places[column] = found[0]
    missing = [column for column in NEEDED if column not in places]
    if missing:
        raise NotAProductSheet(reason=why_without(missing, cells))
    further = tuple(place for place, name in enumerate(names) if FURTHER_OPTION.fullmatch(name))
    return Header(places, len(cells), further)


def why_without(missing: Sequence[str], cells: Sequence[str]) -> str:
    for separator, name in SEPARATORS.items():
        if any(separator in cell for cell in cells):
            return f"its columns are separated by {name}; save it with commas"
    columns = "column" if len(missing) == 1 else "columns"
    return f"it has no {columns} {', '.join(missing)}"
