"""One process of load, on connections of its own.

    python -m bench.loader      reads an Order as JSON on standard input

Closed: every shopper begins its next turn when the last one has ended. Open, where a rate is given:
turns begin when they are due, whether the ones before have ended or not, and are timed from then.

It says `begun` when warming up is over, `ended` when time is up, and then a Tally as JSON. It
parses no more of an answer than it must: on a machine shared with the servers, every cycle of the
load is a cycle less for them.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections import deque
from time import process_time
from typing import Any

import msgspec
import uvloop

from bench.shoppers import Answer, Shopper, Turn, Wares
from souk.kernel.clock import monotonic

END_SECONDS_MAX = 10


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What load is wanted."""

    what: str
    host: str
    port: int
    shoppers: int
    warm_seconds: float
    seconds: float
    wares: Wares
    first: int = 0  # where in the goods this process begins
    rate: float = 0.0  # turns a second, due at random; 0: closed


class Tally(msgspec.Struct, kw_only=True):
    """What came of it; latencies are of whole turns, in microseconds."""

    latencies: list[int]
    errors: dict[str, int]
    cpu_seconds: float = 0.0


class Crowd:
    """All shoppers of this process."""

    def __init__(self, order: Order) -> None:
        self.tally = Tally(latencies=[], errors={})
        self.is_counted = self.is_over = False
        self._rate = order.rate
        self._due: deque[float] = deque()
        self._idle: list[Connection] = []
        self._dice = random.Random(order.first)

    def start(self) -> None:
        if self._rate:
            self._next_due = monotonic()
            self._arrive()

    def is_free(self, connection: Connection) -> None:
        """A connection has nothing to do."""
        if self.is_over and not self._due:
            connection.close()
        elif not self._rate:
            connection.begin(monotonic())
        elif self._due:
            connection.begin(self._due.popleft())
        else:
            self._idle.append(connection)

    def end(self) -> None:
        for _ in self._due:
            self.failed("due, and not begun when time was up")
        self.is_counted, self.is_over = False, True
        self._due.clear()
        while self._idle:
            self._idle.pop().close()

    def took(self, began: float) -> None:
        if self.is_counted:
            self.tally.latencies.append(round((monotonic() - began) * 1e6))

    def failed(self, what: str) -> None:
        if self.is_counted:
            self.tally.errors[what] = self.tally.errors.get(what, 0) + 1

    def _arrive(self) -> None:
        """Those due by now; what waits for a free connection keeps the time it was due."""
        if self.is_over:
            return
        while self._next_due <= monotonic():
            self._due.append(self._next_due)
            self._next_due += self._dice.expovariate(self._rate)
        while self._due and self._idle:
            self._idle.pop().begin(self._due.popleft())
        wait = max(self._next_due - monotonic(), 0)
        asyncio.get_running_loop().call_later(wait, self._arrive)


class Connection(asyncio.Protocol):
    """A shopper's way to Souk."""

    def __init__(self, crowd: Crowd, shopper: Shopper, what: str) -> None:
        self._crowd = crowd
        self._begin = getattr(shopper, what)
        self._buffer = b""
        self._awaited = 0  # bytes of the answer, once its head is here
        self._is_closing = False
        self.closed = asyncio.get_running_loop().create_future()

    def begin(self, due: float) -> None:
        self._turn: Turn = self._begin()
        self._began = due
        self._transport.write(next(self._turn))

    def close(self) -> None:
        self._is_closing = True
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._crowd.is_free(self)

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
        if not self._is_closing:
            self._crowd.failed("connection lost")

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

    def _go_on(self, answer: Answer) -> None:
        try:
            self._transport.write(self._turn.send(answer))
        except StopIteration as ended:
            if ended.value:
                self._crowd.took(self._began)
            else:
                said = answer[1][:300].decode(errors="replace")
                self._crowd.failed(f"{answer[0]} {said}")
            self._crowd.is_free(self)


async def loaded(order: Order) -> Tally:
    loop = asyncio.get_running_loop()
    crowd, connections = Crowd(order), []
    for number in range(order.shoppers):
        shopper = Shopper(order.wares, order.first + number * 7)
        connection = Connection(crowd, shopper, order.what)
        connections.append(connection)
        await loop.create_connection(lambda made=connection: made, order.host, order.port)  # type: ignore[misc]
    crowd.start()
    await asyncio.sleep(order.warm_seconds)
    crowd.is_counted, used = True, process_time()
    print("begun", flush=True)
    await asyncio.sleep(order.seconds)
    crowd.end()
    print("ended", flush=True)
    crowd.tally.cpu_seconds = process_time() - used
    await asyncio.wait([each.closed for each in connections], timeout=END_SECONDS_MAX)
    return crowd.tally


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(loaded(wanted))) + b"\n")
