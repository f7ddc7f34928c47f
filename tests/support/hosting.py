"""One service on its feet: real database and Redis, its generated client, fakes for the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn, TypeVar

import msgspec
from msgspec import Struct

from souk.kernel.clock import Clock
from souk.kernel.contract import Event
from souk.kernel.database import Database
from souk.kernel.events.bus import Bus, BusUnavailable, Delivery, Handle, Listening, Message
from souk.kernel.events.consumers import EFFECTS_AT_ONCE, Hand
from souk.kernel.identity import Seal
from souk.kernel.ids import new_id
from souk.kernel.platform import C, Parts, Platform
from souk.kernel.process import Process
from souk.kernel.server import Server
from souk.kernel.settings import Settings
from souk.kernel.transport import Switchboard
from tests.support.databases import fresh_database
from tests.support.servers import Desk

E = TypeVar("E", bound=Event)
SECRET = "a secret that the tests share"


class Shape(Enum):
    """Where a service runs, seen from its client: in this process, or behind a gRPC port."""

    LOCAL = "local"
    REMOTE = "remote"


class Host(Struct, frozen=True, kw_only=True, eq=False):
    """A hosted service, as a test sees it."""

    service: str
    process: Process
    board: Switchboard
    hands: dict[str, Hand] = {}  # by consumer

    @property
    def platform(self) -> Platform:
        return self.process.platforms[self.service]

    @property
    def parts(self) -> Parts:
        return self.process.parts[self.service]

    @property
    def database(self) -> Database:
        return self.process.databases[self.service]

    def client(self, kind: type[C]) -> C:
        """Calls as whoever `with acting(Call(caller=…))` says, checked as at the edge."""
        return kind(self.board)

    async def published(self, kind: type[E]) -> list[E]:
        """The events of this kind so far, in order; from the outbox, whether sent or not."""
        rows = await self.database.fetch(
            "select payload from outbox where subject = $1 order by seq", kind.SUBJECT
        )
        return [msgspec.json.decode(row["payload"], type=kind) for row in rows]

    async def deliver(self, event: Event, *, message_id: str = "") -> int:
        """Hands an event to the consumers that react to it; how many did.

        Give `message_id` to deliver the same message twice.
        """
        payload = msgspec.json.encode(event)
        message = Message(message_id or new_id(), event.SUBJECT, payload)
        reacting = [one for one in self.parts.consumers if one.event is type(event)]
        for consumer in reacting:
            if consumer.name not in self.hands:
                turns = asyncio.Semaphore(EFFECTS_AT_ONCE)
                self.hands[consumer.name] = Hand(consumer, self.database, turns)
            await self.hands[consumer.name].handle(Delivery(message))
        return len(reacting)

    async def run_job(self, name: str) -> None:
        """One run of a job, now and here, without its lease."""
        (job,) = (job for job in self.parts.jobs if job.name == name)
        await job.do()


@asynccontextmanager
async def hosted(
    service: str,
    servers: Desk,
    *,
    fakes: Mapping[type[Any], Any] | None = None,
    shape: Shape = Shape.LOCAL,
    bus: bool = False,
    clock: Clock | None = None,
    **settings: Any,
) -> AsyncIterator[Host]:
    """`async with hosted("orders", servers, fakes={InventoryService: FakeInventory()}) as host:`

    A fake need only have the methods that are called. With `bus` its relay, consumers and jobs
    work over the real broker; without it nothing happens by itself: see `published`, `deliver`
    and `run_job`. In the remote shape the client reaches the service, and the service reaches
    its fakes, over gRPC. Further arguments are settings.
    """
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(fresh_database(servers.postgres, service))
        process = Process(
            _settings(servers, Path(stack.enter_context(TemporaryDirectory())), settings),
            (service,),
            clock=clock,
            serves_grpc=shape is Shape.REMOTE,
            works=bus,
            bus=None if bus else QuietBus(),
            database_urls={service: url},
        )
        faked = [Fake(base, one) for base, one in (fakes or {}).items()]
        await _place(process, faked, shape, stack)
        stack.push_async_callback(process.stop)
        await process.start()
        board = process.switchboard
        if shape is Shape.REMOTE:
            board = Switchboard(Seal(SECRET, process.clock))
            board.dial(service, f"127.0.0.1:{process.grpc_port}")
            stack.push_async_callback(board.close)
        yield Host(service=service, process=process, board=board)


class Fake:
    """Stands in for a service with those of its methods that a test gives it."""

    def __init__(self, base: type[Any], given: Any) -> None:
        self.NAME, self.METHODS = base.NAME, base.METHODS
        self._base, self._given = base, given

    def __getattr__(self, name: str) -> Any:
        if not any(method.python == name for method in self.METHODS):
            raise AttributeError(name)
        found = getattr(self._given, name, None)
        return self._missing(name) if found is None else found

    def _missing(self, name: str) -> Callable[[Any], Awaitable[NoReturn]]:
        async def refuse(request: Any) -> NoReturn:
            raise AssertionError(f"the fake {self._base.__name__} was not given {name}")

        return refuse


class QuietBus(Bus):
    """For tests of one service alone: nothing comes and nothing goes."""

    async def publish(self, messages: Sequence[Message]) -> None:
        raise BusUnavailable("this test has no bus")

    async def consume(self, consumer: str, subjects: Sequence[str], handle: Handle) -> None:
        raise BusUnavailable("this test has no bus")

    async def listen(self, subject: str) -> Listening:
        raise BusUnavailable("this test has no bus")


def _settings(servers: Desk, home: Path, chosen: dict[str, Any]) -> Settings:
    given: dict[str, Any] = {
        "home": home,
        "workers": 1,
        "grpc_port": 0,
        "postgres_url": servers.postgres,
        "nats_url": servers.nats,
        "redis_url": servers.redis,
        "internal_secret": SECRET,
        "master_key": SECRET,
        "stop_grace_seconds": 2,
        "redis_answer_ms": 3000,  # tests share the machine with one another
        # Hashing is what takes the time in tests of sign-in; its strength is tested nowhere.
        "argon2_memory_kib": 8192,
        "argon2_time_cost": 1,
    }
    return Settings(**(given | chosen))


async def _place(
    process: Process, fakes: Sequence[Fake], shape: Shape, stack: AsyncExitStack
) -> None:
    if shape is Shape.LOCAL or not fakes:
        for fake in fakes:
            process.switchboard.host(fake)
        return
    seal = Seal(SECRET, process.clock)
    server = Server(process.settings, seal=seal, verifier=process.verifier, limiter=process.limiter)
    for fake in fakes:
        server.add(fake)
    port = await server.start()
    stack.push_async_callback(server.stop, grace_seconds=0.1)
    for fake in fakes:
        process.switchboard.dial(fake.METHODS[0].owner, f"127.0.0.1:{port}")
