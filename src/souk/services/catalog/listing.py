"""Pages of products: by number for people, by cursor for depth."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from souk.contracts.catalog import CursorRefused, ProductCard
from souk.kernel.money import Money

WORD = re.compile(r"\w+")
WORDS_MAX = 10
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
CARD = """id, slug, name, shop_id, shop_name, category, brand, price_amount, currency,
       compare_at_amount, rating, review_count, image_url, in_stock, created_at"""


class Row(Struct, frozen=True, kw_only=True):
    """A product as a list has it."""

    id: str
    slug: str
    name: str
    shop_id: str
    shop_name: str
    category: str
    brand: str
    price_amount: int
    currency: str
    compare_at_amount: int | None
    rating: float
    review_count: int
    image_url: str
    in_stock: bool
    created_at: datetime

    def card(self) -> ProductCard:
        return ProductCard(
            id=self.id,
            slug=self.slug,
            name=self.name,
            shop_id=self.shop_id,
            shop_name=self.shop_name,
            category=self.category,
            brand=self.brand,
            price=Money(self.price_amount, self.currency),
            compare_at_price=None
            if self.compare_at_amount is None
            else Money(self.compare_at_amount, self.currency),
            rating=self.rating,
            review_count=self.review_count,
            image_url=self.image_url,
            in_stock=self.in_stock,
        )


class Sort(Struct, frozen=True):
    """An order of products. The id breaks ties, so that a cursor is one place and no other."""

    column: str
    kind: Any
    is_descending: bool

    @property
    def by(self) -> str:
        way = " desc" if self.is_descending else ""
        return f"products.{self.column}{way}, products.id{way}"

    def beyond(self, value: int, last_id: int) -> str:
        """The condition of what comes after, from the numbers of two parameters."""
        sign = "<" if self.is_descending else ">"
        return f"({self.column}, id) {sign} (${value}, ${last_id})"


SORTS = {
    "newest": Sort("created_at", datetime, is_descending=True),
    "price": Sort("price_amount", int, is_descending=False),
    "-price": Sort("price_amount", int, is_descending=True),
    "rating": Sort("rating", float, is_descending=True),
}


class Listing(Struct, frozen=True, kw_only=True):
    """What is asked for: which products, in which order, from where on."""

    page: int = 1
    size: int = 20
    category: str = ""
    shop_id: str = ""
    words: str = ""
    sort: str = "newest"
    cursor: str = ""
    status: str = ""
    is_public: bool = True  # published products of shops that sell

    @property
    def order(self) -> Sort:
        return SORTS[self.sort or "newest"]

    def filters(self) -> tuple[list[str], list[object]]:
        """Conditions, and the values of their parameters."""
        conditions = ["is_listed"] if self.is_public else ["true"]
        values: list[object] = []
        for condition, value in (
            ("category_paths @> array[${}::text]", self.category),
            ("shop_id = ${}", self.shop_id),
            ("search @@ to_tsquery('simple', ${})", query_from(self.words)),
            ("status = ${}", self.status),
        ):
            if value:
                values.append(value)
                conditions.append(condition.format(len(values)))
        return conditions, values

    def sql(self) -> tuple[str, list[object]]:
        """The statement of one page and one row more, which tells whether there is another."""
        conditions, values = self.filters()
        offset = (self.page - 1) * self.size
        if self.cursor:
            values += place_of(self.cursor, self.order)
            conditions.append(self.order.beyond(len(values) - 1, len(values)))
            offset = 0
        values += [self.size + 1, offset]
        where, count = " and ".join(conditions), len(values)
        # Conditions and orders are this module's own words; what people write goes by parameter.
        return (
            f"select {CARD} from products where {where} "  # noqa: S608
            f"order by {self.order.by} limit ${count - 1} offset ${count}"
        ), values

    def count_sql(self) -> tuple[str, list[object]]:
        conditions, values = self.filters()
        return f"select count(*) from products where {' and '.join(conditions)}", values  # noqa: S608

    def next_cursor(self, rows: Sequence[Row]) -> str:
        """Where the next page begins; nothing on the last one."""
        if len(rows) <= self.size:
            return ""
        last = rows[self.size - 1]
        place = msgspec.json.encode([getattr(last, self.order.column), last.id])
        return base64.urlsafe_b64encode(place).decode().rstrip("=")


def query_from(text: str) -> str:
    """`Blue shir` finds what has a word that begins with blue and one that begins with shir."""
    return " & ".join(f"{word}:*" for word in WORD.findall(text.lower())[:WORDS_MAX])


def place_of(cursor: str, order: Sort) -> list[object]:
    """The place a cursor stands for; raises CursorRefused when it is none of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return list(msgspec.json.decode(text, type=tuple[order.kind, Uuid]))
    except ValueError:  # which both decoders' errors are
        raise CursorRefused() from None
