"""The first page: what is new, what is loved, and who sells."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from souk.contracts.catalog import ListCategoriesRequest, ListProductsRequest
from souk.contracts.shops import ListShopsRequest
from souk.web.shopper.aisles import aisles_of
from souk.web.visit import Visit

FRESH, POPULAR, SHOPS, COLLECTIONS = 8, 4, 4, 8


async def show(visit: Visit) -> Response:
    catalog, shops = visit.souk.catalog, visit.souk.shops
    fresh, popular, open_shops, tree = await asyncio.gather(
        catalog.list_products(ListProductsRequest(page=1, page_size=FRESH, sort="newest")),
        catalog.list_products(ListProductsRequest(page=1, page_size=POPULAR, sort="rating")),
        shops.list_shops(ListShopsRequest(page=1, page_size=SHOPS)),
        catalog.list_categories(ListCategoriesRequest()),
    )
    loved = [card for card in popular.items if card.review_count]
    return visit.page(
        "home.html",
        fresh=fresh.items,
        popular=loved,
        shops=open_shops.items,
        aisles=aisles_of(tree.items),
        collections=[one for one in tree.items if one.parent_id][:COLLECTIONS],
    )
