"""Sellers and operators at work, in Chromium: at a desk, on a phone, with scripts or without."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from souk.kernel.ids import new_id
from tests.browser.demo import ADMIN, SELLER
from tests.browser.scenes.desks import DESK
from tests.browser.scenes.shopper import placed
from tests.browser.windows import DESKTOP, PHONE, Window
from tests.services.catalog.sheets import APPAREL
from tests.support.waiting import eventually

FINN = "finn@souk.example"
everywhere = pytest.mark.parametrize(
    ("shape", "scripts"),
    [(DESKTOP, True), (PHONE, True), (DESKTOP, False)],
    ids=["desktop", "phone", "without scripts"],
)


async def opened_shop(souk):
    """A new shop of finn's, with nothing in it."""
    name = f"Fern and Friends {new_id()[-6:]}"
    return await souk.ask("POST", "/shops", by=FINN, name=name, currency="USD")


async def seen_at_last(there: Window, text: str, *, scripts: bool) -> None:
    """Pages follow along by themselves; without scripts somebody looks again."""

    async def looked_again():
        if not scripts:
            await there.page.reload()
        return await there.page.get_by_text(text).count()

    await eventually(looked_again)


@everywhere
async def test_a_seller_brings_in_a_sheet_and_changes_a_price(souk, opened, shape, scripts):
    shop = await opened_shop(souk)
    there = await opened(shape, by=FINN, scripts=scripts)
    await there.see(f"/seller/{shop['slug']}/import")

    sheet = {"name": "apparel.csv", "mimeType": "text/csv", "buffer": APPAREL}
    await there.page.set_input_files("main [name=file]", sheet)
    await there.click("Look through it")
    await seen_at_last(there, "This is what it would do", scripts=scripts)
    await there.has("Product by product")
    await there.click("Bring it in")
    await seen_at_last(there, "The sheet is in", scripts=scripts)
    await there.click("See the products", "link")
    await there.page.locator("tbody th a").first.click()
    await there.page.locator("[name^='price--']").first.fill("123.45")
    await there.click("Save prices")
    await there.has("Saved.")
    await there.click("See it in the shop", "link")

    await there.has("$123.45")


@everywhere
async def test_an_operator_approves_a_shop(souk, opened, shape, scripts):
    shop = await opened_shop(souk)
    there = await opened(shape, by=ADMIN, scripts=scripts)
    await there.see("/operator/shops")

    row = there.page.locator("li.panel").filter(has_text=shop["name"])
    await row.get_by_role("button", name="Approve").click()

    await there.has(f"{shop['name']} is approved.")


@everywhere
async def test_a_seller_sends_an_order_while_the_shopper_watches(souk, opened, shape, scripts):
    shopper = await opened(shape)
    orders = (await placed(souk, shopper))["orders"]
    seller = await opened(shape, by=SELLER, scripts=scripts)
    mine = [each for each in orders if await is_at_desk(seller, each["id"])]
    await shopper.see(f"/orders/{mine[0]['id']}")
    await shopper.has("Confirmed")
    was = await shopper.page.evaluate("window.was = 'here'")
    await seller.see(f"{DESK}/orders/{mine[0]['id']}")

    await seller.fill(carrier="dhl", tracking_number="DE-2049")
    await seller.click("Send it on its way")
    await seller.has("is on its way.")

    await shopper.has("DE-2049")
    assert await shopper.page.evaluate("window.was") == was, "the page was loaded anew"


async def is_at_desk(seller: Window, order_id: str) -> bool:
    return (await seller.see(f"{DESK}/orders/{order_id}")).status == 200


async def test_pictures_are_dropped_in_and_pulled_into_another_order(souk, opened):
    shop = await opened_shop(souk)
    there = await opened(DESKTOP, by=FINN)
    await there.see(f"/seller/{shop['slug']}/products/new")
    await there.fill(name="Two Pictures", price="5")
    await there.click("Make a draft")
    await there.has("Here is your draft.")

    pictures = [
        {"name": f"{colour}.png", "mimeType": "image/png", "buffer": picture(colour)}
        for colour in ("navy", "tomato")
    ]
    await there.page.set_input_files("main [name=file]", pictures)
    items = there.page.locator(".gallery-desk li")
    await items.nth(1).wait_for()
    first = await items.nth(0).locator("img").last.get_attribute("src")
    await items.nth(0).drag_to(items.nth(1))

    await there.page.wait_for_function(
        "first => [...document.querySelectorAll('.gallery-desk li')].at(-1)"
        ".querySelector('img:last-of-type').getAttribute('src') === first"
        " && document.querySelector('.gallery-desk li').dataset.place === '0'",
        arg=first,
    )
    await there.page.reload()
    assert await items.nth(1).locator("img").last.get_attribute("src") == first


def picture(colour: str) -> bytes:
    body = BytesIO()
    Image.new("RGB", (64, 48), colour).save(body, "PNG")
    return body.getvalue()
