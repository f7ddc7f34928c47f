"""Where events are told and take effect: one database, and processes that relay and consume."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random
from typing import ClassVar

from souk.kernel.contract import Event
from souk.kernel.database import Database, Transaction
from souk.kernel.events.consumers import collect, on
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.nats_stream import Limits
from souk.kernel.events.outbox import relay
from souk.kernel.failpoints import EXIT_STATUS
from tests.faults.sabotage import ROOT
from tests.support.databases import fresh_database
from tests.support.servers import Desk

POISON = "poison"
LIMITS = Limits(ack_seconds=5)  # the broker's patience with the dead
LIFE_SECONDS_MAX = 10.0
TABLES = """
create table things (name text primary key, place int not null default 0);
create table told (thing text, place int, at timestamptz not null default clock_timestamp());
create table heard (seq bigint generated always as identity, thing text, place int,
                    at timestamptz not null default clock_timestamp());
create table antidote (is_drunk boolean);
"""


class ThingMoved(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.tests.moved"
    AGGREGATE: ClassVar[str] = "thing"
    thing: str
    place: int


@on(ThingMoved)
async def thing_is_moved(tx: Transaction, event: ThingMoved) -> None:
    if event.thing == POISON and not await tx.fetchval("select count(*) from antidote"):
        raise LookupError("it is poisonous")
    await tx.execute("insert into heard (thing, place) values ($1, $2)", event.thing, event.place)


CONSUMERS = collect(sys.modules[__name__])


class Street:
    """A database to tell events in. Its workers die while `is_harmed`, and are replaced."""

    def __init__(self, database: Database, url: str, broker: str, *, seed: int) -> None:
        self.database, self.deaths, self.is_harmed = database, 0, True
        self._url, self._broker = url, broker
        self._chance = Random(seed)

    async def employ(self, sabotage: str) -> None:
        """One worker after the other, until cancelled."""
        while True:
            worker = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.thousands.worker"),
                *(self._url, self._broker, sabotage),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,  # what it logs; what kills it is on stderr
                cwd=ROOT,
                env={**os.environ, "SOUK_FAILPOINTS": self._fate() if self.is_harmed else ""},
            )
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LIFE_SECONDS_MAX if self.is_harmed else None):
                        status = await worker.wait()
                        assert status == EXIT_STATUS, f"a worker ended with {status}"
            finally:
                if worker.returncode is None:
                    worker.kill()
                await worker.wait()
            self.deaths += 1

    async def relay(self) -> None:
        """As a process that tells does, until cancelled."""
        bus = await NatsBus.connect(self._broker, monitor=None, limits=LIMITS)
        try:
            await relay(self.database, bus)
        finally:
            await bus.close()

    def _fate(self) -> str:
        """Between an effect and its acknowledgement, between a batch and its mark; or any time."""
        effects, batches = self._chance.randint(50, 2000), self._chance.randint(2, 20)
        return self._chance.choice(
            (
                f"consumer.{CONSUMERS[0].name}.done=exit@{effects}",
                f"relay.tests.published=exit@{batches}",
                "",
            )
        )


@asynccontextmanager
async def street(
    servers: Desk, *, workers: int, seed: int = 1, sabotage: str = ""
) -> AsyncIterator[Street]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(servers.postgres, "tests"))
        database = await Database.connect(url, "tests", size_max=70)
        stack.push_async_callback(database.close)
        await database.execute(TABLES)
        here = Street(database, url, servers.nats, seed=seed)
        employed = [asyncio.create_task(here.employ(sabotage)) for _ in range(workers)]
        stack.push_async_callback(_ended, employed)
        yield here


async def _ended(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if not isinstance(outcome, asyncio.CancelledError) and outcome is not None:
            raise outcome
