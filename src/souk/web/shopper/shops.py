"""Shops: all of them, and one with what it sells."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.shops import GetShopRequest, ListShopsRequest, ShopNotFound
from souk.kernel.refusals import InvalidRequest
from souk.kernel.validation import read_values
from souk.web.shopper.browse import (
    PAGE_SIZE,
    PAGES_MAX,
    asked_of,
    browse,
    chips_of,
    currency_of,
)
from souk.web.visit import Visit

SHOPS_PAGE_SIZE = 24


async def every(visit: Visit) -> Response:
    asked = asked_of(visit)
    found = await visit.souk.shops.list_shops(
        ListShopsRequest(page=asked.page, page_size=SHOPS_PAGE_SIZE)
    )
    last = max(1, -(-found.total // SHOPS_PAGE_SIZE))
    return visit.page("shops.html", shops=found.items, page=asked.page, last=last)


async def one(visit: Visit) -> Response:
    slug = visit.params["slug"]
    try:
        request = read_values(GetShopRequest, {"shop_id": slug})
    except InvalidRequest:
        raise ShopNotFound(shop_id=slug[:100]) from None
    shop = await visit.souk.shops.get_shop(request)
    asked = asked_of(visit)
    found = await browse(visit, asked, shop_id=shop.id)
    return visit.page(
        "shop.html",
        shop=shop,
        asked=asked,
        given=asked.given(),
        found=found,
        last=min(max(1, -(-found.total // PAGE_SIZE)), PAGES_MAX),
        chips=chips_of(visit, asked),
        currency=currency_of(found),
        data={
            "@context": "https://schema.org",
            "@type": "Store",
            "name": shop.name,
            "description": shop.description,
            "url": visit.site.address(f"/s/{shop.slug}"),
        },
    )
