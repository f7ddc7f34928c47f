"""One process of load: shoppers on connections of their own, each sending when it was answered.

    python -m bench.loader      reads an Order as JSON on standard input

It says `begun` when warming up is over, `ended` when time is up, and then a Tally as JSON. It
parses no more of an answer than it must: on a machine shared with the servers, every cycle of the
load is a cycle less for them.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import Generator, Sequence
from time import process_time
from typing import Any

import msgspec
import uvloop

from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id

Answer = tuple[int, bytes]
Turn = Generator[bytes, Answer, bool]  # requests out, answers in; whether all went well
ITEMS_A_CART = 5
END_SECONDS_MAX = 10
ADDRESS = {
    "name": "Ada Lovelace", "street_1": "12 St James's Square", "city": "Albany", "state": "NY",
    "postal_code": "12207", "country": "US",
}  # fmt: skip


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What load is wanted."""

    what: str
    host: str
    port: int
    shoppers: int
    warm_seconds: float
    seconds: float
    slugs: tuple[str, ...]
    variant_ids: tuple[str, ...]
    first: int = 0  # where in the goods this process begins


class Tally(msgspec.Struct, kw_only=True):
    """What came of it; latencies are of whole turns, in microseconds."""

    latencies: list[int]
    errors: dict[str, int]
    cpu_seconds: float = 0.0


class Shopper:
    """Someone who does one thing again and again."""

    def __init__(self, order: Order, number: int) -> None:
        at = order.first + number * 7
        self._slugs = itertools.cycle(turned(order.slugs, at))
        self._variants = itertools.cycle(turned(order.variant_ids, at))
        self._token = ""
        self._added = 0

    def list_products(self) -> Turn:
        return well((yield get("/products?page=1&page_size=20")), 200)

    def see_product(self) -> Turn:
        return well((yield get(f"/products/{next(self._slugs)}")), 200)

    def see_cart(self) -> Turn:
        while self._added < 3:
            if not (yield from self.add_to_cart()):
                return False
        return well((yield get("/cart", self._token)), 200)

    def add_to_cart(self) -> Turn:
        """Another product; after five a new guest with a new cart."""
        if self._added == ITEMS_A_CART:
            self._token, self._added = "", 0
        item = {"variant_id": next(self._variants), "quantity": 1}
        answer = yield post("/cart/items", item, self._token)
        self._added += 1
        if not self._token and answer[0] == 201:
            self._token = json.loads(answer[1])["token"]
        return well(answer, 201)

    def check_out(self) -> Turn:
        """A new guest's cart with one product, ordered and paid."""
        self._token, self._added = "", 0
        if not (yield from self.add_to_cart()):
            return False
        order = {
            "email": f"guest-{new_id()}@example.com", "shipping_address": ADDRESS,
            "shipping_method": "standard", "payment": {"provider": "sandbox", "method": "approve"},
        }  # fmt: skip
        return well((yield post("/orders", order, self._token, key=new_id())), 201)


class Connection(asyncio.Protocol):
    """A shopper's way to Souk."""

    def __init__(self, shopper: Shopper, order: Order, tally: Tally) -> None:
        self._begin = getattr(shopper, order.what)
        self._tally = tally
        self._buffer = b""
        self._awaited = 0  # bytes of the answer, once its head is here
        self.is_counted = False
        self.is_over = False
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next_turn()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._awaited and not self._measure():
            return
        if len(self._buffer) < self._awaited:
            return
        answer, self._buffer = self._buffer, self._buffer[self._awaited :]
        body = answer[self._body : self._awaited]
        self._awaited = 0
        self._go_on((int(answer[9:12]), body))

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set_result(None)
        if not self.is_over:
            self._count_error("connection lost")

    def _measure(self) -> bool:
        """Whether the head of the answer is complete, and with it the length of the whole."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self._buffer[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        self._body = end + 4
        self._awaited = self._body + length
        return True

    def _next_turn(self) -> None:
        self._turn: Turn = self._begin()
        self._began = monotonic()
        self._transport.write(next(self._turn))

    def _go_on(self, answer: Answer) -> None:
        try:
            self._transport.write(self._turn.send(answer))
        except StopIteration as ended:
            if ended.value and self.is_counted:
                self._tally.latencies.append(round((monotonic() - self._began) * 1e6))
            elif not ended.value:
                self._count_error(f"{answer[0]} {answer[1][:300].decode(errors='replace')}")
            if self.is_over:
                self._transport.close()
            else:
                self._next_turn()

    def _count_error(self, what: str) -> None:
        if self.is_counted:
            errors = self._tally.errors
            errors[what] = errors.get(what, 0) + 1


def turned(things: Sequence[str], first: int) -> list[str]:
    """Shoppers do not all begin with the same goods."""
    at = first % len(things)
    return [*things[at:], *things[:at]]


def get(path: str, token: str = "") -> bytes:
    return f"GET /api/v1{path} HTTP/1.1\r\nhost: souk\r\n{_token(token)}\r\n".encode()


def post(path: str, body: Any, token: str = "", *, key: str = "") -> bytes:
    content = msgspec.json.encode(body)
    named = f"idempotency-key: {key}\r\n" if key else ""
    head = f"POST /api/v1{path} HTTP/1.1\r\nhost: souk\r\ncontent-type: application/json\r\n"
    return f"{head}{_token(token)}{named}content-length: {len(content)}\r\n\r\n".encode() + content


def well(answer: Answer, status: int) -> bool:
    return answer[0] == status


async def loaded(order: Order) -> Tally:
    loop = asyncio.get_running_loop()
    tally = Tally(latencies=[], errors={})
    connections = []
    for number in range(order.shoppers):
        connection = Connection(Shopper(order, number), order, tally)
        connections.append(connection)
        await loop.create_connection(lambda made=connection: made, order.host, order.port)  # type: ignore[misc]
    await asyncio.sleep(order.warm_seconds)
    for connection in connections:
        connection.is_counted = True
    used = process_time()
    print("begun", flush=True)
    await asyncio.sleep(order.seconds)
    for connection in connections:
        connection.is_counted, connection.is_over = False, True
    print("ended", flush=True)
    tally.cpu_seconds = process_time() - used
    await asyncio.wait([each.closed for each in connections], timeout=END_SECONDS_MAX)
    return tally


def _token(token: str) -> str:
    return f"x-cart-token: {token}\r\n" if token else ""


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(loaded(wanted))) + b"\n")
