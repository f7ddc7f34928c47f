"""What the gateway itself costs for one request, layer by layer, without server and database.

The figures are microseconds of processor time, the best of several rounds; the services behind are
stood in for by one that answers at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Coroutine
from time import process_time
from typing import Any

import msgspec

from souk.contracts import carts, catalog
from souk.gateway.app import Gateway
from souk.gateway.exchange import Exchange, Traces
from souk.gateway.journal import Journal
from souk.kernel.clock import SystemClock
from souk.kernel.context import NOBODY, Call, acting
from souk.kernel.contract import Method
from souk.kernel.identity import Verifier
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.settings import Settings
from souk.kernel.validation import read_json, read_values
from tests.support.tokens import Issuer

ROUNDS, TURNS = 5, 2000
LIST_PATH, ADD_PATH = "/api/v1/products", "/api/v1/cart/items"
QUERY = b"page=1&page_size=20&category=apparel/shirts&sort=price"
BODY = b'{"variant_id":"0197a3f2-5c1e-7d4b-9a86-3f2b1c0d4e5f","quantity":2}'


class Prompt:
    """A transport whose services have the answer ready."""

    def __init__(self) -> None:
        card = catalog.ProductCard(
            id=new_id(),
            slug="ocean-blue-shirt",
            name="Ocean Blue Shirt",
            shop_id=new_id(),
            shop_name="Acme",
            category="apparel/shirts",
            price=Money(5000, "USD"),
            image_url="https://cdn.example/products/ocean-blue-shirt.jpg",
            in_stock=True,
        )
        self._page = catalog.ProductPage(items=(card,) * 20, page=1, page_size=20, total=20)
        self._cart = carts.Cart(id=new_id(), version=1, currency="USD")

    async def call(self, method: Method, request: Any) -> Any:
        return self._page if method.name == "ListProducts" else self._cart


class Open:
    async def hit(self, key: str, **_: Any) -> None:
        return None


class Nowhere:
    def write(self, text: str) -> None: ...
    def flush(self) -> None: ...


def gateway(issuer: Issuer, **settings: Any) -> Gateway:
    async def ready() -> dict[str, str]:
        return {}

    async def keys() -> list[Any]:
        return [issuer.public]

    made = Gateway(
        [*catalog.CatalogService.METHODS, *carts.CartService.METHODS],
        Prompt(),  # type: ignore[arg-type]
        settings=Settings(**settings),
        verifier=Verifier(keys, SystemClock()),
        limiter=Open(),
        ready=ready,
    )
    made._journal = Journal(Settings(), Nowhere())  # type: ignore[arg-type]
    return made


def scope(verb: str, path: str, query: bytes, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    common = ((b"host", b"127.0.0.1:8080"), (b"user-agent", b"wrk"), (b"accept", b"*/*"))
    return {
        "type": "http", "method": verb, "path": path, "raw_path": path.encode(),
        "query_string": query, "headers": [*common, *headers], "http_version": "1.1",
        "client": ("127.0.0.1", 50_000),
    }  # fmt: skip


async def send(_: Any) -> None:
    return None


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": BODY, "more_body": False}


async def best(run: Callable[[], Awaitable[Any]]) -> float:
    found = []
    for _ in range(ROUNDS):
        began = process_time()
        for _ in range(TURNS):
            await run()
        found.append((process_time() - began) / TURNS * 1e6)
    return min(found)


def quick(run: Callable[[], Any]) -> Callable[[], Coroutine[Any, Any, Any]]:
    async def once() -> Any:
        return run()

    return once


async def measured() -> dict[str, float]:
    """Microseconds by layer; what is indented is a part of what stands above it."""
    issuer = Issuer()
    souk, keeping = gateway(issuer, shelf_bytes_max=0), gateway(issuer)
    bearer = (b"authorization", f"Bearer {issuer.token()}".encode())
    get = scope("GET", LIST_PATH, QUERY)
    packed = scope("GET", LIST_PATH, QUERY, (b"accept-encoding", b"gzip"))
    known = scope("GET", LIST_PATH, QUERY, (b"if-none-match", b"*"))
    post = scope("POST", ADD_PATH, b"", bearer, (b"content-type", b"application/json"))
    await souk(post, receive, send)

    exchange = Exchange(get, receive, send, Traces())
    signed = Exchange(post, receive, send, Traces())
    found = souk._router.find(LIST_PATH)
    assert found is not None
    route = found[0]["GET"]
    page = await Prompt().call(route.method, None)
    request = {"page": "1", "page_size": "20", "category": "apparel/shirts", "sort": "price"}
    traces, call = Traces(), Call(NOBODY, 1.0, "0" * 32, "")
    body = msgspec.json.encode(page)

    def act() -> None:
        with acting(call):
            pass

    def ticket() -> None:
        with route.deadlines.ticket():
            pass

    layers: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
        ("GET 20 products, all of it", lambda: souk(get, receive, send)),
        ("GET 20 products, compressed", lambda: souk(packed, receive, send)),
        ("GET 20 products, from the shelf", lambda: keeping(get, receive, send)),
        ("GET 20 products, from the shelf, compressed", lambda: keeping(packed, receive, send)),
        ("GET 20 products that the client has: 304", lambda: keeping(known, receive, send)),
        ("POST cart item with a token seen before", lambda: souk(post, receive, send)),
        ("  read the head", quick(lambda: Exchange(get, receive, send, traces))),
        ("  find the route", quick(lambda: souk._router.find(LIST_PATH, b""))),
        ("  deadline", quick(ticket)),
        ("  caller, nobody", lambda: souk._callers.caller_of(exchange, route.method)),
        ("  caller, by a token", lambda: souk._callers.caller_of(signed, route.method)),
        ("  limit, from the purse", lambda: souk._rates.spend(route.method.rate, NOBODY)),
        ("  read the query", lambda: route.reader.read(exchange, [])),
        ("    of this, validation", quick(lambda: read_values(route.method.request, request))),
        ("  read a body", quick(lambda: read_json(carts.AddItemRequest, BODY))),
        ("  context", quick(act)),
        ("  encode", quick(lambda: msgspec.json.encode(page))),
        ("  answer with ETag", quick(lambda: route.answerer.reply(exchange, page, NOBODY))),
        ("  journal and figure", quick(lambda: souk._journal.record(exchange))),
        ("  gzip, when it is asked for", quick(lambda: zlib.compress(body, 4, 31))),
    ]
    empty = await best(quick(lambda: None))
    return {name: round(await best(run) - empty, 2) for name, run in layers}
