"""What the whole site needs: assets, the style guide, languages, crawlers."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from souk.web import styleguide
from souk.web.assets import FOREVER, NEVER
from souk.web.cookies import LANGUAGE
from souk.web.languages import NAMES
from souk.web.route import Page
from souk.web.site import Site
from souk.web.visit import Visit, own_path

WORKER = Path(__file__).with_name("static") / "worker.js"


async def asset(site: Site, request: Request) -> Response:
    """Names of an older digest are answered too, as they are now, but not to be kept."""
    is_current = request.path_params["digest"] == site.assets.digest
    cache = FOREVER if is_current else NEVER
    found = site.assets.answer(request, request.path_params["name"], cache=cache)
    return found or PlainTextResponse("There is no such file.", status_code=404)


async def icon(site: Site, request: Request) -> Response:
    found = site.assets.answer(request, "icon-192.png", cache="public, max-age=86400")
    assert found is not None
    return found


async def manifest(site: Site, request: Request) -> Response:
    return JSONResponse(
        {
            "name": "Souk",
            "short_name": "Souk",
            "description": "Good things from small shops, in one basket.",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#fbf8f3",
            "theme_color": "#a43a18",
            "icons": [
                {
                    "src": site.assets.url(f"icon-{size}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": "any maskable",
                }
                for size in (192, 512)
            ],
        },
        media_type="application/manifest+json",
        headers={"cache-control": "public, max-age=3600"},
    )


async def worker(site: Site, request: Request) -> Response:
    """The service worker, which keeps what the offline page needs."""
    kept = [site.assets.url(name) for name in ("souk.css", "souk.js", "icon.svg")]
    text = WORKER.read_text().replace("$version", site.assets.digest)
    text = text.replace("$kept", ", ".join(f'"{url}"' for url in kept))
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})


async def robots(site: Site, request: Request) -> Response:
    closed = ("/account", "/cart", "/checkout", "/orders", "/operator", "/seller", "/sign-in")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    lines.append(f"Sitemap: {site.address('/sitemap.xml')}")
    return PlainTextResponse("\n".join(lines) + "\n")


async def offline(visit: Visit) -> Response:
    return visit.page("offline.html")


async def language(visit: Visit) -> Response:
    chosen = visit.form["language"]
    if chosen in NAMES:
        visit.jar.keep(LANGUAGE, chosen)
    return visit.go(own_path(visit.form["next"]))


PAGES = (
    Page(path="/assets/{digest}/{name}", plain=asset),
    Page(path="/favicon.ico", plain=icon),
    Page(path="/manifest.webmanifest", plain=manifest),
    Page(path="/sw.js", plain=worker),
    Page(path="/robots.txt", plain=robots),
    Page(path="/offline", show=offline),
    Page(path="/styleguide", show=styleguide.show),
    Page(path="/language", take=language),
)
