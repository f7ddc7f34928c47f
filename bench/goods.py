"""A shop with 1,000 products in 20 categories, brought in as a product sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import httpx
from msgspec import Struct

from tests.journeys.people import Shop, eventually, opened_shop

PRODUCTS = 1000
CATEGORIES = 20
STOCK = 1_000_000
PAGE_SIZE = 100
NAMES = ("Linen tee", "Wool scarf", "Oak stool", "Clay mug", "Canvas bag")
COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Variant SKU", "Variant Grams", "Variant Inventory Qty"),
    *("Variant Price", "Variant Compare At Price", "Image Src"),
)


class Goods(Struct, frozen=True):
    """What the shoppers of a load look at and buy."""

    slugs: tuple[str, ...]
    variant_ids: tuple[str, ...]


async def brought_in(http: httpx.AsyncClient) -> None:
    """Raises AssertionError when a product did not go in."""
    shop = await opened_shop(http, "The Bench")
    path = f"/shops/{shop.id}/products/import"
    file = {"file": ("bench.csv", sheet(), "text/csv")}
    begun = await shop.seller.must(202, "POST", path, files=file)
    await eventually(lambda: _end(shop, begun["id"]), seconds=60)


async def found(http: httpx.AsyncClient, most: int = 200) -> Goods:
    """Goods spread over the whole catalogue."""
    slugs: list[str] = []
    for page in range(1, PRODUCTS // PAGE_SIZE + 1):
        listed = await http.get("/products", params={"page": page, "page_size": PAGE_SIZE})
        slugs += [card["slug"] for card in listed.raise_for_status().json()["items"]]
    assert len(slugs) >= PRODUCTS, f"only {len(slugs)} products are listed"
    chosen = slugs[:: max(len(slugs) // most, 1)]
    products = [(await http.get(f"/products/{slug}")).raise_for_status().json() for slug in chosen]
    variants = tuple(product["variants"][0]["id"] for product in products)
    return Goods(slugs=tuple(chosen), variant_ids=variants)


def sheet() -> bytes:
    """Every product with two variants."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for number in range(PRODUCTS):
        rows.writerows(_rows(number))
    return text.getvalue().encode()


def _rows(number: int) -> Sequence[Sequence[object]]:
    handle, category = f"bench-{number}", f"department-{number % CATEGORIES}"
    name = f"{NAMES[number % len(NAMES)]} no. {number}"
    price = f"{5 + number % 90}.99"
    image = f"https://images.example/{handle}.jpg"
    about = f"<p>{name}, made to be looked at a great many times.</p>"
    sizes = [("M", image), ("L", "")]
    head = (name, about, "Acme", category, "bench, test", "true", "Size")
    return [
        (
            *(handle, *(head if size == "M" else ("",) * len(head)), size),
            *(f"{handle}-{size}", 300, STOCK, price, "", shown),
        )
        for size, shown in sizes
    ]


async def _end(shop: Shop, import_id: str) -> bool:
    path = f"/shops/{shop.id}/products/imports/{import_id}"
    seen = await shop.seller.must(200, "GET", path)
    assert seen["status"] != "failed", seen
    assert not seen["failed"], seen["errors"][:3]
    return bool(seen["status"] == "done")
