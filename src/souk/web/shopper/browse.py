"""Categories and search: products narrowed down by plain links and one form."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.catalog import (
    BrowsedProducts,
    BrowseProductsRequest,
    Category,
    CategoryNotFound,
    ListCategoriesRequest,
)
from souk.kernel.money import Money, money_from
from souk.kernel.refusals import InvalidRequest
from souk.kernel.validation import read_values
from souk.web.shopper.aisles import aisles_of
from souk.web.visit import Visit

PAGE_SIZE, PAGES_MAX = 24, 400
SORTS = ("newest", "price", "-price", "popular", "rating")
PRICE_LENGTH_MAX = 14


class Asked(Struct, frozen=True):
    """What the address asks for; what it says wrong is left out, since it may be an old link."""

    q: str
    sort: str
    page: int
    brands: tuple[str, ...]
    options: tuple[str, ...]
    low: str
    high: str
    in_stock: bool
    on_sale: bool

    def given(self) -> dict[str, Any]:
        """As a query, without the page."""
        return {
            "q": self.q,
            "sort": self.sort if self.sort != "newest" else "",
            "brand": list(self.brands),
            "option": list(self.options),
            "low": self.low,
            "high": self.high,
            "in_stock": "true" if self.in_stock else "",
            "on_sale": "true" if self.on_sale else "",
        }

    @property
    def narrows(self) -> bool:
        return bool(self.brands or self.options or self.low or self.high) or (
            self.in_stock or self.on_sale
        )


def asked_of(visit: Visit) -> Asked:
    query = visit.request.query_params
    page = query.get("page", "1")
    return Asked(
        q=query.get("q", "").strip()[:200],
        sort=query["sort"] if query.get("sort") in SORTS else "newest",
        page=min(int(page), PAGES_MAX) if page.isdecimal() and 0 < len(page) < 6 else 1,
        brands=tuple(query.getlist("brand")[:20]),
        options=tuple(each[:200] for each in query.getlist("option")[:40] if ":" in each),
        low=query.get("low", "").strip()[:PRICE_LENGTH_MAX],
        high=query.get("high", "").strip()[:PRICE_LENGTH_MAX],
        in_stock=query.get("in_stock") == "true",
        on_sale=query.get("on_sale") == "true",
    )


async def search(visit: Visit) -> Response:
    found, tree = await asyncio.gather(
        browse(visit, asked_of(visit)),
        visit.souk.catalog.list_categories(ListCategoriesRequest()),
    )
    asked = asked_of(visit)
    title = visit.text("Results for “%(q)s”", q=asked.q) if asked.q else visit.text("Everything")
    return shown(visit, found, title=title, tree=tree.items, category=None)


async def category(visit: Visit) -> Response:
    path = visit.params["path"].strip("/")
    tree = await visit.souk.catalog.list_categories(ListCategoriesRequest())
    here = next((one for one in tree.items if one.path == path), None)
    if here is None:
        raise CategoryNotFound(category_id=path[:200])
    found = await browse(visit, asked_of(visit), category=path)
    return shown(visit, found, title=here.name, tree=tree.items, category=here)


async def browse(visit: Visit, asked: Asked, **within: str) -> BrowsedProducts:
    """Raises InvalidRequest only for what no link of ours says."""
    currency = visit.request.query_params.get("currency", "")
    currency = currency if len(currency) == 3 and currency.isascii() and currency.isupper() else ""
    values: dict[str, Any] = {
        "page": str(asked.page),
        "page_size": str(PAGE_SIZE),
        "q": asked.q,
        "sort": asked.sort,
        "brands": list(asked.brands),
        "options": list(asked.options),
        "in_stock": str(asked.in_stock).lower(),
        "on_sale": str(asked.on_sale).lower(),
        "currency": currency,
    }
    for name, text in (("price_min", asked.low), ("price_max", asked.high)):
        if (amount := amount_of(text, currency or "USD")) is not None:
            values[name] = str(amount)
    try:
        request = read_values(BrowseProductsRequest, values | within)
    except InvalidRequest:
        request = BrowseProductsRequest(page=1, page_size=PAGE_SIZE)
    found: BrowsedProducts = await visit.souk.catalog.browse_products(request)
    return found


def amount_of(text: str, currency: str) -> int | None:
    try:
        amount = money_from(text.replace(",", "."), currency).amount
    except ValueError:
        return None
    return amount if amount >= 0 else None


def shown(
    visit: Visit,
    found: BrowsedProducts,
    *,
    title: str,
    tree: Sequence[Category],
    category: Category | None,
) -> Response:
    asked = asked_of(visit)
    last = max(1, -(-found.total // PAGE_SIZE))
    return visit.page(
        "browse.html",
        q=asked.q,
        asked=asked,
        given=asked.given(),
        found=found,
        title=title,
        last=min(last, PAGES_MAX),
        category=category,
        trail=trail_of(tree, category),
        aisles=aisles_of(tree),
        chips=chips_of(visit, asked),
        currency=currency_of(found),
    )


def trail_of(tree: Sequence[Category], here: Category | None) -> list[tuple[str, str]]:
    """The way down to a category, without itself."""
    if here is None:
        return []
    above = {one.path: one for one in tree}
    parts = here.path.split("/")
    paths = ["/".join(parts[: depth + 1]) for depth in range(len(parts) - 1)]
    return [(above[path].name, f"/c/{path}") for path in paths if path in above]


def chips_of(visit: Visit, asked: Asked) -> list[tuple[str, dict[str, Any]]]:
    """What is chosen, each with the query that does without it."""
    given = asked.given()
    chips: list[tuple[str, dict[str, Any]]] = []
    for name, values in (("brand", asked.brands), ("option", asked.options)):
        for value in values:
            rest = [each for each in values if each != value]
            chips.append((value.replace(":", ": ", 1) if name == "option" else value, {name: rest}))
    if asked.low or asked.high:
        words = f"{asked.low or 0} \u2013 {asked.high or '…'}"
        chips.append((words, {"low": "", "high": ""}))
    if asked.in_stock:
        chips.append((visit.text("In stock"), {"in_stock": ""}))
    if asked.on_sale:
        chips.append((visit.text("Reduced"), {"on_sale": ""}))
    return [(words, {**given, **without}) for words, without in chips]


def currency_of(found: BrowsedProducts) -> str:
    lowest: Money | None = found.facets.lowest if found.facets else None
    return lowest.currency if lowest else ""
