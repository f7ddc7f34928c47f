"""What shoppers and sellers do under load: turns of one or more requests, as bytes on the wire."""

from __future__ import annotations

import itertools
import json
from collections.abc import Generator, Sequence
from typing import Any

import msgspec

from souk.kernel.ids import new_id

Answer = tuple[int, bytes]
Turn = Generator[bytes, Answer, bool]  # requests out, answers in; whether all went well
ITEMS_A_CART = 5
ADDRESS = {
    "name": "Ada Lovelace", "street_1": "12 St James's Square", "city": "Albany", "state": "NY",
    "postal_code": "12207", "country": "US",
}  # fmt: skip


class Wares(msgspec.Struct, frozen=True, kw_only=True):
    """What is on the stage: goods to look at and buy, people who have bought and sold."""

    slugs: tuple[str, ...] = ("-",)
    product_ids: tuple[str, ...] = ("-",)
    variant_ids: tuple[str, ...] = ("-",)
    categories: tuple[str, ...] = ("-",)
    words: tuple[str, ...] = ("-",)
    last_page: int = 1  # of twenty, up to 500
    last_category_page: int = 1
    shop_id: str = ""
    buyer: str = ""  # the access token of a shopper with many orders
    seller: str = ""
    email: str = ""
    password: str = ""


class Shopper:
    """Someone who does one thing again and again. Not all begin with the same goods."""

    def __init__(self, wares: Wares, first: int) -> None:
        self._wares = wares
        self._slugs = cycle(wares.slugs, first)
        self._ids = cycle(wares.product_ids, first)
        self._variants = cycle(wares.variant_ids, first)
        self._categories = cycle(wares.categories, first)
        self._words = cycle(wares.words, first)
        self._token = ""
        self._added = 0

    def list_products(self) -> Turn:
        return ok((yield get("/products?page=1&page_size=20")))

    def list_category(self) -> Turn:
        return ok((yield get(f"/products?category={next(self._categories)}&page=1&page_size=20")))

    def list_deep(self) -> Turn:
        page = self._wares.last_page
        return ok((yield get(f"/products?page={page}&page_size=20")))

    def list_category_deep(self) -> Turn:
        page = self._wares.last_category_page
        where = f"category={next(self._categories)}&page={page}&page_size=20"
        return ok((yield get(f"/products?{where}")))

    def see_product(self) -> Turn:
        return ok((yield get(f"/products/{next(self._slugs)}")))

    def see_product_by_id(self) -> Turn:
        return ok((yield get(f"/products/{next(self._ids)}")))

    def find_text(self) -> Turn:
        return ok((yield get(f"/products?q={next(self._words)}&page_size=20")))

    def log_in(self) -> Turn:
        known = {"email": self._wares.email, "password": self._wares.password}
        return ok((yield post("/auth/login", known)))

    def see_cart(self) -> Turn:
        while self._added < 3:
            if not (yield from self.add_to_cart()):
                return False
        return ok((yield get("/cart", cart=self._token)))

    def add_to_cart(self) -> Turn:
        """Another product; after five a new guest with a new cart."""
        if self._added == ITEMS_A_CART:
            self._token, self._added = "", 0
        item = {"variant_id": next(self._variants), "quantity": 1}
        answer = yield post("/cart/items", item, cart=self._token)
        self._added += 1
        if not self._token and answer[0] == 201:
            self._token = json.loads(answer[1])["token"]
        return answer[0] == 201

    def check_out(self) -> Turn:
        """A new guest's cart with one product, ordered and paid."""
        self._token, self._added = "", 0
        if not (yield from self.add_to_cart()):
            return False
        order = {
            "email": f"guest-{new_id()}@example.com", "shipping_address": ADDRESS,
            "shipping_method": "standard", "payment": {"provider": "sandbox", "method": "approve"},
        }  # fmt: skip
        answer = yield post("/orders", order, cart=self._token, key=new_id())
        return answer[0] == 201

    def open_home(self) -> Turn:
        return ok((yield page("/")))

    def open_category(self) -> Turn:
        return ok((yield page(f"/c/{next(self._categories)}")))

    def open_product(self) -> Turn:
        return ok((yield page(f"/p/{next(self._slugs)}")))

    def list_orders(self) -> Turn:
        return ok((yield get("/orders?page_size=20", bearer=self._wares.buyer)))

    def list_shop_orders(self) -> Turn:
        path = f"/shops/{self._wares.shop_id}/orders?page_size=20"
        return ok((yield get(path, bearer=self._wares.seller)))


def cycle(things: Sequence[str], first: int) -> itertools.cycle[str]:
    at = first % len(things)
    return itertools.cycle([*things[at:], *things[:at]])


def get(path: str, **who: str) -> bytes:
    return f"GET /api/v1{path} HTTP/1.1\r\nhost: souk\r\n{headers(**who)}\r\n".encode()


def page(path: str) -> bytes:
    """As browsers ask for it."""
    asked = "accept: text/html\r\naccept-encoding: gzip\r\naccept-language: en"
    return f"GET {path} HTTP/1.1\r\nhost: souk\r\n{asked}\r\n\r\n".encode()


def post(path: str, body: Any, **who: str) -> bytes:
    content = msgspec.json.encode(body)
    head = f"POST /api/v1{path} HTTP/1.1\r\nhost: souk\r\ncontent-type: application/json\r\n"
    head += f"{headers(**who)}content-length: {len(content)}\r\n\r\n"
    return head.encode() + content


def headers(*, cart: str = "", bearer: str = "", key: str = "") -> str:
    named = (
        ("x-cart-token", cart),
        ("authorization", bearer and f"Bearer {bearer}"),
        ("idempotency-key", key),
    )
    return "".join(f"{name}: {value}\r\n" for name, value in named if value)


def ok(answer: Answer) -> bool:
    return answer[0] == 200
