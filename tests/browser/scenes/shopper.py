"""What shoppers see."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from souk.kernel.ids import new_id
from tests.browser.demo import SELLER, SHOPPER, Demo
from tests.browser.scenes.scene import Scene
from tests.browser.windows import Window
from tests.support.waiting import eventually

ADDRESS = {
    "name": "Ada Lovelace",
    "street_1": "1 Row",
    "city": "Albany",
    "state": "NY",
    "postal_code": "12207",
    "country": "US",
}
LAMP = "harbour-desk-lamp"


async def filled(demo: Demo, window: Window, *slugs: str) -> str:
    """A cart in the window's cookies; its token."""
    token = ""
    for slug in slugs or (LAMP, "dark-forest-honey"):
        found = await demo.ask("GET", f"/products/{slug}")
        variant = next(each for each in found["variants"] if each["available"] > 2)
        headers = {"x-cart-token": token} if token else {}
        item = {"variant_id": variant["id"], "quantity": 2}
        cart = await demo.ask("POST", "/cart/items", headers=headers, **item)
        token = cart["token"]
    await remember(window, token)
    return token


async def remember(window: Window, token: str) -> None:
    cookies: list[Any] = [
        {"name": "souk_cart", "value": token, "url": window.url},
        {"name": "souk_count", "value": "4", "url": window.url},
    ]
    await window.context.add_cookies(cookies)


async def placed(demo: Demo, window: Window, *, method: str = "approve") -> Any:
    """What the API says about an order that was just placed with this window's cart."""
    token = await filled(demo, window)
    headers = {"x-cart-token": token, "idempotency-key": new_id()}
    payment = {"provider": "sandbox", "method": method}
    return await demo.ask(
        "POST", "/orders", headers=headers, email="ada@example.com", shipping_address=ADDRESS,
        shipping_method="standard", payment=payment,
    )  # fmt: skip


async def cart(demo: Demo, window: Window) -> str:
    await filled(demo, window)
    return "/cart"


async def checkout(demo: Demo, window: Window) -> str:
    await filled(demo, window)
    return "/checkout"


async def confirmation(demo: Demo, window: Window) -> str:
    return f"/checkout/{(await placed(demo, window))['checkout']['id']}"


async def one_step_left(demo: Demo, window: Window) -> str:
    found = await placed(demo, window, method="challenge")
    return f"/checkout/{found['checkout']['id']}"


async def challenge(demo: Demo, window: Window) -> str:
    found = await placed(demo, window, method="challenge")
    url: str = found["checkout"]["payment"]["next_action"]["url"]
    return url.removeprefix(window.url)


async def order(demo: Demo, window: Window) -> str:
    return f"/orders/{(await placed(demo, window))['orders'][0]['id']}"


async def delivered(demo: Demo, window: Window) -> str:
    found = await demo.ask("GET", "/orders?page_size=100", by=SHOPPER)
    arrived = [each for each in found["items"] if each["status"] in ("delivered", "completed")]
    return f"/orders/{arrived[0]['id']}"


async def send_empty(window: Window) -> None:
    await window.page.locator("main form:has(.input) button[type=submit]").last.click()
    await window.page.locator("#problems").wait_for()


async def variant_sold_out(demo: Demo, window: Window) -> str:
    found = await demo.ask("GET", "/products?q=draughtsman")
    product = await demo.ask("GET", f"/products/{found['items'][0]['slug']}")
    gone = next(each for each in product["variants"] if each["available"] <= 0)
    return f"/p/{product['slug']}?variant={gone['id']}"


async def archived(demo: Demo, window: Window) -> str:
    """With a wording that was agreed to, and an archive that is ready."""
    texts = (await demo.ask("GET", "/consent-texts"))["items"]
    given = {"kind": "terms", "is_given": True}
    version = next(each["version"] for each in texts if each["kind"] == "terms")
    await demo.ask("POST", "/users/consents", by=SHOPPER, version=version, **given)
    await demo.ask("POST", "/users/exports", by=SHOPPER)

    async def is_ready() -> bool:
        found = (await demo.ask("GET", "/users/exports", by=SHOPPER))["items"]
        return all(each["status"] == "ready" for each in found)

    await eventually(is_ready, seconds=60)
    return "/account/privacy"


async def pictured(window: Window) -> None:
    """A picture that was chosen, and is not sent yet."""
    drawn = io.BytesIO()
    Image.effect_mandelbrot((300, 200), (-2, -1.2, 1, 1.2), 60).save(drawn, "PNG")
    file = {"name": "me.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    await window.page.set_input_files("main [name=file]", file)  # type: ignore[arg-type]  # a dict is one
    await window.page.locator("#portrait[src]").wait_for()


async def enrolling(window: Window) -> None:
    await window.click("Set it up")
    await window.has("Scan this")


async def new_key(window: Window) -> None:
    await window.fill(name="ERP")
    await window.page.locator("summary", has_text="orders").click()
    await window.page.locator("[value='orders.*']").check()
    await window.click("Make the key")
    await window.has("Copy it now")


async def leave_unsure(window: Window) -> None:
    await window.click("Delete my account for good")
    await window.page.locator("#problems").wait_for()


async def leave_refused(window: Window) -> None:
    await window.page.locator("#f-sure").check()
    await window.click("Delete my account for good")
    await window.has("Not just yet")


SCENES = (
    Scene(name="home", path="/"),
    Scene(name="category", path="/c/home/lighting"),
    Scene(name="search", path="/search?q=lamp"),
    Scene(name="search-narrowed", path="/search?in_stock=true&on_sale=true&low=20&high=90"),
    Scene(name="search-empty", path="/search?q=xylophonium"),
    Scene(name="product", path=f"/p/{LAMP}"),
    Scene(name="product-sold-out", arrange=variant_sold_out),
    Scene(name="shops", path="/shops"),
    Scene(name="shop", path="/s/lantern-loft"),
    Scene(name="cart", arrange=cart),
    Scene(name="cart-empty", path="/cart"),
    Scene(name="checkout", arrange=checkout),
    Scene(name="checkout-wrong", arrange=checkout, act=send_empty),
    Scene(name="checkout-signed-in", arrange=checkout, by=SHOPPER),
    Scene(name="one-step-left", arrange=one_step_left),
    Scene(name="challenge", arrange=challenge),
    Scene(name="confirmation", arrange=confirmation),
    Scene(name="order", arrange=order),
    Scene(name="order-delivered", arrange=delivered, by=SHOPPER),
    Scene(name="orders", path="/orders", by=SHOPPER),
    Scene(name="account", path="/account", by=SHOPPER),
    Scene(name="account-picture", path="/account", by=SHOPPER, act=pictured),
    Scene(name="addresses", path="/account/addresses", by=SHOPPER),
    Scene(name="address", path="/account/addresses/new", by=SHOPPER),
    Scene(name="password", path="/account/password", by=SHOPPER),
    Scene(name="security", path="/account/security", by=SHOPPER),
    Scene(name="second-factor", path="/account/security", by=SHOPPER, act=enrolling),
    Scene(name="privacy", arrange=archived, by=SHOPPER),
    Scene(name="leaving", path="/account/leave", by=SHOPPER),
    Scene(name="leaving-unsure", path="/account/leave", by=SHOPPER, act=leave_unsure),
    Scene(name="leaving-refused", path="/account/leave", by=SELLER, act=leave_refused),
    Scene(name="goodbye", path="/goodbye"),
    Scene(name="api-keys", path="/account/keys", by=SHOPPER),
    Scene(name="api-key-made", path="/account/keys", by=SHOPPER, act=new_key),
    Scene(name="sign-in", path="/sign-in"),
    Scene(name="sign-in-wrong", path="/sign-in", act=send_empty),
    Scene(name="register", path="/register"),
    Scene(name="forgotten-password", path="/forgot-password"),
    Scene(name="new-password", path="/reset-password?token=a-link"),
    Scene(name="guest-data", path="/guest-data?token=a-link"),
    Scene(name="not-found", path="/nowhere", status=404),
    Scene(name="offline", path="/offline"),
    Scene(name="styleguide", path="/styleguide"),
)
PRINTS = (Scene(name="order-printed", arrange=delivered, by=SHOPPER),)
