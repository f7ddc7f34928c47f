"""What crawlers, feed readers and browsers themselves are told."""

import json
import re
from xml.etree import ElementTree

from tests.web.market import HOST

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
KILOBYTES_MAX = 60


async def test_the_sitemap_leads_to_everything_for_sale(market, guest):
    product = await market.product()

    page = await guest.see("/sitemap.xml")

    found = [each.text for each in ElementTree.fromstring(page.content).iter(f"{SITEMAP}loc")]
    assert f"{HOST}/" in found
    assert f"{HOST}/p/{product.slug}" in found or len(found) > 1000


async def test_robots_are_kept_from_what_is_somebodys_own(guest):
    page = await guest.see("/robots.txt")

    assert "Disallow: /account" in page.text
    assert f"Sitemap: {HOST}/sitemap.xml" in page.text


async def test_new_things_are_told_by_rss(market, guest):
    await market.product(name="Lamp <& Shade>")

    page = await guest.see("/feed.xml")

    items = ElementTree.fromstring(page.content).findall("channel/item")
    assert items
    assert all(item.findtext("link").startswith(f"{HOST}/p/") for item in items)


async def test_a_product_describes_itself(market, guest):
    product = await market.product(name="Lamp </script><b>", description="<p>It shines.</p>")

    page = (await guest.see(f"/p/{product.slug}?variant={product.variants[1].id}")).text

    data = json.loads(re.search(r'ld\+json"[^>]*>(.*?)</script>', page)[1])
    assert data["name"] == product.name
    assert {offer["price"] for offer in data["offers"]} == {"64.00", "65.00"}
    assert f'<link rel="canonical" href="{HOST}/p/{product.slug}">' in page
    assert '<meta property="og:description" content="It shines.">' in page


async def test_what_is_narrowed_down_is_not_indexed(market, guest):
    await market.product()

    assert 'name="robots"' not in (await guest.see("/c/home/lighting")).text
    narrowed = (await guest.see("/c/home/lighting?in_stock=true")).text
    assert '<meta name="robots" content="noindex, follow">' in narrowed


async def test_it_can_be_installed_and_says_so_when_offline(guest):
    manifest = (await guest.see("/manifest.webmanifest")).json()
    for icon in manifest["icons"]:
        assert (await guest.see(icon["src"])).headers["content-type"] == "image/png"

    worker = await guest.see("/sw.js")

    assert '"/offline"' in worker.text
    for kept in re.findall(r'"(/[^"]+)"', worker.text):
        assert (await guest.see(kept)).status_code == 200, kept


async def test_a_product_page_weighs_little(market, guest):
    product = await market.product(colours=("Red", "Blue", "Green", "Black"))
    async with guest.http.stream("GET", f"/p/{product.slug}") as page:
        sent = sum([len(part) async for part in page.aiter_raw()])
    await guest.see(f"/p/{product.slug}")

    linked = re.findall(r'(?:href|src)="(/assets/[^"]+\.(?:css|js))"', guest.page.text)
    scripts = {each for each in linked if each.endswith(".js")}
    folder = next(iter(scripts)).rpartition("/")[0]
    imported = {f"{folder}/{name}" for name in ("swap.js", "lively.js")}
    for path in {*linked, *imported}:
        async with guest.http.stream("GET", path) as asset:
            sent += sum([len(part) async for part in asset.aiter_raw()])

    assert sent < KILOBYTES_MAX * 1024


async def test_drawings_stand_in_for_every_word(guest):
    from souk.web.art import art_url
    from souk.web.art.words import KINDS

    for kind in KINDS:
        for view in ("front", "logo", "banner"):
            drawn = await guest.see(art_url(kind, view=view))
            assert drawn.headers["content-type"].startswith("image/svg+xml"), kind
