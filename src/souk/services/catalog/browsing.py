"""Products by what sets them apart: narrowed down, counted by kind, remembered for a moment."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.contracts.catalog import (
    BrowsedProducts,
    BrowseProductsRequest,
    Facets,
    FacetValue,
    OptionFacet,
    ProductCard,
)
from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.kernel.money import Money
from souk.kernel.rows import structs_from
from souk.services.catalog.listing import CARD, TOTAL_MAX, Listing

COUNTED_MAX = 5000
NAMES_MAX = 4
REMEMBERED_SECONDS, REMEMBERED_MAX = 2.0, 500
# `base` is what address and search say; each by_… is one kind of choice, and counts of a kind
# leave its own out.
FACETS = """
with base as materialized (
    select products.id, brand, category_paths, options, currency, price_amount, in_stock,
           compare_at_amount > price_amount as on_sale, {flags}
    from products where {base} limit {counted}
),
own_currency as (select currency from base group by currency order by count(*) desc limit 1)
select
  (select count(*) from (select 1 from products where {all} limit {total}) as found) as total,
  (select coalesce(jsonb_agg(each), '[]') from (
      select path as value, (select name from categories where categories.path = paths.path),
             count(*)
      from base cross join lateral unnest(category_paths) as paths (path)
      where {others} and by_brand and by_price and by_stock and by_sale
        and starts_with(path, {below}) and path not like {deeper}
      group by path order by count(*) desc, path limit 24) as each) as categories,
  (select coalesce(jsonb_agg(each), '[]') from (
      select brand as value, brand as name, count(*) from base
      where brand <> '' and {others} and by_price and by_stock and by_sale
      group by brand order by count(*) desc, brand limit 24) as each) as brands,
  (select coalesce(jsonb_agg(each), '[]') from (
      select option, value, count(*) from (
          select distinct base.id, chosen.option, chosen.value
          from base join variants on product_id = base.id and is_active
          cross join lateral unnest(base.options, variants.options) as chosen (option, value)
          where {except_own} and by_brand and by_price and by_stock and by_sale
      ) as told group by option, value order by count(*) desc, value limit 60) as each) as options,
  (select currency from own_currency) as currency,
  (select min(price_amount) from base where currency = (select * from own_currency)
      and {others} and by_brand and by_stock and by_sale) as lowest,
  (select max(price_amount) from base where currency = (select * from own_currency)
      and {others} and by_brand and by_stock and by_sale) as highest,
  (select count(*) from base where in_stock and {others} and by_brand and by_price and by_sale
  ) as in_stock,
  (select count(*) from base where on_sale and {others} and by_brand and by_price and by_stock
  ) as on_sale
"""
HAS_OPTION = """exists (select 1 from variants where product_id = products.id and is_active
    and variants.options[array_position(products.options, ${})] = any(${}::text[]))"""


class Counted(Struct, frozen=True):
    value: str
    count: int
    name: str | None = None
    option: str = ""


class FacetsRow(Struct, frozen=True):
    total: int
    categories: tuple[Counted, ...]
    brands: tuple[Counted, ...]
    options: tuple[Counted, ...]
    currency: str | None
    lowest: int | None
    highest: int | None
    in_stock: int
    on_sale: int

    def view(self) -> Facets:
        names = dict.fromkeys(each.option for each in self.options)
        return Facets(
            categories=values_of(self.categories),
            brands=values_of(self.brands),
            options=tuple(
                OptionFacet(
                    name=name, values=values_of([o for o in self.options if o.option == name])
                )
                for name in names
            ),
            lowest=self._money(self.lowest),
            highest=self._money(self.highest),
            in_stock=self.in_stock,
            on_sale=self.on_sale,
        )

    def _money(self, amount: int | None) -> Money | None:
        return None if amount is None or self.currency is None else Money(amount, self.currency)


class Choice:
    """What is asked for, as conditions and the values of their parameters."""

    def __init__(self, request: BrowseProductsRequest) -> None:
        self._request = request
        self.base, given = Listing(
            category=request.category, shop_id=request.shop_id, text=request.q
        ).among_products()
        self.values = list(given)
        self.brand = self._when(request.brands, "brand = any(${}::text[])")
        self.stock = "in_stock" if request.in_stock else "true"
        self.sale = "compare_at_amount > price_amount" if request.on_sale else "true"
        self.price = " and ".join(self._price()) or "true"
        chosen = self._options()
        self.names = [self._parameter(name) for name in chosen]
        self.options = [
            HAS_OPTION.format(place, self._parameter(values))
            for place, values in zip(self.names, chosen.values(), strict=True)
        ]

    @property
    def all(self) -> str:
        kinds = (self.base, self.brand, self.stock, self.sale, self.price, *self.options)
        return " and ".join(f"({kind})" for kind in kinds if kind != "true")

    def facets_sql(self) -> str:
        flags = [f"{self.brand} as by_brand", f"{self.price} as by_price"]
        flags += [f"{self.stock} as by_stock", f"coalesce({self.sale}, false) as by_sale"]
        flags += [f"{option} as by_option_{at}" for at, option in enumerate(self.options)]
        own = [f"by_option_{at}" for at in range(len(self.options))]
        path = self._request.category.strip("/")
        below = path + "/" if path else ""
        return FACETS.format(
            flags=", ".join(flags),
            base=self.base,
            all=self.all,
            others=" and ".join(own) or "true",
            except_own=" and ".join(
                f"({flag} or chosen.option = ${place})"
                for flag, place in zip(own, self.names, strict=True)
            )
            or "true",
            below=f"${self._parameter(below)}",
            deeper=f"${self._parameter(below + '%/%')}",
            counted=COUNTED_MAX,
            total=TOTAL_MAX,
        )

    def page_sql(self, *, page: int, size: int) -> str:
        order = Listing(sort=self._request.sort).order
        return (
            f"select {CARD} from products where {self.all} order by {order.by('products')} "  # noqa: S608
            f"limit {size} offset {(page - 1) * size}"
        )

    def _price(self) -> list[str]:
        request, bounds = self._request, []
        if request.price_min is not None:
            bounds.append(f"price_amount >= ${self._parameter(request.price_min)}")
        if request.price_max is not None:
            bounds.append(f"price_amount <= ${self._parameter(request.price_max)}")
        if bounds and request.currency:
            bounds.append(f"currency = ${self._parameter(request.currency)}")
        return bounds

    def _options(self) -> dict[str, list[str]]:
        chosen: dict[str, list[str]] = {}
        for option in self._request.options:
            name, _, value = option.partition(":")
            if name in chosen or len(chosen) < NAMES_MAX:
                chosen.setdefault(name, []).append(value)
        return chosen

    def _when(self, values: Sequence[str], condition: str) -> str:
        return condition.format(self._parameter(list(values))) if values else "true"

    def _parameter(self, value: object) -> int:
        self.values.append(value)
        return len(self.values)


class Browser:
    """Answers are kept for two seconds: a popular page asks the database once in that time."""

    def __init__(self, database: Database, *, seconds: float = REMEMBERED_SECONDS) -> None:
        self._database, self._seconds = database, seconds
        self._kept: dict[BrowseProductsRequest, tuple[float, BrowsedProducts]] = {}

    async def browse(self, request: BrowseProductsRequest) -> BrowsedProducts:
        kept = self._kept.get(request)
        if kept is not None and kept[0] > monotonic():
            return kept[1]
        found = await self._look(request)
        if len(self._kept) >= REMEMBERED_MAX:
            self._kept.clear()
        self._kept[request] = (monotonic() + self._seconds, found)
        return found

    async def _look(self, request: BrowseProductsRequest) -> BrowsedProducts:
        page, size = request.page or 1, request.page_size or 24
        choice = Choice(request)
        values = tuple(choice.values)
        cards = await self._database.fetch(choice.page_sql(page=page, size=size), *values)
        sql = choice.facets_sql()
        counted = await self._database.fetchrow_as(FacetsRow, sql, *choice.values)
        assert counted is not None
        return BrowsedProducts(
            items=tuple(structs_from(ProductCard, cards)),
            page=page,
            page_size=size,
            total=counted.total,
            facets=counted.view(),
        )


def values_of(counted: Sequence[Counted]) -> tuple[FacetValue, ...]:
    return tuple(
        FacetValue(value=each.value, name=each.name or each.value, count=each.count)
        for each in counted
    )
