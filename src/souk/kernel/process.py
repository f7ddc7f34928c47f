"""One process of Souk: the services it hosts, the way to the others, and the work behind them."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from msgspec import structs

from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.entries import audit_key
from souk.kernel.background import Background
from souk.kernel.cache import Cache, RedisLink
from souk.kernel.clock import Clock, SystemClock, monotonic
from souk.kernel.context import Caller, acting, within
from souk.kernel.context import call as current_call
from souk.kernel.credentials import Credentials, Grant
from souk.kernel.database import Database
from souk.kernel.ended_access import AccessFeed, EndedAccess
from souk.kernel.events.bus import Bus
from souk.kernel.events.live import Live
from souk.kernel.identity import Seal, Verifier
from souk.kernel.limits import Limiter
from souk.kernel.person_keys import PersonKeys
from souk.kernel.platform import C, Parts, Platform
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings, database_url, with_secrets
from souk.kernel.telemetry import logger
from souk.kernel.transport import Switchboard

CONNECTIONS_MIN, CONNECTIONS_MAX = 4, 24  # of one pool, whatever the budget says
EDGE = "edge"
READY, AWAY = "ready", "away"
READY_SECONDS_MAX = 2.0
GRACE_SECONDS_LEAST = 0.5
DATABASE_SECONDS_MAX = 1.0
log = logger(__name__)


def all_services() -> tuple[str, ...]:
    """Every service there is: a folder of souk.services each."""
    found = importlib.import_module("souk.services")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(found.__path__)))


class Process:
    """Builds the hosted services, serves them over gRPC and does their background work.

    `settings` must name the servers (the devstack fills in those it started); `services` go
    before `settings.services`, and with neither all of them are hosted. The switchboard is there
    from the beginning, so that others may be hosted on it. `works` is whether relays, consumers
    and jobs run here; a given `bus` stays open at the end; `database_urls` go before the usual
    `souk_<service>` on the server.
    """

    def __init__(
        self,
        settings: Settings,
        services: Sequence[str] | None = None,
        *,
        clock: Clock | None = None,
        serves_grpc: bool = True,
        works: bool = True,
        bus: Bus | None = None,
        database_urls: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = with_secrets(settings)
        chosen = settings.services or all_services() if services is None else services
        self.services = tuple(chosen)
        self.clock = clock or SystemClock()
        self.serves_grpc, self.works = serves_grpc, works
        self.grpc_port = 0  # where the server listens, once it does
        self.is_stopping = False
        seal = Seal(self.settings.internal_secret, self.clock)
        self.switchboard = Switchboard(seal)
        self.ended = EndedAccess(token_seconds=self.settings.access_token_seconds)
        tokens = Verifier(self._fetch_keys, self.clock, ended=self.ended)
        self.verifier = Credentials(
            tokens, self._check_api_key, self._staff_permissions, self.clock
        )
        patience = self.settings.redis_answer_ms / 1000
        self.redis = RedisLink(self.settings.redis_url, answer_seconds=patience)
        self.limiter = Limiter(self.redis, scope="edge")
        self.cache = Cache(self.redis, scope="edge")
        self.databases: dict[str, Database] = {}
        self.platforms: dict[str, Platform] = {}
        self.parts: dict[str, Parts] = {}
        self.bus: Bus
        self.live: Live
        self._seal = seal
        self._given_bus, self._database_urls = bus, dict(database_urls or {})
        self._ending = AsyncExitStack()
        self._graceful_until = 0.0

    async def start(self) -> None:
        """Serves when it returns; whatever had begun is ended again when it raises."""
        try:
            await self._connect()
            for name in self.services:
                self._build(name)
            self._operate()
            for name, address in self.settings.service_urls.items():
                if name not in self.services:
                    self.switchboard.dial(name, address)
            for name, parts in self.parts.items():
                if parts.start is not None:
                    log.debug("service_starts", of=name)
                    await parts.start()
            if self.works:
                self._work()
                self._hear_of_endings()
            if self.serves_grpc:
                await self._serve()
        except BaseException:
            await self.stop()
            raise
        log.info("started", services=self.services, grpc_port=self.grpc_port)

    async def stop(self) -> None:
        """Refuses what is new, finishes what runs, then closes everything."""
        if not self.is_stopping:
            self.is_stopping = True
            self._graceful_until = monotonic() + self.settings.stop_grace_seconds
            await self._ending.aclose()
            log.info("stopped", services=self.services)

    async def ready(self) -> dict[str, str]:
        """`ready` or `away` for database, bus and cache; without the cache all goes on, slower."""
        asked: dict[str, Callable[[], Awaitable[bool]]] = {
            "database": self._has_databases,
            "bus": self._has_bus,
            "cache": self.redis.is_up,
        }
        answers = await asyncio.gather(*(ask() for ask in asked.values()))
        return {name: READY if is_up else AWAY for name, is_up in zip(asked, answers, strict=True)}

    def client(self, kind: type[C]) -> C:
        """A client for whoever acts in the name of people from outside, as the gateway does."""
        return kind(self.switchboard)

    def wiring(self, name: str) -> Callable[[Platform], Parts]:
        """What puts the parts of a service together."""
        build: Callable[[Platform], Parts] = importlib.import_module(
            f"souk.services.{name}.wiring"
        ).build
        return build

    async def _connect(self) -> None:
        self._ending.push_async_callback(self.redis.close)
        self._ending.push_async_callback(self.switchboard.close)
        self._ending.push_async_callback(self._close_databases)
        for name in self.services:
            url = self._database_urls.get(name)
            url = url or database_url(self.settings.postgres_url, name)
            database = await Database.connect(
                url,
                name,
                size_max=self.pool_size_max(),
                audit_key=audit_key(self.settings.master_key),
                personal=PersonKeys(self.settings.master_key),
            )
            self.databases[name] = database
        self.bus = self._given_bus or await self._connected_bus()
        self.live = Live(self.bus)
        self._ending.push_async_callback(self.live.close)

    async def _connected_bus(self) -> Bus:
        from souk.kernel.events.nats_bus import NatsBus

        monitor = self.settings.nats_monitor
        bus = await NatsBus.connect(
            self.settings.nats_url, monitor=None if monitor == "none" else monitor
        )
        self._ending.push_async_callback(bus.close)
        return bus

    def _build(self, name: str) -> None:
        platform = Platform(
            service=name,
            settings=self.settings,
            clock=self.clock,
            bus=self.bus,
            cache=Cache(self.redis, scope=name),
            limiter=Limiter(self.redis, scope=name),
            live=self.live,
            databases={name: self.databases[name]},
            switchboard=self.switchboard,
        )
        parts = self.wiring(name)(platform)
        self.platforms[name], self.parts[name] = platform, parts
        for implementation in parts.implementations:
            self.switchboard.host(implementation)
        if parts.stop is not None:
            self._ending.push_async_callback(parts.stop)

    def _operate(self) -> None:
        rpc = importlib.import_module("souk.kernel.operations").OperationsRpc
        asks = {"has_bus": self._has_bus, "has_cache": self.redis.is_up}
        self.operations = rpc(self.databases, self.parts, **asks, started_at=self.clock.now())
        self.switchboard.host(self.operations)

    def _work(self) -> None:
        background = Background(self.bus, Anchors(self.settings.home / "audit"))
        self._ending.push_async_callback(self._in_grace, background.stop)
        for name, parts in self.parts.items():
            background.add(self.databases[name], parts)
        background.start()

    def _hear_of_endings(self) -> None:
        feed = AccessFeed(self.ended, self.live, self._fetch_endings, self.clock)
        seconds = self.settings.access_token_seconds
        task = asyncio.create_task(feed.run(token_seconds=seconds), name="ended access")

        async def stop() -> None:
            task.cancel()
            await asyncio.wait({task})

        self._ending.push_async_callback(stop)

    async def _serve(self) -> None:
        from souk.kernel.server import Server

        server = Server(
            self.settings, seal=self._seal, verifier=self.verifier, limiter=self.limiter
        )
        for parts in self.parts.values():
            for implementation in parts.implementations:
                server.add(implementation)
        server.add(self.operations)
        self.grpc_port = await server.start()
        self._ending.push_async_callback(self._in_grace, server.stop)

    async def _in_grace(self, stop: Callable[..., Awaitable[None]]) -> None:
        """Stops one part in what the parts before it left of the time."""
        left = max(self._graceful_until - monotonic(), GRACE_SECONDS_LEAST)
        await stop(grace_seconds=left)

    async def _close_databases(self) -> None:
        # Everything that asks them has ended: what still runs there is nobody's.
        closing = (one.close(seconds_max=DATABASE_SECONDS_MAX) for one in self.databases.values())
        await asyncio.gather(*closing)

    def pool_size_max(self) -> int:
        """This pool's share of what all processes of all services may open together."""
        known = len({*self.services, *self.settings.service_urls})
        share = self.settings.postgres_connections_max // (self.settings.workers * known)
        return min(max(share, CONNECTIONS_MIN), CONNECTIONS_MAX)

    async def _has_databases(self) -> bool:
        soon = structs.replace(current_call(), deadline=within(READY_SECONDS_MAX))
        try:
            with acting(soon):
                await asyncio.gather(*(one.fetchval("select 1") for one in self.databases.values()))
        except Refusal:
            return False
        return True

    async def _has_bus(self) -> bool:
        return bool(getattr(self.bus, "is_up", True))

    async def _check_api_key(self, digest: str) -> Grant | None:
        users = importlib.import_module("souk.contracts.users")
        asked = users.CheckApiKeyRequest(hash=digest)
        found = await self._edge_client(users.UserServiceClient).check_api_key(asked)
        if not found.is_valid:
            return None
        roles, scopes = frozenset(found.roles), frozenset(found.scopes)
        caller = Caller(found.user_id, roles, f"key:{found.key_id}", scopes=scopes)
        return Grant(caller, found.expires_at)

    async def _staff_permissions(self, user_id: str) -> frozenset[str]:
        users = importlib.import_module("souk.contracts.users")
        asked = users.GetStaffPermissionsRequest(user_id=user_id)
        found = await self._edge_client(users.UserServiceClient).get_staff_permissions(asked)
        return frozenset(found.permissions)

    def _edge_client(self, kind: type[C]) -> C:
        """Asks on behalf of Souk, before it is known who calls."""
        return kind(self.switchboard.client_transport(service=EDGE))

    async def _fetch_endings(self, since: datetime) -> Sequence[Any]:
        """Whose access ended, from users wherever it runs; nobody's where users are not known."""
        users = importlib.import_module("souk.contracts.users")
        client = self._edge_client(users.UserServiceClient)
        answer = await client.list_ended_access(users.ListEndedAccessRequest(since=since))
        found: Sequence[Any] = answer.items
        return found

    async def _fetch_keys(self) -> Sequence[Any]:
        """The keys of access tokens, from users wherever it runs."""
        users = importlib.import_module("souk.contracts.users")
        keys = await self.client(users.UserServiceClient).get_keys(users.GetKeysRequest())
        found: Sequence[Any] = keys.keys
        return found
