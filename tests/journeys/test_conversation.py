"""The conversation from registration to delivery, line by line."""

import json
import re

import pytest
import websockets

from souk.contracts.api import Role
from souk.kernel.ids import new_id
from tests.journeys.people import ADDRESS, PASSWORD, Person, opened_shop, with_role
from tests.support.waiting import eventually

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def has(answer, *names):
    assert set(names) <= set(answer), f"missing: {set(names) - set(answer)}"


async def test_accounts(http):
    email = f"ada-{new_id()}@example.com"
    account = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"}
    ada = Person(http)
    signed_in = await ada.must(201, "POST", "/auth/register", json=account)
    assert (signed_in["token_type"], signed_in["expires_in"]) == ("Bearer", 900)
    has(signed_in["user"], "id", "email", "first_name", "last_name", "phone_number", "roles",
        "is_active", "email_verified", "created_at")  # fmt: skip
    assert UUID7.fullmatch(signed_in["user"]["id"])
    assert TIME.fullmatch(signed_in["user"]["created_at"])
    assert signed_in["user"]["roles"] == ["customer"]

    second = await ada.ask("POST", "/auth/register", json=account)
    assert (second.status_code, second.json()["code"]) == (409, "EmailTaken")
    for wrong in ({"email": email, "password": "wrong password"},
                  {"email": f"no-{email}", "password": PASSWORD}):  # fmt: skip
        refused = await ada.ask("POST", "/auth/login", json=wrong)
        assert refused.status_code == 401
        assert refused.json()["code"] == "WrongCredentials"

    login = {"email": email, "password": PASSWORD}
    ada.tokens = await ada.must(200, "POST", "/auth/login", json=login)
    has(ada.tokens, "user", "access_token", "refresh_token", "token_type", "expires_in")
    await ada.refresh()
    has(ada.tokens, "access_token", "refresh_token", "token_type", "expires_in")
    assert (await ada.must(200, "GET", "/users/profile"))["email"] == email
    address = ADDRESS | {"type": "shipping", "street_2": "", "phone": "", "is_default": True}
    added = await ada.must(201, "POST", "/users/addresses", json=address)
    assert UUID7.fullmatch(added["id"])
    assert {name: added[name] for name in address} == address


async def test_a_shop_and_its_products(http):
    shop = await opened_shop(http)
    has(shop.shop, "id", "slug", "name", "status")
    assert shop.shop["status"] == "active"
    profile = await shop.seller.must(200, "GET", "/users/profile")
    assert "seller" in profile["roles"]

    product = await shop.product(stock=20)
    has(product, "id", "slug", "shop_id", "status", "variants")
    assert product["status"] == "published"
    variant = product["variants"][0]
    has(variant, "id", "sku", "options", "price", "available")
    assert (variant["available"], variant["options"]) == (20, {"Size": "M", "Color": "Red"})

    listed = await shop.seller.must(200, "GET", f"/products?page=1&page_size=20&shop_id={shop.id}")
    has(listed, "items", "page", "page_size", "total", "next_cursor")
    card = listed["items"][0]
    has(card, "id", "slug", "name", "shop_id", "shop_name", "category", "brand", "price",
        "compare_at_price", "rating", "review_count", "image_url", "in_stock")  # fmt: skip
    assert card["price"] == {"amount": 1999, "currency": "USD"}
    for word in (product["id"], product["slug"]):
        found = await shop.seller.must(200, "GET", f"/products/{word}")
        assert found["variants"][0]["available"] == 20

    counted = {"variant_id": variant["id"], "on_hand": 25}
    stock = await shop.seller.must(200, "PUT", f"/products/{product['id']}/inventory", json=counted)
    assert stock["items"][0] | {"on_hand": 25, "reserved": 0, "available": 25} == stock["items"][0]


async def test_a_guests_cart(http):
    shop = await opened_shop(http)
    product = await shop.product()
    guest = Person(http)
    cart = await guest.add(product["variants"][0]["id"], 2)
    has(cart, "id", "token", "version", "currency", "items", "coupon_code", "subtotal", "discount",
        "shipping", "tax", "total", "notices")  # fmt: skip
    item = cart["items"][0]
    has(item, "id", "product_id", "variant_id", "shop_id", "sku", "name", "variant_name",
        "image_url", "quantity", "unit_price", "line_total", "available")  # fmt: skip
    assert (cart["token"] != "", item["line_total"]["amount"]) == (True, 3998)
    changed = await guest.must(200, "PUT", f"/cart/items/{item['id']}", json={"quantity": 1})
    assert changed["items"][0]["quantity"] == 1
    same = await guest.must(200, "GET", "/cart")
    assert same == changed
    ada = Person(http)
    ada.cart_token = guest.cart_token
    await ada.register()
    merged = await ada.must(200, "GET", "/cart")
    assert [line["quantity"] for line in merged["items"]] == [1]
    assert (await ada.must(200, "DELETE", f"/cart/items/{merged['items'][0]['id']}"))["items"] == []


async def test_a_coupon(http, stack):
    shop = await opened_shop(http)
    product = await shop.product()
    code = f"WELCOME{new_id()[-6:]}".upper()
    coupon = {"code": code, "percent_basis_points": 1000}
    await shop.seller.must(201, "POST", f"/shops/{shop.id}/promotions", json=coupon)
    guest = Person(http)
    await guest.add(product["variants"][0]["id"], 2)
    cart = await guest.must(200, "POST", "/cart/apply-coupon", json={"code": code})
    assert (cart["coupon_code"], cart["discount"]["amount"]) == (code, 400)
    placed = (await guest.place()).json()
    assert placed["orders"][0]["discount"]["amount"] == 400


async def bought(http, stock=20, quantity=2):
    """A shopper has just placed an order: who, where, what."""
    shop = await opened_shop(http)
    product = await shop.product(stock)
    ada = await Person(http).register()
    await ada.add(product["variants"][0]["id"], quantity)
    answer = await ada.place()
    assert answer.status_code == 201, answer.text
    return shop, product, ada, answer.json()


async def test_checkout(http):
    shop, product, ada, placed = await bought(http)
    checkout, order = placed["checkout"], placed["orders"][0]
    has(checkout, "id", "status", "total", "payment")
    assert checkout["status"] == "confirmed"
    assert (
        checkout["payment"] | {"status": "authorized", "provider": "sandbox"} == checkout["payment"]
    )
    assert checkout["payment"]["next_action"] is None
    has(order, "id", "order_number", "shop_id", "status", "items", "subtotal", "discount",
        "shipping", "tax", "total", "placed_at")  # fmt: skip
    assert (order["status"], order["shop_id"]) == ("confirmed", shop.id)
    subtotal, shipping = 3998, 499
    tax = 160 + 20  # New York's 4 %, on shipping too
    assert order["total"]["amount"] == checkout["total"]["amount"] == subtotal + shipping + tax
    same = await ada.must(200, "GET", f"/checkouts/{checkout['id']}")
    assert [each["id"] for each in same["orders"]] == [order["id"]]
    assert (await ada.must(200, "GET", "/cart"))["items"] == [] or await eventually(
        lambda: is_empty(ada)
    )


async def is_empty(person):
    return (await person.must(200, "GET", "/cart"))["items"] == []


async def test_from_order_to_delivery(http, stack):
    shop, product, ada, placed = await bought(http)
    order_id, payment_id = placed["orders"][0]["id"], placed["checkout"]["payment"]["id"]
    assert order_id in [o["id"] for o in (await ada.must(200, "GET", "/orders?page=1"))["items"]]

    fulfil = f"/shops/{shop.id}/orders/{order_id}/fulfill"
    shipped = await shop.seller.must(200, "POST", fulfil, json={"carrier": "souk"})
    assert shipped["status"] == "shipped"
    assert shipped["tracking_number"]
    refused = await ada.ask("PUT", f"/orders/{order_id}/cancel", json={"reason": "too late"})
    assert (refused.status_code, refused.json()["code"]) == (409, "OrderAlreadyShipped")

    courier = await with_role(stack, http, Role.COURIER)
    delivered = await courier.must(200, "PUT", f"/orders/{order_id}/deliver", json={})
    assert delivered["status"] == "delivered"
    order = await ada.must(200, "GET", f"/orders/{order_id}")
    assert order["tracking_number"] == shipped["tracking_number"]
    events = [event["event"] for event in order["timeline"]]
    assert [e for e in events if e in ("confirmed", "shipped", "delivered")] == [
        "confirmed", "shipped", "delivered",
    ]  # fmt: skip

    async def captured():
        payment = await ada.must(200, "GET", f"/payments/{payment_id}")
        return payment if payment["status"] == "captured" else None

    payment = await eventually(captured)
    has(payment, "id", "status", "amount", "captured", "refunded", "escrow")
    assert payment["escrow"] == "held"
    assert payment["captured"] == payment["amount"] == placed["checkout"]["total"]


async def test_an_order_is_watched_live(http, stack):
    shop, product, ada, placed = await bought(http)
    order_id = placed["orders"][0]["id"]
    url = stack.url.replace("http", "ws") + f"/api/v1/orders/{order_id}/live-updates"
    headers = {"Authorization": f"Bearer {ada.tokens['access_token']}"}
    async with websockets.connect(url, additional_headers=headers) as socket:
        first = json.loads(await socket.recv())
        assert first["order_id"] == order_id
        fulfil = f"/shops/{shop.id}/orders/{order_id}/fulfill"
        await shop.seller.must(200, "POST", fulfil, json={"carrier": "souk"})
        update = json.loads(await socket.recv())
        while update["event"] != "shipped":
            update = json.loads(await socket.recv())
        assert update["order_id"] == order_id
        assert TIME.fullmatch(update["at"])


async def test_a_cancelled_order_gives_money_and_goods_back(http):
    shop, product, ada, placed = await bought(http, stock=5, quantity=2)
    order_id, payment_id = placed["orders"][0]["id"], placed["checkout"]["payment"]["id"]
    cancelled = await ada.must(200, "PUT", f"/orders/{order_id}/cancel", json={"reason": "mistake"})
    assert cancelled["status"] == "cancelled"

    async def balanced():
        payment = await ada.must(200, "GET", f"/payments/{payment_id}")
        stock = await shop.stock(product)
        gone = payment["status"] in ("refunded", "voided")
        return gone and (stock["on_hand"], stock["reserved"]) == (5, 0)

    await eventually(balanced)


async def test_a_mail_comes_for_every_step(http, stack):
    shop, product, ada, placed = await bought(http)
    number = placed["orders"][0]["order_number"]

    async def mailed():
        mails = [path.read_text() for path in (stack.home / "mail").glob("*.eml")]
        return [mail for mail in mails if number in mail and ada.user["email"] in mail]

    assert len(await eventually(mailed)) == 1


REFUSALS = [
    ("decline", 402, "PaymentDeclined"),
    ("insufficient_funds", 402, "PaymentDeclined"),
    ("no such method", 422, "ProviderUnknown"),
]


@pytest.mark.parametrize(("method", "status", "code"), REFUSALS)
async def test_a_refused_payment_leaves_nothing_behind(http, method, status, code):
    shop = await opened_shop(http)
    product = await shop.product(stock=3)
    ada = await Person(http).register()
    await ada.add(product["variants"][0]["id"], 3)
    refused = await ada.place(method)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await shop.stock(product))["available"] == 3
    assert (await ada.place()).status_code == 201


async def test_nothing_to_order_and_too_few_to_sell(http):
    shop = await opened_shop(http)
    product = await shop.product(stock=2)
    ada, bob = await Person(http).register(), await Person(http).register("Bob")
    nothing = await ada.place()
    assert (nothing.status_code, nothing.json()["code"]) == (422, "EmptyCart")
    for person in (ada, bob):
        await person.add(product["variants"][0]["id"], 2)
    assert (await ada.place()).status_code == 201
    refused = await bob.place()
    assert refused.status_code == 409
    problem = refused.json()
    sku = product["variants"][0]["sku"]
    assert problem["type"] == "https://souk.dev/problems/insufficient-stock"
    assert problem["title"] == "Insufficient stock"
    assert problem["detail"] == f"Only 0 of SKU {sku} are available."
    assert problem["fields"]["available"] == "0"
    assert refused.headers["content-type"] == "application/problem+json"
    has(problem, "status", "code", "trace_id")


async def test_an_old_cart_is_not_checked_out(http):
    shop = await opened_shop(http)
    product = await shop.product()
    ada = await Person(http).register()
    seen = await ada.add(product["variants"][0]["id"])
    await ada.add(product["variants"][0]["id"])
    refused = await ada.place(cart_version=seen["version"])
    assert (refused.status_code, refused.json()["code"]) == (409, "CartChanged")
    assert refused.json()["fields"]["version"] == str(seen["version"] + 1)
