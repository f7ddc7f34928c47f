"""Ways in: forgotten passwords, second factors, sessions elsewhere."""

import re

import pyotp

from tests.support.waiting import eventually
from tests.web.market import PASSWORD

NEW_PASSWORD = "another lamp for the window"


async def test_what_an_account_alone_may_see_asks_to_sign_in_and_leads_back(market, guest):
    known = await market.person()
    await guest.see("/account")
    assert guest.page.url.path == "/sign-in"

    await guest.send("/sign-in", email=known.user.email, password=PASSWORD)

    assert guest.page.url.path == "/account"
    assert guest.has("Hello, Ada")


async def test_a_wrong_password_is_said_at_its_field(market, guest):
    known = await market.person()
    await guest.see("/sign-in")

    await guest.send("/sign-in", email=known.user.email, password="not it")

    assert guest.page.status_code == 401
    assert 'id="e-email"' in guest.page.text
    assert "not it" not in guest.page.text


async def test_nobody_learns_whether_there_is_such_an_account(guest):
    await guest.see("/forgot-password")

    await guest.send("/forgot-password", email="nobody@example.com")

    assert guest.has("If there is an account with this address")


async def test_a_link_that_is_none_leads_to_a_new_one(guest):
    await guest.see("/reset-password?token=made-up")
    await guest.send("/reset-password", new_password=NEW_PASSWORD)

    assert guest.page.status_code == 401
    assert guest.has("Ask for a new link")


async def test_whoever_bought_without_an_account_learns_nothing_of_others(guest):
    await guest.see("/guest-data")
    await guest.send("/guest-data", email="nobody@example.com")
    assert guest.has("If something was bought with this address")

    for action in ("/guest-data/copy", "/guest-data/erasure"):
        await guest.see("/guest-data?token=made-up")
        await guest.send(action)
        assert guest.page.status_code == 401
        assert guest.has("This link is wrong")


async def test_a_second_factor_is_set_up_and_asked_for(market):
    visitor = await market.signed_in()
    secret = await enrolled(visitor)
    stranger = market.visitor()
    await stranger.see("/sign-in")
    await stranger.send("/sign-in", email=visitor.email, password=PASSWORD)
    assert stranger.has("One more thing")

    await stranger.send("/sign-in/second", code="000000")
    assert stranger.page.status_code == 401
    assert 'id="e-code"' in stranger.page.text
    await stranger.send("/sign-in/second", code=secret["recovery"])

    assert stranger.page.url.path == "/"
    await stranger.see("/account")
    assert stranger.has("Hello, Ada")


async def enrolled(visitor):
    """A key for an app, and the first of the codes for bad days."""
    await visitor.see("/account/security")
    await visitor.send("/account/second-factor", action="begin")
    key = re.search(r'class="key mono">([A-Z2-7]+)<', visitor.page.text)[1]
    await visitor.send("/account/second-factor", action="confirm", code=pyotp.TOTP(key).now())
    codes = re.search(r'class="codes mono">(.*?)</ul>', visitor.page.text, re.DOTALL)[1]
    return {"key": key, "recovery": re.search(r"<li>([^<]+)</li>", codes)[1]}


async def test_who_shows_once_more_who_they_are_goes_on_where_they_were(market):
    visitor = await market.signed_in()
    await visitor.see("/account")
    carried = {
        "csrf": visitor.fields("/account")["csrf"],
        "again-path": "/account/second-factor",
        "again:action": "begin",
    }

    await visitor.post("/prove", password="not it", **carried)
    assert visitor.page.status_code == 403
    assert visitor.has("Is it you?")
    assert 'id="e-password"' in visitor.page.text
    await visitor.send("/prove", password=PASSWORD)
    await visitor.send("/account/second-factor")

    assert 'class="key mono"' in visitor.page.text


async def test_another_device_is_signed_out(market):
    visitor = await market.signed_in()
    other = market.visitor()
    await other.see("/sign-in")
    await other.send("/sign-in", email=visitor.email, password=PASSWORD)
    await visitor.see("/account/security")

    while "session_id" in visitor.fields("/account/sessions"):
        await visitor.send("/account/sessions")
        assert visitor.has("That device is signed out.")

    await visitor.see("/account")
    assert visitor.has("Hello, Ada")

    async def is_out() -> bool:
        return (await other.see("/account")).url.path == "/sign-in"

    await eventually(is_out)
