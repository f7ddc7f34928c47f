"""What is kept for later, and shown to others."""

from __future__ import annotations

from typing import Any

from tests.browser.demo import SHOPPER, Demo
from tests.browser.scenes.scene import Scene
from tests.browser.scenes.shopper import LAMP
from tests.browser.windows import Window

HOME = "/account/wishlists"
NOTES = {LAMP: "The brass one, for the desk by the window", "dark-forest-honey": ""}


async def lists(demo: Demo) -> dict[str, Any]:
    """Two that the shopper has, by their names; the first with things on it."""
    known = {each["name"]: each for each in await mine(demo)}
    for name in ("For the new flat", "Birthdays"):
        if name not in known:
            known[name] = await demo.ask("POST", "/users/wishlists", by=SHOPPER, name=name)
    wishlist_id = known["For the new flat"]["id"]
    sold_out = (await demo.ask("GET", "/products?q=draughtsman"))["items"][0]["slug"]
    for slug, note in {**NOTES, sold_out: ""}.items():
        product = await demo.ask("GET", f"/products/{slug}")
        at = 0 if slug in NOTES else sold_out_at(product)
        item = {"product_id": product["id"], "variant_id": product["variants"][at]["id"]}
        await demo.ask(
            "POST", "/users/wishlist", by=SHOPPER, wishlist_id=wishlist_id, note=note, **item
        )
    return {each["name"]: each for each in await mine(demo)}


async def mine(demo: Demo) -> list[Any]:
    found: list[Any] = (await demo.ask("GET", "/users/wishlists", by=SHOPPER))["items"]
    return found


def sold_out_at(product: Any) -> int:
    gone = (at for at, each in enumerate(product["variants"]) if each["available"] <= 0)
    return next(gone)


async def every(demo: Demo, window: Window) -> str:
    await lists(demo)
    return HOME


async def one(demo: Demo, window: Window) -> str:
    wishlist = (await lists(demo))["For the new flat"]
    await demo.ask("PUT", f"/users/wishlists/{wishlist['id']}", by=SHOPPER, is_shared=True)
    return f"{HOME}/{wishlist['id']}"


async def empty(demo: Demo, window: Window) -> str:
    return f"{HOME}/{(await lists(demo))['Birthdays']['id']}"


async def going(demo: Demo, window: Window) -> str:
    return f"{await one(demo, window)}/delete"


async def shared(demo: Demo, window: Window) -> str:
    await one(demo, window)
    token = (await lists(demo))["For the new flat"]["share_token"]
    return f"/w/{token}"


async def product(demo: Demo, window: Window) -> str:
    await lists(demo)
    return f"/p/{LAMP}"


async def choosing(window: Window) -> None:
    await window.page.locator("#save-lists > summary").click()
    await window.has("Birthdays")


SCENES = (
    Scene(name="product-saved", arrange=product, by=SHOPPER, act=choosing),
    Scene(name="wishlists", arrange=every, by=SHOPPER),
    Scene(name="wishlist", arrange=one, by=SHOPPER),
    Scene(name="wishlist-shared", arrange=shared),
)
ALIKE = (
    Scene(name="wishlist-empty", arrange=empty, by=SHOPPER),
    Scene(name="wishlist-delete", arrange=going, by=SHOPPER),
)
