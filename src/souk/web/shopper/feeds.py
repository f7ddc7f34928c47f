"""For machines that read pages: the site map, and new things as RSS."""

from __future__ import annotations

import asyncio
from email.utils import format_datetime
from xml.sax.saxutils import escape

from starlette.responses import Response

from souk.contracts.catalog import ListCategoriesRequest, ListProductsRequest
from souk.contracts.shops import ListShopsRequest
from souk.web.visit import Visit

PAGES_MAX, PAGE_SIZE = 50, 100
KEEP_SECONDS = 600.0
NEWS = 50


async def site_map(visit: Visit) -> Response:
    site = visit.site
    body = await site.remembered("site map", KEEP_SECONDS, lambda: written(visit))
    return Response(body, media_type="application/xml", headers={"cache-control": "max-age=600"})


async def written(visit: Visit) -> str:
    """The newest 5,000 products, which a crawler that follows links will find the others from."""
    catalog, site = visit.souk.catalog, visit.site
    tree, shops = await asyncio.gather(
        catalog.list_categories(ListCategoriesRequest()),
        visit.souk.shops.list_shops(ListShopsRequest(page=1, page_size=PAGE_SIZE)),
    )
    paths = ["/", "/shops", *(f"/c/{one.path}" for one in tree.items)]
    paths += [f"/s/{shop.slug}" for shop in shops.items]
    cursor = ""
    for _ in range(PAGES_MAX):
        page = await catalog.list_products(ListProductsRequest(page_size=PAGE_SIZE, cursor=cursor))
        paths += [f"/p/{card.slug}" for card in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    urls = "".join(f"<url><loc>{escape(site.address(path))}</loc></url>" for path in paths)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    )


async def rss(visit: Visit) -> Response:
    body = await visit.site.remembered("rss", 60.0, lambda: told(visit))
    return Response(body, media_type="application/rss+xml", headers={"cache-control": "max-age=60"})


async def told(visit: Visit) -> str:
    site = visit.site
    found = await visit.souk.catalog.list_products(
        ListProductsRequest(page=1, page_size=NEWS, sort="newest")
    )
    items = "".join(
        f"<item><title>{escape(card.name)}</title><link>{site.address('/p/' + card.slug)}</link>"
        f'<guid isPermaLink="false">{card.id}</guid>'
        f"<description>{escape(f'{card.price or str()} · {card.shop_name}')}</description></item>"
        for card in found.items
    )
    now = format_datetime(site.clock.now())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Souk</title>'
        f"<link>{site.address('/')}</link><description>New things from small shops</description>"
        f'<atom:link href="{site.address("/feed.xml")}" rel="self" type="application/rss+xml"/>'
        f"<lastBuildDate>{now}</lastBuildDate>{items}</channel></rss>"
    )
