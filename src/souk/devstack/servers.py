"""The three servers of one home, started together; a server given by URL is left alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import msgspec

from souk.devstack.embedded import Embedded, Tell
from souk.devstack.home import HomeLock
from souk.devstack.nats import Nats
from souk.devstack.postgres import Postgres
from souk.devstack.redis import Redis


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """Where the servers are; PostgreSQL's without a database."""

    postgres: str = ""
    nats: str = ""
    redis: str = ""


class Given(Protocol):
    """The part of the settings that says which servers are someone else's."""

    @property
    def postgres_url(self) -> str: ...
    @property
    def nats_url(self) -> str: ...
    @property
    def redis_url(self) -> str: ...


class Servers:
    """`async with Servers(home, settings) as urls`: ready inside, stopped in order after.

    Holds the home's lock meanwhile (HomeInUse when another Souk has it) and starts a server
    again that ends by itself. Raises ServerFailed when one does not start.
    """

    def __init__(self, home: Path, settings: Given, *, tell: Tell = lambda _: None) -> None:
        self._lock = HomeLock(home)
        self._given = Urls(
            postgres=settings.postgres_url, nats=settings.nats_url, redis=settings.redis_url
        )
        self.postgres = Postgres(home, tell=tell)
        self.nats = Nats(home, tell=tell)
        self.redis = Redis(home, tell=tell)
        self._watches: list[asyncio.Task[None]] = []

    @property
    def urls(self) -> Urls:
        """Of the given servers and, once started, of ours."""
        return Urls(
            postgres=self._given.postgres or self.postgres.url,
            nats=self._given.nats or self.nats.url,
            redis=self._given.redis or self.redis.url,
        )

    def adopted(self) -> Urls:
        """Where the servers of the Souk are that runs in this home already."""
        for server in self.ours:
            server.adopt()
        return self.urls

    async def __aenter__(self) -> Urls:
        self._lock.acquire()
        try:
            await _all(*(server.start() for server in self.ours))
        except BaseException:
            await self._stop()
            raise
        self._watches = [asyncio.create_task(server.watch()) for server in self.ours]
        return self.urls

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    @property
    def ours(self) -> list[Embedded]:
        """Those that no URL was given for."""
        chosen: list[tuple[str, Embedded]] = [
            (self._given.postgres, self.postgres),
            (self._given.nats, self.nats),
            (self._given.redis, self.redis),
        ]
        return [server for given, server in chosen if not given]

    async def leave_alone(self) -> None:
        """From now on a server that ends by itself stays away."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        self._watches = []

    async def _stop(self) -> None:
        await self.leave_alone()
        try:
            await _all(*(server.stop() for server in self.ours))
        finally:
            self._lock.release()


async def _all(*doing: Coroutine[Any, Any, None]) -> None:
    ended = await asyncio.gather(*doing, return_exceptions=True)
    for failure in ended:
        if failure is not None:
            raise failure
