"""A stop is short, however little of what a process needs is still there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from msgspec import structs

from souk.contracts.users import GetProfileRequest, UserRegistered, UserServiceClient
from souk.devstack.databases import bring_up
from souk.devstack.embedded import Embedded
from souk.devstack.servers import Servers
from souk.kernel.audit.anchors import Anchors
from souk.kernel.background import Background
from souk.kernel.clock import monotonic
from souk.kernel.context import acting
from souk.kernel.database import Database, Transaction
from souk.kernel.events.bus import Bus, BusUnavailable, Handle, Listening, Message
from souk.kernel.platform import Parts
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings
from tests.support.town import ID, SHOPPER, Greeter, Town, until

GRACE_SECONDS = 6
SERVICES = ("users", "orders")


@asynccontextmanager
async def busy_town(servers: Servers, settings: Settings) -> AsyncIterator[Town]:
    """A process in the midst of publishing and reacting, with a grace to stop in."""
    await bring_up(servers.urls.postgres, SERVICES)
    urls = {f"{name}_url": getattr(servers.urls, name) for name in ("postgres", "nats", "redis")}
    process = Town(structs.replace(settings, stop_grace_seconds=GRACE_SECONDS, **urls), SERVICES)
    process.greeter = Greeter()
    process.greeter.greeting_seconds = 0.02
    await process.start()
    working = [asyncio.create_task(work(process)) for _ in range(8)]
    try:
        await until(lambda: sum("greeted" in line for line in process.greeter.diary) > 10)
        yield process
    finally:
        for task in working:
            task.cancel()
        await process.stop()
        await asyncio.wait(working)


async def work(process: Town) -> None:
    client = process.client(UserServiceClient)
    while not process.is_stopping:
        with suppress(Refusal), acting(SHOPPER):
            await client.get_profile(GetProfileRequest())
        await asyncio.sleep(0.005)


def tell(server: Embedded, number: signal.Signals) -> None:
    traces = server.traces()
    assert traces is not None
    os.kill(traces.pid, number)


@pytest.mark.parametrize(
    ("number", "seconds_max"),
    # What hangs may still answer, so running work gets its grace; but no more than that.
    [(signal.SIGKILL, GRACE_SECONDS - 1), (signal.SIGSTOP, GRACE_SECONDS + 6)],
    ids=["dies", "hangs"],
)
@pytest.mark.parametrize(
    "gone", [("nats",), ("redis",), ("postgres",), ("nats", "redis", "postgres")], ids="+".join
)
async def test_a_stop_does_not_wait_for_servers_that_are_gone(
    home: Path, gone: tuple[str, ...], number: signal.Signals, seconds_max: float
) -> None:
    settings = Settings(home=home, workers=1, grpc_port=0)
    servers = Servers(home, settings)
    async with servers:
        async with busy_town(servers, settings) as process:
            await servers.leave_alone()
            for name in gone:
                tell(getattr(servers, name), number)
            await asyncio.sleep(0.3)  # into the midst of whatever is tried then

            begin = monotonic()
            await process.stop()
            took_seconds = monotonic() - begin

        if number == signal.SIGSTOP:
            for name in gone:
                tell(getattr(servers, name), signal.SIGCONT)
    assert took_seconds < seconds_max


class LostBus(Bus):
    """A bus without a broker, whose library answers a cancel with an error of its own."""

    is_up = False

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def publish(self, messages: Sequence[Message]) -> None:
        self.asked.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise RuntimeError("the handler is closed") from None

    async def consume(self, consumer: str, subjects: Sequence[str], handle: Handle) -> None:
        raise BusUnavailable

    async def listen(self, subject: str) -> Listening:
        raise BusUnavailable


async def test_a_cancel_that_a_lost_connection_swallows_is_told_again(
    database_of: Callable[[str], Awaitable[Database]], tmp_path: Path
) -> None:
    database, bus = await database_of("kernel_only"), LostBus()
    await database.transact(register)
    background = Background(bus, Anchors(tmp_path))
    background.add(database, Parts(rpc=()))
    background.start()
    await asyncio.wait_for(bus.asked.wait(), 30)

    begin = monotonic()
    await background.stop(grace_seconds=10)

    assert monotonic() - begin < 8


async def register(tx: Transaction) -> None:
    tx.publish(UserRegistered(user_id=ID))
