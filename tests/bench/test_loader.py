"""The load itself: what it counts, what it calls an error, and when it begins a turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bench.loader import Order, Tally, loaded
from bench.shoppers import Wares

WAIT_SECONDS = 0.05


class Answering:
    """A server that takes its time, one request after another on each connection."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[str] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            self.asked.append(head.split(b"\r\n", 1)[0].decode())
            await asyncio.sleep(WAIT_SECONDS)
            body = b'{"code":"Odd"}'
            writer.write(
                f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            )
            writer.write(body)


@pytest.fixture
async def server() -> AsyncIterator[Answering]:
    made = Answering()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await made.serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as listening:
        made.port = listening.sockets[0].getsockname()[1]
        yield made


async def load(server: Answering, what: str = "list_products", **fields: float) -> Tally:
    wanted = {"shoppers": 4, "warm_seconds": 0.1, "seconds": 0.6} | fields
    wares = Wares(slugs=("a", "b", "c"), categories=("x", "y"))
    order = Order(what=what, host="127.0.0.1", port=server.port, wares=wares, **wanted)  # type: ignore[arg-type]
    return await loaded(order)


async def test_closed_shoppers_wait_for_their_answers(
    server: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = await load(server)
    assert tally.errors == {}
    # Four shoppers, and no answer comes in less than 50 ms.
    assert 4 <= len(tally.latencies) <= 4 * 0.65 / WAIT_SECONDS
    assert min(tally.latencies) >= WAIT_SECONDS * 1e6 * 0.98
    assert capsys.readouterr().out.split() == ["begun", "ended"]


async def test_open_turns_begin_when_they_are_due_and_are_timed_from_then(
    server: Answering,
) -> None:
    calm = await load(server, rate=10.0, shoppers=20)
    assert 1 <= len(calm.latencies) <= 25
    assert calm.errors == {}
    # One connection can do 20 a second; 60 are due: the later ones waited long before they began.
    late = await load(server, rate=60.0, shoppers=1, seconds=1.0)
    assert max(late.latencies) > 5 * WAIT_SECONDS * 1e6
    assert late.errors["due, and not begun when time was up"] > 10


async def test_an_answer_that_was_not_wanted_is_an_error_and_no_turn(server: Answering) -> None:
    server.status = 503
    tally = await load(server)
    assert tally.latencies == []
    assert set(tally.errors) == {'503 {"code":"Odd"}'}


async def test_shoppers_do_not_all_look_at_the_same(server: Answering) -> None:
    await load(server, "see_product", shoppers=3)
    assert {line.split()[1] for line in server.asked} == {
        f"/api/v1/products/{slug}" for slug in "abc"
    }
