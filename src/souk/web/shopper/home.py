"""The first page: what is new, what sells, what is reduced, and who sells it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.catalog import (
    BrowseProductsRequest,
    Category,
    ListCategoriesRequest,
    ListProductsRequest,
    ProductCard,
)
from souk.contracts.shops import ListShopsRequest, Shop
from souk.web.shopper.aisles import aisles_of
from souk.web.visit import Visit

FRESH, POPULAR, REDUCED, SHOPS, COLLECTIONS = 8, 4, 4, 6, 8
LOOKED_AT = 100  # of the newest, so that one shop that fills its shelves is not all there is
SECONDS = 5.0


class Window(Struct, frozen=True):
    """What is laid out for everyone alike."""

    fresh: Sequence[ProductCard]
    popular: Sequence[ProductCard]
    reduced: Sequence[ProductCard]
    shops: Sequence[Shop]
    aisles: Sequence[Category]
    collections: Sequence[Category]


async def show(visit: Visit) -> Response:
    window = await visit.site.remembered("home", SECONDS, lambda: laid_out(visit))
    return visit.page("home.html", window=window, aisles=window.aisles)


async def laid_out(visit: Visit) -> Window:
    catalog, shops = visit.souk.catalog, visit.souk.shops
    fresh, popular, reduced, known, tree = await asyncio.gather(
        catalog.list_products(ListProductsRequest(page=1, page_size=LOOKED_AT, sort="newest")),
        catalog.list_products(ListProductsRequest(page=1, page_size=POPULAR * 4, sort="popular")),
        catalog.browse_products(
            BrowseProductsRequest(page=1, page_size=LOOKED_AT, on_sale=True, in_stock=True)
        ),
        shops.list_shops(ListShopsRequest(page=1, page_size=SHOPS)),
        catalog.list_categories(ListCategoriesRequest()),
    )
    seen: set[str] = set()

    def unseen(cards: Sequence[ProductCard], count: int) -> list[ProductCard]:
        chosen = [card for card in mixed(cards) if card.id not in seen][:count]
        seen.update(card.id for card in chosen)
        return chosen

    return Window(
        fresh=unseen(fresh.items, FRESH),
        popular=unseen(popular.items, POPULAR),
        reduced=unseen(reduced.items, REDUCED),
        shops=known.items,
        aisles=aisles_of(tree.items),
        collections=collections_of(tree.items),
    )


def mixed(cards: Sequence[ProductCard]) -> list[ProductCard]:
    """In turn from every shop and kind of thing, each in its order."""
    turns: dict[str, int] = {}
    places: list[tuple[int, int, ProductCard]] = []
    for at, card in enumerate(cards):
        turn = max(turns.get(card.shop_id, 0) // 2, turns.get(card.category, 0) * 4)
        places.append((turn, at, card))
        for key in (card.shop_id, card.category):
            turns[key] = turns.get(key, 0) + 1
    return [card for _, _, card in sorted(places, key=lambda place: place[:2])]


def collections_of(tree: Sequence[Category]) -> list[Category]:
    """The second level, from every aisle in turn, no name twice."""
    tops = {one.id for one in tree if not one.parent_id}
    names: set[str] = set()
    turns: dict[str, int] = {}
    places: list[tuple[int, Category]] = []
    for one in tree:
        if one.parent_id in tops and one.name not in names:
            names.add(one.name)
            places.append((turns.get(one.parent_id, 0), one))
            turns[one.parent_id] = turns.get(one.parent_id, 0) + 1
    return [one for _, one in sorted(places, key=lambda place: place[0])][:COLLECTIONS]
