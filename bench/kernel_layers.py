"""What the kernel costs, layer by layer: one thing after another, from call to answer.

The figures are microseconds of wall time, the median of many; a remote call and its server share
this process. PostgreSQL and NATS are real, and write to disk before they answer.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from souk.contracts.inventory import (
    CheckStockRequest,
    InventoryService,
    InventoryServiceClient,
    Stock,
    StockList,
)
from souk.contracts.users import UserRegistered
from souk.devstack.servers import Servers
from souk.kernel.cache import RedisLink
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, Caller, acting
from souk.kernel.database import Database, Transaction
from souk.kernel.events.consumers import collect, on, run_consumers
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.outbox import relay
from souk.kernel.identity import Seal, Verifier
from souk.kernel.ids import new_id
from souk.kernel.limits import Limiter
from souk.kernel.migrations import create_database, migrate_up
from souk.kernel.server import Server
from souk.kernel.settings import Settings
from souk.kernel.transport import Switchboard
from tests.support.hosting import Fake

TIMES, EVENTS = 500, 200
SECRET = "only this program knows it"
INSIDE = Call(caller=Caller(service="bench"))
MOVE = "update work set turns = turns + 1 where id = 1"


class Prompt:
    """A service that has the answer ready."""

    def __init__(self) -> None:
        self._answer = StockList(items=(Stock(variant_id=new_id(), available=5),))

    async def check_stock(self, request: CheckStockRequest) -> StockList:
        return self._answer


class Heard:
    """Tells the publisher that its event has had its effect."""

    def __init__(self) -> None:
        self.event = asyncio.Event()


@on(UserRegistered)
async def take(tx: Transaction, event: UserRegistered, heard: Heard) -> None:
    await tx.execute(MOVE)
    tx.on_commit(heard.event.set)


async def measured() -> dict[str, float]:
    """Microseconds by layer."""
    with tempfile.TemporaryDirectory(prefix="souk-") as folder:
        home = Path(folder)
        os.chmod(home, 0o755)  # noqa: PTH101 - PostgreSQL may run as somebody else
        async with AsyncExitStack() as ending:
            urls = await ending.enter_async_context(Servers(home, Settings()))
            calls = await called(ending)
            url = await create_database(urls.postgres, "bench")
            await migrate_up(url, "bench", home / "none")
            database = await Database.connect(url, "bench", size_max=8)
            ending.push_async_callback(database.close)
            bus = await NatsBus.connect(urls.nats, monitor=None)
            ending.push_async_callback(bus.close)
            return calls | await stored(database) | await told(database, bus)


async def called(ending: AsyncExitStack) -> dict[str, float]:
    """One and the same call, in this process and over gRPC."""
    clock = SystemClock()
    seal = Seal(SECRET, clock)
    here, elsewhere = Switchboard(seal), Switchboard(seal)
    prompt = Fake(InventoryService, Prompt())
    here.host(prompt)

    async def keys() -> list[Any]:
        return []

    server = Server(
        Settings(grpc_port=0, workers=1),
        seal=seal,
        verifier=Verifier(keys, clock),
        limiter=Limiter(RedisLink(""), scope="bench"),
    )
    server.add(prompt)
    elsewhere.dial("inventory", f"127.0.0.1:{await server.start()}")
    ending.push_async_callback(server.stop, grace_seconds=1)
    ending.push_async_callback(elsewhere.close)
    request = CheckStockRequest(variant_ids=(new_id(),))
    found = {}
    with acting(INSIDE):
        for name, board in (("call, in one process", here), ("call, over gRPC", elsewhere)):
            inventory = InventoryServiceClient(board)
            found[name] = await usual(lambda asked=inventory: asked.check_stock(request))
    return found


async def stored(database: Database) -> dict[str, float]:
    await database.execute("create table work (id int primary key, turns int not null)")
    await database.execute("insert into work values (1, 0)")

    async def move(tx: Transaction) -> None:
        await tx.execute(MOVE)

    async def move_and_tell(tx: Transaction) -> None:
        await tx.execute(MOVE)
        tx.publish(UserRegistered(user_id=new_id()))

    read = "select turns from work where id = 1"
    return {
        "read by key": await usual(lambda: database.fetchval(read)),
        "update by key, a statement alone": await usual(lambda: database.execute(MOVE)),
        "the same in a transaction": await usual(lambda: database.transact(move)),
        "the same with an event": await usual(lambda: database.transact(move_and_tell)),
    }


async def told(database: Database, bus: NatsBus) -> dict[str, float]:
    """From before the transaction that publishes to after the one that has the effect."""
    heard = Heard()
    module = ModuleType("souk.services.bench.consumers")
    # Consumers are collected from a module of a service; this one lives for the measurement.
    take.__module__, module.take = module.__name__, take  # type: ignore[attr-defined]

    async def register(tx: Transaction) -> None:
        tx.publish(UserRegistered(user_id=new_id()))

    async def once() -> None:
        heard.event.clear()
        await database.transact(register)
        await heard.event.wait()

    async with working(relay(database, bus)):
        await until(lambda: nothing_waits(database))
        async with working(run_consumers(collect(module, heard=heard), database, bus)):
            await asyncio.wait_for(once(), 10)
            times = sorted([await timed(once) for _ in range(EVENTS)])
    return {
        "event, from publishing to its effect, p50": times[EVENTS // 2],
        "event, from publishing to its effect, p99": times[EVENTS * 99 // 100],
    }


async def nothing_waits(database: Database) -> bool:
    waiting = "select count(*) from outbox where published_at is null"
    return not await database.fetchval(waiting)


async def until(come: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await come():  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.02)


@asynccontextmanager
async def working(work: Awaitable[None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,), timeout=5)


async def usual(do: Callable[[], Awaitable[Any]]) -> float:
    """The median, once it is warm."""
    for _ in range(20):
        await do()
    return round(statistics.median([await timed(do) for _ in range(TIMES)]), 1)


async def timed(do: Callable[[], Awaitable[Any]]) -> float:
    began = monotonic()
    await do()
    return round((monotonic() - began) * 1e6, 1)
