"""People who use Souk over HTTP, as the conversation says they do."""

from __future__ import annotations

from typing import Any

import httpx

from souk.contracts.api import Role
from souk.kernel.ids import new_id
from tests.support.stack import Stack

PASSWORD = "a fine long password"
ADDRESS = {
    "name": "Ada Lovelace", "street_1": "12 St James's Square", "city": "Albany", "state": "NY",
    "postal_code": "12207", "country": "US",
}  # fmt: skip
TERMINAL = {"confirmed", "refused"}


class Person:
    """Somebody with an account, or a guest with a cart's token."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.user: dict[str, Any] = {}
        self.tokens: dict[str, Any] = {}
        self.cart_token = ""

    @property
    def headers(self) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.tokens['access_token']}"} if self.tokens else {}
        return token | ({"X-Cart-Token": self.cart_token} if self.cart_token else {})

    async def ask(self, verb: str, path: str, *, key: str = "", **more: Any) -> httpx.Response:
        headers = self.headers | ({"Idempotency-Key": key} if key else {}) | more.pop("headers", {})
        return await self.http.request(verb, path, headers=headers, **more)

    async def must(self, status: int, verb: str, path: str, **more: Any) -> Any:
        """The answer's JSON; anything but `status` fails the test and shows what came."""
        answer = await self.ask(verb, path, **more)
        assert answer.status_code == status, f"{verb} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def register(self, name: str = "Ada") -> Person:
        account = {
            "email": f"{name.lower()}-{new_id()}@example.com", "password": PASSWORD,
            "first_name": name, "last_name": "Lovelace",
        }  # fmt: skip
        signed_in = await self.must(201, "POST", "/auth/register", json=account)
        self.user = signed_in.pop("user")
        self.tokens = signed_in
        return self

    async def refresh(self) -> None:
        token = {"refresh_token": self.tokens["refresh_token"]}
        self.tokens = await self.must(200, "POST", "/auth/refresh", json=token)

    async def add(self, variant_id: str, quantity: int = 1) -> dict[str, Any]:
        item = {"variant_id": variant_id, "quantity": quantity}
        cart = await self.must(201, "POST", "/cart/items", json=item)
        self.cart_token = cart["token"] or self.cart_token
        return cart

    def order(self, method: str = "approve", **more: Any) -> dict[str, Any]:
        """The body of a checkout."""
        email = {} if self.tokens else {"email": f"guest-{new_id()}@example.com"}
        payment = {"provider": "sandbox", "method": method}
        return {"shipping_address": ADDRESS, "shipping_method": "standard", "payment": payment,
                **email, **more}  # fmt: skip

    async def place(self, method: str = "approve", *, key: str = "", **more: Any) -> httpx.Response:
        body = self.order(method, **more)
        return await self.ask("POST", "/orders", json=body, key=key or new_id())


class Shop:
    """A seller with a shop and one product."""

    def __init__(self, seller: Person, shop: dict[str, Any]) -> None:
        self.seller, self.shop, self.id = seller, shop, shop["id"]

    async def product(self, stock: int = 20, *, amount: int = 1999) -> dict[str, Any]:
        sku = f"TEE-{new_id()[-8:]}"
        product = {
            "name": "Linen tee", "description": "<p>Soft.</p>", "category": "apparel/shirts",
            "brand": "Acme", "tags": ["men"], "weight_grams": 300,
            "variants": [{
                "sku": sku, "options": {"Size": "M", "Color": "Red"},
                "price": {"amount": amount, "currency": "USD"}, "stock": stock,
            }],
            "images": [{"url": "https://images.example/tee.jpg", "alt": "A tee"}],
        }  # fmt: skip
        return await self.seller.must(201, "POST", f"/shops/{self.id}/products", json=product)

    async def stock(self, product: dict[str, Any]) -> dict[str, Any]:
        path = f"/products/{product['id']}/inventory"
        return (await self.seller.must(200, "GET", path))["items"][0]


async def opened_shop(http: httpx.AsyncClient, name: str = "Linen & Co") -> Shop:
    """A new seller opens a shop; the role comes with the next refresh."""
    seller = await Person(http).register("Olga")
    shop = await seller.must(201, "POST", "/shops", json={"name": name, "currency": "USD"})
    await seller.refresh()
    return Shop(seller, shop)


async def with_role(stack: Stack, http: httpx.AsyncClient, role: Role) -> Person:
    person = await Person(http).register(role.value.title())
    await stack.grant(person.user["id"], role)
    await person.refresh()
    return person
