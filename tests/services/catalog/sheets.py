"""Sheets for tests: the real ones, and rows written by hand."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from souk.contracts.catalog import ImportProblem
from souk.kernel.ids import new_id
from souk.services.catalog.model import ProductDraft
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.shopify.draft import pieces_of
from souk.services.catalog.shopify.plan import Known, Plan, plan_for
from souk.services.catalog.shopify.sheet import Sheet

FOLDER = Path(__file__).parent / "sheets"
APPAREL = (FOLDER / "apparel.csv").read_bytes()
HOME = (FOLDER / "home-and-garden.csv").read_bytes()

SHORT = {
    "handle": "Handle",
    "title": "Title",
    "body": "Body (HTML)",
    "vendor": "Vendor",
    "type": "Type",
    "tags": "Tags",
    "published": "Published",
    "status": "Status",
    "name1": "Option1 Name",
    "value1": "Option1 Value",
    "name2": "Option2 Name",
    "value2": "Option2 Value",
    "name4": "Option4 Name",
    "value4": "Option4 Value",
    "sku": "Variant SKU",
    "grams": "Variant Grams",
    "unit": "Variant Weight Unit",
    "qty": "Variant Inventory Qty",
    "price": "Variant Price",
    "compare_at": "Variant Compare At Price",
    "barcode": "Variant Barcode",
    "image": "Image Src",
    "position": "Image Position",
    "alt": "Image Alt Text",
    "variant_image": "Variant Image",
}
ALL = tuple(name for name in SHORT if not name.endswith("4"))


def sheet(*rows: dict[str, Any], columns: tuple[str, ...] = ALL) -> bytes:
    """Rows by the short names of their columns."""
    used = [*columns, *(name for row in rows for name in row if name not in columns)]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([SHORT[name] for name in dict.fromkeys(used)])
    writer.writerows([[row.get(name, "") for name in dict.fromkeys(used)] for row in rows])
    return text.getvalue().encode()


def head(handle: str = "tee", **cells: Any) -> dict[str, Any]:
    """The first row of a product."""
    return {"handle": handle, "title": handle.capitalize(), "price": "10.00", "qty": 1} | cells


def sized(handle: str = "tee", value: str = "S", **cells: Any) -> dict[str, Any]:
    """The first row of a product that has sizes."""
    return head(handle, **({"name1": "Size", "value1": value} | cells))


def more(value: str, handle: str = "tee", **cells: Any) -> dict[str, Any]:
    """A further variant."""
    return {"handle": handle, "value1": value, "price": "10.00", "qty": 1} | cells


def planned(content: bytes, *shop: ProductRow, currency: str = "USD", **skus: str) -> Plan:
    """What the sheet does to a shop that has these products."""
    known = Known(products={row.handle: row for row in shop}, skus=skus, on_hand={})
    pieces = list(pieces_of(Sheet(content), currency))
    return plan_for(pieces, known, import_id=new_id(), shop_id=new_id())


def problems(content: bytes, **fields: Any) -> list[tuple[int, str]]:
    """Rows and columns that are wrong."""
    return [(wrong.row, wrong.field) for wrong in errors(content, **fields)]


def errors(content: bytes, **fields: Any) -> tuple[ImportProblem, ...]:
    return planned(content, **fields).progress.errors


def drafts(content: bytes, **fields: Any) -> list[ProductDraft]:
    """The products of a sheet in which nothing is wrong."""
    plan = planned(content, **fields)
    assert plan.progress.errors == ()
    return plan.creates
