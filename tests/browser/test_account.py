"""What people do with their accounts that a browser alone can show."""

from __future__ import annotations

import zipfile

from playwright.async_api import expect

from souk.kernel.ids import new_id
from tests.browser.scenes.shopper import LAMP
from tests.browser.windows import DESKTOP, PHONE, Window


async def registered(there: Window) -> str:
    """A new account, which the window is signed in to; its e-mail address."""
    email = f"{new_id()}@example.com"
    await there.see("/register")
    await there.fill(first_name="Grace", email=email, password="a lamp in every window")
    await there.click("Make an account")
    await there.has("Welcome, Grace.")
    return email


async def with_authenticator(there: Window) -> None:
    """A device that answers for its owner."""
    protocol = await there.context.new_cdp_session(there.page)
    await protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    await protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_a_passkey_is_made_renamed_signed_in_with_and_removed(opened):
    there = await opened(DESKTOP)
    await with_authenticator(there)
    await registered(there)
    await there.see("/account/security")
    await there.click("Add a passkey")
    await there.fill(name="Laptop")
    await there.click("Make it")
    await there.has("The passkey is kept.")

    await there.page.get_by_label("What you call Laptop").fill("Old laptop")
    await there.click("Rename")
    await there.has("Saved.")
    await there.see("/account")
    await there.click("Sign out")
    await there.see("/sign-in?next=/account/security")
    await there.click("Sign in with a passkey")
    assert await there.barriers() == []
    await there.click("Go on")

    await expect(there.page.locator("h1")).to_have_text("Security")
    await expect(there.page.locator("main [name=name]")).to_have_value("Old laptop")
    await there.click("Remove Old laptop")
    await there.has("The passkey is gone.")


async def test_an_archive_is_gathered_while_one_watches(opened):
    there = await opened(PHONE)
    email = await registered(there)
    await there.see("/account/privacy")
    await there.click("Gather my data")
    download = there.page.get_by_role("button", name="Download")
    await expect(download).to_be_visible(timeout=60_000)

    async with there.page.expect_download() as started:
        await download.click()
    archive = await (await started.value).path()

    with zipfile.ZipFile(archive) as held:
        assert any(email.encode() in held.read(name) for name in held.namelist())


async def test_a_heart_is_pressed_and_the_page_stays(opened):
    there = await opened(PHONE)
    await registered(there)
    await there.see(f"/p/{LAMP}")
    heart = there.page.get_by_role("button", name="Save", exact=True)
    await expect(heart).to_have_attribute("aria-pressed", "false")

    await heart.focus()
    await there.page.keyboard.press("Enter")

    await there.has("Saved to Wishlist.")
    await expect(heart).to_have_attribute("aria-pressed", "true")
    await expect(heart).to_be_focused()
    assert await there.barriers() == []
    await there.page.keyboard.press("Enter")
    await there.has("It is off your wishlist.")
    await expect(heart).to_have_attribute("aria-pressed", "false")
    await there.see("/account/wishlists")
    await there.click("Wishlist", role="link")
    await there.has("Nothing on this list yet")
