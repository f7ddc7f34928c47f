"""Whatever is typed into a form is refused kindly or shown as text, and nothing is lost."""

import re

import pytest

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe\u202c",
    "👩🏽\u200d🚀 Zoë Ünïcode",
    "{{ 7*7 }} ${7*7} %(name)s",
    "x" * 20_000,
    "\x00\x1b[31m",
    " ",
)
OPEN_PAGES = ("/sign-in", "/register", "/forgot-password", "/reset-password?token=t", "/guest-data")
OWN_PAGES = ("/account", "/account/password", "/account/addresses/new")
KEPT_AS_TYPED = ("csrf", "next", "token", "country")


def typed_into(fields, text):
    return {name: text for name in fields if name not in KEPT_AS_TYPED}


def said_safely(page, text):
    """The text is not part of the page's own markup."""
    return not ("<" in text and text in page.text)


async def try_all(visitor, path, text):
    await visitor.see(path)
    action = re.search(r'<main.*?action="([^"]+)"', visitor.page.text, re.DOTALL)[1]
    fields = visitor.fields(action)
    await visitor.send(action, **typed_into(fields, text))
    assert visitor.page.status_code < 500, visitor.page.text
    assert said_safely(visitor.page, text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_doors_take_anything(market, text):
    for path in OPEN_PAGES:
        await try_all(market.visitor(), path, text)


async def test_accounts_take_anything(market):
    visitor = await market.signed_in()
    for text in HOSTILE:
        for path in OWN_PAGES:
            await try_all(visitor, path, text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_the_way_to_an_order_takes_anything(market, guest, text):
    product = await market.product()
    await guest.see(f"/p/{product.slug}")
    await guest.send("/cart/items", quantity=text)
    assert guest.page.status_code < 500
    await guest.see(f"/p/{product.slug}")
    await guest.send("/cart/items")
    await try_all(guest, "/cart", text)
    await guest.see("/checkout")
    await guest.send("/checkout", **typed_into(guest.fields("/checkout"), text))
    assert guest.page.status_code < 500
    assert said_safely(guest.page, text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["q", "low", "page", "sort", "option", "brand", "currency"])
async def test_search_takes_anything(guest, name, text):
    page = await guest.http.get("/search", params={name: text[:4000]})

    assert page.status_code == 200
    assert said_safely(page, text)


async def test_a_form_that_was_open_too_long_is_sent_again_with_what_was_typed(market, guest):
    product = await market.product()
    await guest.see(f"/p/{product.slug}")
    fields = guest.fields("/cart/items") | {"csrf": "of-yesterday", "quantity": "2"}

    await guest.post("/cart/items", **fields)
    assert guest.page.status_code == 403
    await guest.send("/cart/items")

    assert guest.has(f"{product.name} is in your cart.")
    assert guest.has("$128.00")


async def test_a_form_of_another_site_is_refused(market, guest):
    product = await market.product()
    await guest.see(f"/p/{product.slug}")
    fields = guest.fields("/cart/items")

    for headers in (
        {"origin": "https://elsewhere.test", "sec-fetch-site": "cross-site"},
        {"origin": "https://elsewhere.test"},
        {"origin": "null"},
    ):
        page = await guest.http.post("/cart/items", data=fields, headers=headers)
        assert page.status_code == 403, headers


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/c/nothing", 405), ("/p/nothing", 405), ("/orders", 405), ("/", 405)],
)
async def test_a_form_sent_where_none_is_asked_for_is_refused(guest, path, status):
    await guest.post(path, quantity="1")

    assert guest.page.status_code == status
    assert "Traceback" not in guest.page.text
    assert 'href="/"' in guest.page.text
