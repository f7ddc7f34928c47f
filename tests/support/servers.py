"""One PostgreSQL, NATS and Redis for every test process of a checkout, each at its own desk."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path

import asyncpg
import msgspec
import nats
import redis.asyncio

from souk.devstack.nats import Nats
from souk.devstack.postgres import Postgres
from souk.devstack.redis import Redis
from souk.kernel.events.nats_bus import NatsBus

CHECKOUT = Path(__file__).parents[2]
DESKS = 32
TEMPLATES_MAX = 40

UNSAFE_BUT_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "600",
}


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """What one test process works with: streams and keys of its own, a server it shares."""

    number: int
    postgres: str
    nats: str
    redis: str


class SharedServers:
    """Started by the first test process that asks, stopped by the last that leaves.

    Processes hold a shared lock while they work, so a killed one leaves by itself. Servers of a
    run that was killed altogether are taken over by the next run, data and templates included.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home, settings=UNSAFE_BUT_QUICK, outlive=True)
        self.nats = Nats(home, desks=DESKS, outlive=True)
        self.redis = Redis(home, outlive=True)

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Desk]:
        """A desk nobody else has, swept."""
        users = await self._enter()
        try:
            with self._free_desk() as number:
                desk = Desk(
                    number=number,
                    postgres=self.postgres.url,
                    nats=self.nats.desk_url(number),
                    redis=self.redis.desk_url(number),
                )
                await _sweep(desk)
                yield desk
        finally:
            await self._leave(users)

    async def _enter(self) -> int:
        (self.home / "run").mkdir(parents=True, exist_ok=True)
        door = await self._locked("door.lock", fcntl.LOCK_EX)
        try:
            users = self._open("users.lock")
            alone = _try(users, fcntl.LOCK_EX)
            for server in (self.postgres, self.nats, self.redis):
                if server.leftover() is None:
                    await server.start()
                else:
                    server.adopt()
            if alone:
                await _drop_old_databases(self.postgres.url)
            fcntl.flock(users, fcntl.LOCK_SH)
            return users
        finally:
            os.close(door)

    async def _leave(self, users: int) -> None:
        door = await self._locked("door.lock", fcntl.LOCK_EX)
        try:
            if _try(users, fcntl.LOCK_EX):
                for server in (self.postgres, self.nats, self.redis):
                    await server.stop_leftover()
        finally:
            os.close(users)
            os.close(door)

    @contextmanager
    def _free_desk(self) -> Iterator[int]:
        for number in range(DESKS):
            file = self._open(f"desk{number}.lock")
            if _try(file, fcntl.LOCK_EX):
                try:
                    yield number
                    return
                finally:
                    os.close(file)
            os.close(file)
        raise RuntimeError(f"all {DESKS} desks are taken: too many test processes at once")

    async def _locked(self, name: str, kind: int) -> int:
        file = self._open(name)
        while not _try(file, kind):  # noqa: ASYNC110 - the lock is held by another process
            await asyncio.sleep(0.02)
        return file

    def _open(self, name: str) -> int:
        return os.open(self.home / "run" / name, os.O_RDWR | os.O_CREAT, 0o600)


@cache
def of_this_checkout() -> SharedServers:
    """The servers of every test process that runs in this folder."""
    # Kept to the end of the process: a server it started may outlive its session here, and a
    # forgotten Popen of a running child is a warning, which is an error in tests.
    digest = hashlib.sha256(os.fsencode(CHECKOUT)).hexdigest()[:8]
    return SharedServers(Path(tempfile.gettempdir()) / f"souk-tests-{os.getuid()}-{digest}")


def _try(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@asynccontextmanager
async def empty_bus(desk: Desk) -> AsyncIterator[NatsBus]:
    """A bus whose stream holds nothing yet, whatever others have left there, and is dropped."""
    await _drop_streams(desk)
    bus = await NatsBus.connect(desk.nats, monitor=None)
    try:
        yield bus
    finally:
        await bus.close()
        await _drop_streams(desk)


async def _drop_streams(desk: Desk) -> None:
    broker = await nats.connect(desk.nats)
    stream = broker.jetstream()
    for found in await stream.streams_info():
        assert found.config.name is not None
        await stream.delete_stream(found.config.name)
    await broker.close()


async def _sweep(desk: Desk) -> None:
    await _drop_streams(desk)
    cache = redis.asyncio.from_url(desk.redis)
    await cache.flushdb()
    await cache.aclose()


async def _drop_old_databases(url: str) -> None:
    connection = await asyncpg.connect(url, database="postgres")
    names = [row[0] for row in await connection.fetch("select datname from pg_database")]
    templates = [name for name in names if name.startswith("template_")]
    old = [name for name in names if name.startswith("test_")]
    if len(templates) > TEMPLATES_MAX:
        old += templates
    for name in old:
        await connection.execute(f'drop database if exists "{name}" with (force)')
    await connection.close()
