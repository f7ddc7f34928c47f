"""Sellers and operators at work, in Chromium: at a desk, on a phone, with scripts or without."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image

from souk.kernel.ids import new_id
from tests.browser.demo import ADMIN
from tests.browser.windows import DESKTOP, PHONE, Window
from tests.services.catalog.sheets import APPAREL
from tests.support.waiting import eventually

FINN = "finn@souk.example"
TRANSFER = """(files) => {
  const transfer = new DataTransfer();
  for (const [number, [type, content]] of files.entries()) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], `${number}.png`, { type }));
  }
  return transfer;
}"""
everywhere = pytest.mark.parametrize(
    ("shape", "scripts"),
    [(shape, scripts) for scripts in (True, False) for shape in (DESKTOP, PHONE)],
    ids=["desktop", "phone", "desktop without scripts", "phone without scripts"],
)


async def opened_shop(souk):
    """A new shop of finn's, with nothing in it."""
    name = f"Fern and Friends {new_id()[-6:]}"
    return await souk.ask("POST", "/shops", by=FINN, name=name, currency="USD")


async def seen_at_last(there: Window, text: str, *, scripts: bool) -> None:
    """Pages follow along by themselves; without scripts somebody looks again."""

    async def looked_again():
        if not scripts:
            await there.look_again()
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
    await there.click("Save variants")
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
async def test_a_seller_adds_a_colour_and_takes_another_away(souk, opened, shape, scripts):
    there = await drafted(souk, await opened(shape, by=FINN, scripts=scripts), colours="Rust, Moss")
    await there.page.locator("#more-variants > summary").click()
    await there.fill(**{"more--0": "Slate"})
    await there.click("Add rows")
    await there.has("One row is new.")
    await there.page.locator("[name^='price--new']").fill("a lot")
    await there.page.locator("[name^='gone--']").first.check()
    await there.click("Save variants")
    await there.has("One thing needs another look")
    assert await there.overflowing() == []

    await there.page.locator("[name^='price--new']").fill("7.50")
    await there.click("Save variants")
    await there.has("Saved.")
    await there.click("Publish")
    await there.click("See it in the shop", "link")

    await there.has("Slate")
    assert await there.page.locator("main").get_by_text("Rust").count() == 0


async def drafted(souk, there: Window, *, colours: str = "") -> Window:
    """At the desk of a new shop, before a new product."""
    shop = await opened_shop(souk)
    await there.see(f"/seller/{shop['slug']}/products/new")
    options = {"option_1": "Colour", "values_1": colours} if colours else {}
    await there.fill(name="Trial Piece", price="5", stock="3", **options)
    await there.click("Make a draft")
    await there.has("Here is your draft.")
    return there


async def test_pictures_are_dropped_in_and_pulled_into_another_order(souk, opened):
    there = await drafted(souk, await opened(DESKTOP, by=FINN))

    await drop(there, *(("image/png", picture(colour)) for colour in ("navy", "tomato")))
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


async def test_what_is_dropped_and_is_no_picture_is_refused_and_those_before_it_stay(souk, opened):
    there = await drafted(souk, await opened(DESKTOP, by=FINN))

    text = ("image/png", b"no picture at all")
    await drop(there, ("image/png", picture("navy")), text, ("image/png", picture("tomato")))

    await there.has("needs another look")
    assert await there.page.locator(".gallery-desk li").count() == 1
    await drop(there, ("image/png", picture("tomato")))
    await there.page.locator(".gallery-desk li").nth(1).wait_for()


async def drop(there: Window, *files: tuple[str, bytes]) -> None:
    """Files from somewhere else are dropped onto the page, as a browser does it."""
    given = [(kind, base64.b64encode(content).decode()) for kind, content in files]
    transfer = await there.page.evaluate_handle(TRANSFER, given)
    place = there.page.locator("[data-drop]")
    await place.dispatch_event("dragover", {"dataTransfer": transfer})
    assert "is-over" in (await place.get_attribute("class") or "")
    await place.dispatch_event("drop", {"dataTransfer": transfer})


def picture(colour: str) -> bytes:
    body = BytesIO()
    Image.new("RGB", (64, 48), colour).save(body, "PNG")
    return body.getvalue()
