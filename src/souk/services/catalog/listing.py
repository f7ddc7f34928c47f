"""Pages of products: by number for people, by cursor for depth."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from asyncpg import Record
from msgspec import Meta, Struct

from souk.contracts.catalog import CursorRefused
from souk.kernel.rules import Instant, Uuid
from souk.services.catalog.texts import words_of

WORDS_MAX = 10
TOTAL_MAX = 10_000  # counting further would cost more than it tells
YEARS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
CARD = """id, slug, name, shop_id, shop_name, category, brand, price_amount,
       compare_at_amount as compare_at_price_amount, currency, rating, review_count, image_url,
       in_stock"""
Filters = tuple[str, tuple[object, ...]]


class Sort(Struct, frozen=True):
    """An order of products. The id breaks ties, so that a cursor is one place and no other."""

    name: str
    column: str
    kind: Any
    is_descending: bool

    def by(self, table: str) -> str:
        way = " desc" if self.is_descending else ""
        return f"{table}.{self.column}{way}, {table}.id{way}"

    def beyond(self, value: int, last_id: int) -> str:
        """The condition of what comes after, from the numbers of two parameters."""
        sign = "<" if self.is_descending else ">"
        return f"({self.column}, id) {sign} (${value}, ${last_id})"


Amount = Annotated[int, Meta(ge=0, le=2**53)]
Units = Annotated[int, Meta(ge=0, le=2**31 - 1)]
SORTS = {
    sort.name: sort
    for sort in (
        Sort("newest", "created_at", Instant, is_descending=True),
        Sort("price", "price_amount", Amount, is_descending=False),
        Sort("-price", "price_amount", Amount, is_descending=True),
        Sort("rating", "rating", float, is_descending=True),
        Sort("popular", "units_sold", Units, is_descending=True),
    )
}


class Listing(Struct, frozen=True, kw_only=True):
    """What is asked for: which products, in which order, from where on."""

    page: int = 1
    size: int = 20
    category: str = ""
    shop_id: str = ""
    text: str = ""
    sort: str = "newest"
    cursor: str = ""
    status: str = ""
    is_public: bool = True  # published products of shops that sell

    @property
    def order(self) -> Sort:
        return SORTS[self.sort or "newest"]

    @property
    def table(self) -> str:
        """Where it is looked up: a category alone has its order in a table of its own."""
        has_more = self.shop_id or self.status or self.text.strip() or not self.is_public
        return "product_places" if self.category.strip("/") and not has_more else "products"

    def filters(self) -> Filters:
        """A condition, and the values of its parameters."""
        if self.table == "product_places":  # which holds only what is listed
            return "path = $1", (self.category.strip("/"),)
        return self.among_products()

    def among_products(self) -> Filters:
        """The condition as the products' own table has it."""
        conditions: list[str] = []
        values: list[object] = []
        text = self.text.strip()
        for condition, value in (
            ("is_listed", self.is_public),
            ("status <> 'archived'", not self.is_public and not self.status),
            ("category_paths @> array[${}::text]", self.category.strip("/")),
            ("shop_id = ${}", self.shop_id),
            ("search @@ ${}::tsquery", text and query_from(text)),
            ("false", text and not query_from(text)),  # all that is asked for is punctuation
            ("status = ${}", self.status),
        ):
            if value:
                if "{}" in condition:
                    values.append(value)
                conditions.append(condition.format(len(values)))
        return " and ".join(conditions), tuple(values)

    def sql(self, *, counts: bool) -> tuple[str, list[object]]:
        """The statement of one page and one row more, which tells whether there is another.

        The limit is part of the text: were it a parameter, PostgreSQL would plan for more rows
        than are ever asked for.
        """
        condition, given = self.filters()
        values, table, order = list(given), self.table, self.order
        total, limit = "null::bigint", f"limit {self.size + 1}"
        if counts:
            total = f"({self._count(condition)})"
        is_deep = self.page > 1 and not self.cursor
        if self.cursor:
            values += place_of(self.cursor, order)
            condition += f" and {order.beyond(len(values) - 1, len(values))}"
        elif is_deep:
            values.append((self.page - 1) * self.size)
            limit += f" offset ${len(values)}"
        # Conditions and orders are this module's own words; what people write goes by parameter.
        found = f"from {table} where {condition} order by {order.by(table)} {limit}"
        if is_deep or table != "products":
            # What is passed over on the way is read in the index only, never as a row.
            found = f"from (select id {found}) as page join products using (id)"
            found += f" order by {order.by('products')}"
        return f"select {CARD}, {order.column} as _place, {total} as _total {found}", values

    def count_sql(self) -> tuple[str, tuple[object, ...]]:
        condition, values = self.filters()
        return self._count(condition), values

    def next_cursor(self, rows: Sequence[Record]) -> str:
        """Where the next page begins; nothing on the last one."""
        if len(rows) <= self.size:
            return ""
        last = rows[self.size - 1]
        place = msgspec.json.encode([self.order.name, last["_place"], last["id"]])
        return base64.urlsafe_b64encode(place).decode().rstrip("=")

    def _count(self, condition: str) -> str:
        found = f"select 1 from {self.table} where {condition} limit {TOTAL_MAX}"  # noqa: S608
        return f"select count(*) from ({found}) as found"  # noqa: S608


def query_from(text: str) -> str:
    """`Blue shir` finds what has a word that begins with blue and one that begins with shir."""
    return " & ".join(f"'{word}':*" for word in words_of(text)[:WORDS_MAX])


def place_of(cursor: str, order: Sort) -> list[object]:
    """The place a cursor stands for; raises CursorRefused when it is none of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place: Any = tuple[str, order.kind, Uuid]  # type: ignore[name-defined]
        name, value, last_id = msgspec.json.decode(text, type=place)
    except ValueError:  # which both decoders' errors are
        raise CursorRefused() from None
    if name != order.name or (order.kind is Instant and not YEARS[0] < value < YEARS[1]):
        raise CursorRefused()
    return [value, last_id]
