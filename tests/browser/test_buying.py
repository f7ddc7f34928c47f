"""A guest finds something, buys it, and sees it on its way, in whatever way they browse."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.demo import SELLER
from tests.browser.scenes.desks import DESK
from tests.browser.scenes.shopper import ADDRESS, filled
from tests.browser.windows import DESKTOP, PATIENCE_MS, PHONE, Window
from tests.support.waiting import eventually

PENDANT = "Paper Moon Pendant"
EMAIL = "ada@example.com"
TABS_MAX = 160
FOCUSED = """() => {
  const each = document.activeElement;
  const label = each.labels?.[0]?.innerText ?? "";
  return (each.getAttribute("aria-label") || label || each.innerText || "").trim();
}"""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=lambda shape: shape.name)
async def test_a_guest_buys_and_sees_the_order_move_while_the_seller_sends_it(
    opened, shape, scripts
):
    there = await opened(shape, scripts=scripts)

    await find(there, scripts=scripts)
    await choose_and_add(there, scripts=scripts)
    await there.click("Checkout", "link")
    await check_out(there, scripts=scripts)
    await there.has("Approve this payment?")
    await there.click("Approve")
    await there.click("Back to the shop", "link")
    await thanked(there, scripts=scripts)
    await there.click("Follow this order", "link")
    await there.has("Confirmed and paid")
    was = await there.page.evaluate("window.was = 'here'")

    await send(await opened(shape, by=SELLER, scripts=scripts), there.page.url.rpartition("/")[2])

    await sees(there, "On its way", scripts=scripts)
    await there.has("DE-2049")
    if scripts:
        assert await there.page.evaluate("window.was") == was, "the page was loaded anew"


async def find(there: Window, *, scripts: bool) -> None:
    await there.see("/")
    await there.page.get_by_role("searchbox").fill("moon pendant")
    await there.page.keyboard.press("Enter")
    await there.page.wait_for_url("**/search?q=moon+pendant")
    wanted = there.page.locator("input[type=checkbox][value='Size:45 cm']")
    if not await wanted.is_visible():
        await there.page.locator("#filters > summary").click()
    await wanted.click()
    if not scripts:
        await there.click("Show")
    await there.page.wait_for_url(re.compile("option=Size%3A45"))
    await there.click(PENDANT, "link")
    await expect(there.page.locator("h1")).to_have_text(PENDANT)


async def choose_and_add(there: Window, *, scripts: bool) -> None:
    price = there.page.locator("#buy .price").first
    before = await price.inner_text()
    await there.click("60 cm", "link")
    await expect(price).not_to_have_text(before)
    await there.click("Add to cart")
    if scripts:
        await there.click("Go to the cart", "link")
    await there.has(f"{PENDANT}")
    await expect(there.page.locator("h1")).to_have_text("Your cart")
    await expect(there.page.locator("#cart-count")).to_have_text("1")


async def check_out(there: Window, *, scripts: bool) -> None:
    await there.page.locator("#pay-sandbox-challenge").check()
    await address_typed(there, scripts=scripts, email=EMAIL)
    for name, value in {"email": EMAIL, **ADDRESS}.items():
        await expect(there.page.locator(f"main [name={name}]")).to_have_value(value)
    await there.click("Place the order")


async def address_typed(there: Window, *, scripts: bool, **typed: str) -> None:
    """And what it comes to is worked out, which the state of the address is part of."""
    async with there.page.expect_response(lambda answer: answer.request.method == "POST"):
        await there.fill(**ADDRESS | typed)
        if not scripts:
            await there.click("Work out the total")
    await expect(there.page.locator("[aria-busy]")).to_have_count(0)


async def thanked(there: Window, *, scripts: bool) -> None:
    """The provider tells us by a webhook, so it may be a moment."""
    if scripts:
        await there.has("Thank you")
        return

    async def is_thanked() -> bool:
        await there.look_again()
        return await there.page.locator("h1").inner_text() == "Thank you"

    await eventually(is_thanked, seconds=PATIENCE_MS / 1000)


async def send(seller: Window, order_id: str) -> None:
    """The seller, in another window."""
    await seller.see(f"{DESK}/orders/{order_id}")
    await seller.fill(carrier="dhl", tracking_number="DE-2049")
    await seller.click("Send it on its way")
    await seller.has("is on its way.")


async def sees(there: Window, text: str, *, scripts: bool) -> None:
    """By itself with scripts, by looking again without."""

    async def is_seen() -> bool:
        if not scripts:
            await there.look_again()
        return await there.page.locator("#order-head").get_by_text(text).is_visible()

    await eventually(is_seen, seconds=PATIENCE_MS / 1000)


async def test_everything_is_bought_with_the_keyboard_alone(opened):
    there = await opened(DESKTOP)
    keys = there.page.keyboard
    await there.see("/")

    await tab_to(there, "Search")
    await keys.type("harbour desk lamp")
    await keys.press("Enter")
    await there.page.wait_for_url("**/search?q=*")
    await tab_to(there, "Harbour Desk Lamp")
    await keys.press("Enter")
    await there.page.wait_for_url("**/p/*")
    await tab_to(there, "Rust")
    await keys.press("Enter")
    await there.page.wait_for_url("**variant=*")
    await tab_to(there, "Add to cart")
    await keys.press("Enter")
    await tab_to(there, "Go to the cart")
    await keys.press("Enter")
    await there.page.wait_for_url("**/cart")
    await tab_to(there, "Checkout")
    await keys.press("Enter")
    await there.page.wait_for_url("**/checkout")
    await type_address(there)
    await tab_to(there, "Test card that pays")
    await keys.press("ArrowDown")
    await tab_to(there, "Place the order")
    await keys.press("Enter")
    await there.has("Approve this payment?")
    await tab_to(there, "Approve")
    await keys.press("Enter")
    await tab_to(there, "Back to the shop")
    await keys.press("Enter")
    await there.has("Thank you")


async def type_address(there: Window) -> None:
    typed = {
        "E-mail": EMAIL, "Full name": "Ada Lovelace", "Street and number": "1 Row",
        "City": "Albany", "State": "New York", "ZIP code": "12207",
    }  # fmt: skip
    async with there.page.expect_response(lambda answer: answer.request.method == "POST"):
        for label, text in typed.items():
            await tab_to(there, label)
            await there.page.keyboard.type(text)
    await expect(there.page.locator("[aria-busy]")).to_have_count(0)
    await expect(there.page.locator("#f-state")).to_have_value("NY")
    await expect(there.page.locator("#f-postal_code")).to_have_value("12207")


async def tab_to(there: Window, name: str) -> None:
    """Tabs on until what is called so has the focus."""
    met: list[str] = []
    for _ in range(TABS_MAX):
        await there.page.keyboard.press("Tab")
        met.append((await there.page.evaluate(FOCUSED)).split("\n")[0])
        if met[-1] == name:
            return
    raise AssertionError(f"no Tab leads to {name}: {met}")


async def test_a_session_that_ends_during_the_checkout_loses_nothing_typed(souk, opened):
    there = await opened(DESKTOP, by="shopper@souk.example")
    await filled(souk, there)
    await there.see("/cart")
    await there.see("/checkout")
    await address_typed(there, scripts=True, street_1="77 Elsewhere")
    await expect(there.page.locator("#f-street_1")).to_have_value("77 Elsewhere")
    await there.context.clear_cookies(name="souk_refresh")
    await there.context.add_cookies([{"name": "souk_access", "value": "over", "url": there.url}])

    await there.click("Place the order")
    await there.has("You have been signed out")
    await there.has("77 Elsewhere")
    await there.fill(email="shopper@souk.example", password=souk.password)
    await there.page.locator("main button[type=submit]").click()
    await there.click("Send it again")

    await there.has("Thank you")
