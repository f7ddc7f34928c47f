"""One process or eleven: a client cannot tell, but for ids, times and secrets."""

import json
import re
from typing import Any

import pytest

from souk.contracts.api import Role
from souk.kernel.ids import new_id
from tests.journeys.people import ADDRESS, PASSWORD, Person, with_role
from tests.support.stack import Stack, running
from tests.support.waiting import eventually

MASKS = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "<access token>"),
    (r"SK-\d{8}-\w+", "<order number>"),
    (r"SOUK[2-9A-Z]{12}", "<tracking number>"),
    (r'"(refresh_token|device_token|token|x|next_cursor)":"[\w.-]{20,}"', r'"\1":"<secret>"'),
    (r'"trace_id":"\w+"', '"trace_id":"<trace>"'),
    (r"http://127\.0\.0\.1:\d+", "<souk>"),
    (r"/challenges/[\w-]+", "/challenges/<secret>"),
]
TEE = {
    "name": "Linen tee", "description": "<p>Soft.</p>", "category": "apparel/shirts",
    "brand": "Acme", "tags": ["men"], "weight_grams": 300, "options": ["Size", "Color"],
    "variants": [{
        "sku": "TEE-M-RED", "options": {"Size": "M", "Color": "Red"},
        "price": {"amount": 1999, "currency": "USD"}, "stock": 20,
    }],
    "images": [{"url": "https://images.example/tee.jpg", "alt": "A tee"}],
}  # fmt: skip


class Transcript(Person):
    """A person whose every answer is written down, masked."""

    def __init__(self, http, lines: list[Any]) -> None:
        super().__init__(http)
        self.lines = lines

    async def ask(self, verb, path, **more):
        answer = await super().ask(verb, path, **more)
        text = answer.text
        for pattern, mask in MASKS:
            text = re.sub(pattern, mask, text)
        # As JSON, because the members of an object have no order.
        asked = re.sub(*MASKS[0], f"{verb} {path}")
        self.lines.append((asked, answer.status_code, json.loads(text)))
        return answer


async def conversation(stack: Stack) -> list[Any]:
    lines: list[Any] = []
    async with stack.http() as http:
        seller, ada = Transcript(http, lines), Transcript(http, lines)
        account = {"password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"}
        for person, email in ((seller, "olga@example.com"), (ada, "ada@example.com")):
            person.tokens = await person.must(
                201, "POST", "/auth/register", json=account | {"email": email}
            )
        await ada.ask("POST", "/auth/register", json=account | {"email": "ada@example.com"})
        await ada.ask("POST", "/auth/register", json={"email": "x", "nickname": 1})
        await ada.ask("POST", "/auth/login", json={"email": "ada@example.com", "password": "wrong"})
        await ada.ask("GET", "/users/profile", headers={"Authorization": "Bearer forged"})
        await ada.ask("POST", "/users/addresses", json=ADDRESS | {"type": "shipping"})
        shop = await seller.must(201, "POST", "/shops", json={"name": "Linen", "currency": "USD"})
        await seller.refresh()
        product = await seller.must(201, "POST", f"/shops/{shop['id']}/products", json=TEE)
        await seller.ask("POST", f"/shops/{shop['id']}/products", json=TEE)
        await ada.ask("GET", f"/products/{product['slug']}")
        await ada.ask("GET", "/products?sort=price&page_size=1")
        await ada.ask("GET", "/products?sort=upwards")
        await buys(ada, product)
        await sells(stack, seller, ada, shop, lines)
    return lines


async def buys(ada: Transcript, product: dict) -> None:
    variant = product["variants"][0]["id"]
    await ada.ask("POST", "/orders", json=ada.order(), key=new_id())
    await ada.add(variant, 2)
    await ada.ask("POST", "/cart/items", json={"variant_id": variant, "quantity": 100})
    await ada.ask("POST", "/cart/apply-coupon", json={"code": "NOPE"})
    await ada.ask("GET", "/cart")
    await ada.ask("POST", "/orders", json=ada.order("decline"), key=new_id())
    await ada.ask("POST", "/orders", json=ada.order(), key="")
    await ada.ask("POST", "/orders", json=ada.order("challenge"), key=new_id())
    await ada.ask("POST", "/orders", json=ada.order(), key=new_id())


async def sells(stack, seller: Transcript, ada: Transcript, shop: dict, lines) -> None:
    bob = Transcript(ada.http, lines)
    listed = await seller.must(200, "GET", f"/shops/{shop['id']}/products")
    product = await seller.must(200, "GET", f"/products/{listed['items'][0]['id']}")
    await bob.add(product["variants"][0]["id"])
    email = {"email": "bob@example.com"}
    placed = (await bob.ask("POST", "/orders", json=bob.order() | email, key=new_id())).json()
    order = placed["orders"][0]["id"]
    quiet = Person(bob.http)
    quiet.cart_token = bob.cart_token

    async def captured():
        path = f"/payments/{placed['checkout']['payment']['id']}"
        return (await quiet.must(200, "GET", path))["status"] == "captured"

    await eventually(captured)
    for person in (ada, bob):
        await person.ask("GET", f"/orders/{order}")
        await person.ask("GET", f"/payments/{placed['checkout']['payment']['id']}")
    await seller.ask(
        "POST", f"/shops/{shop['id']}/orders/{order}/fulfill", json={"carrier": "souk"}
    )
    await bob.ask("PUT", f"/orders/{order}/cancel", json={"reason": "too late"})
    courier = await with_role(stack, bob.http, Role.COURIER)
    await courier.must(200, "PUT", f"/orders/{order}/deliver", json={})
    await bob.ask("GET", f"/orders/{order}/timeline")
    await bob.ask("GET", "/nowhere")


@pytest.mark.timeout(240)
async def test_both_shapes_give_the_same_answers():
    told = []
    for split in (False, True):
        async with running(split=split) as stack:
            told.append(await conversation(stack))
    together, apart = told
    assert len(together) == 35
    assert together == apart
