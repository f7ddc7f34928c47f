"""A thousand people look at one order when it changes: how soon all of them see it.

python -m bench.sockets      the watchers; reads a Watchers as JSON on standard input
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

import msgspec
import uvloop
from websockets.asyncio.client import ClientConnection, connect

from bench.machine import load_average, moment
from bench.runs import Figure, line_of
from bench.scenarios import Scenario
from bench.shoppers import Wares
from souk.contracts.api import Role
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.ids import new_id
from tests.journeys.people import Person, with_role
from tests.support.stack import Stack

ORDERS = 3
SOCKETS_EACH = 25  # of one account: the gateway allows 32
CONNECTING_AT_ONCE = 50
WAIT_SECONDS_MAX = 60


class Watchers(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to look at what."""

    address: str
    tokens: tuple[str, ...]
    sockets: int


class Seen(msgspec.Struct, kw_only=True):
    """How long after the event each socket had it, in microseconds; and who never had."""

    latencies: list[int]
    missing: int = 0


class Update(msgspec.Struct, frozen=True):
    at: datetime | None = None


async def measured(scenario: Scenario, stack: Stack, wares: Wares) -> Figure:
    """Each order is cancelled while all look at it; the event's own time is where it begins."""
    async with stack.http() as http:
        lookers = -(-scenario.shoppers // SOCKETS_EACH)
        staff = [await with_role(stack, http, Role.SUPPORT) for _ in range(lookers)]
        tokens = tuple(each.tokens["access_token"] for each in staff)
        seen, used, seconds = [], [], []
        for number in range(ORDERS):
            guest = Person(http)
            await guest.add(wares.variant_ids[number])
            placed = (await guest.place(key=new_id())).json()
            order = f"/api/v1/orders/{placed['orders'][0]['id']}"
            watchers = Watchers(
                address=f"{stack.url.replace('http', 'ws', 1)}{order}/live-updates",
                tokens=tokens,
                sockets=scenario.shoppers,
            )
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                found = await one_event(watchers, guest, order, stack.process.pid)
            seen.append(found[0])
            used.append(found[1])
            seconds.append(found[2])
    latencies = sorted(each for one in seen for each in one.latencies) or [0]
    return Figure(
        name=scenario.name,
        title=scenario.title,
        shoppers=scenario.shoppers,
        per_second=round(sum(len(one.latencies) for one in seen) / sum(seconds), 1),
        p50_ms=latencies[len(latencies) // 2] / 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] / 1000,
        errors=sum(one.missing for one in seen),
        cpu_ms=round(sum(used) * 1000 / len(latencies), 3),
        load_average=load_average(),
    )


async def one_event(
    watchers: Watchers, guest: Person, order: str, souk: int
) -> tuple[Seen, float, float]:
    """What was seen, the processor seconds it took Souk, and how long it took in all."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sockets"), stdin=pipe, stdout=pipe, limit=1 << 24
    )
    try:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(watchers))
        process.stdin.close()
        await line_of(process)
        before, began = moment(souk).souk, monotonic()
        await guest.must(200, "PUT", order.removeprefix("/api/v1") + "/cancel", json={})
        await line_of(process)
        used, seconds = moment(souk).souk - before, monotonic() - began
        seen = msgspec.json.decode(await line_of(process), type=Seen)
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return seen, used, seconds


async def watch(watchers: Watchers) -> Seen:
    room = asyncio.Semaphore(CONNECTING_AT_ONCE)
    sockets: list[ClientConnection] = []

    async def look(number: int) -> None:
        token = watchers.tokens[number % len(watchers.tokens)]
        headers = {"Authorization": f"Bearer {token}"}
        async with room:
            socket = await connect(watchers.address, additional_headers=headers, compression=None)
            sockets.append(socket)
            await socket.recv()  # how it stands

    await asyncio.gather(*map(look, range(watchers.sockets)))
    print("looking", flush=True)
    clock = SystemClock()

    async def next_change(socket: ClientConnection) -> int:
        while True:
            update = msgspec.json.decode(await socket.recv(), type=Update)
            if update.at is not None:
                return round((clock.now() - update.at).total_seconds() * 1e6)

    waiting = [asyncio.create_task(next_change(socket)) for socket in sockets]
    await asyncio.wait(waiting, timeout=WAIT_SECONDS_MAX / 2)
    print("seen", flush=True)
    latencies = [task.result() for task in waiting if task.done() and not task.exception()]
    await gone(sockets)
    return Seen(latencies=latencies, missing=watchers.sockets - len(latencies))


async def gone(sockets: Sequence[ClientConnection]) -> None:
    await asyncio.gather(*(socket.close() for socket in sockets))


if __name__ == "__main__":
    wanted = msgspec.json.decode(sys.stdin.buffer.read(), type=Watchers)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(watch(wanted))) + b"\n")
