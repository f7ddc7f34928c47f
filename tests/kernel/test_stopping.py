"""A stop is short, however little of what a process needs is still there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from msgspec import structs

from souk.contracts.users import GetProfileRequest, UserServiceClient
from souk.devstack.databases import bring_up
from souk.devstack.embedded import Embedded
from souk.devstack.servers import Servers
from souk.kernel.clock import monotonic
from souk.kernel.context import acting
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings
from tests.support.town import SHOPPER, Greeter, Town, until

STOP_SECONDS_MAX = 3.0
SERVICES = ("users", "orders")


@asynccontextmanager
async def busy_town(servers: Servers, settings: Settings) -> AsyncIterator[Town]:
    """A process in the midst of publishing and reacting, with 10 s for an orderly stop."""
    await bring_up(servers.urls.postgres, SERVICES)
    urls = {f"{name}_url": getattr(servers.urls, name) for name in ("postgres", "nats", "redis")}
    process = Town(structs.replace(settings, stop_grace_seconds=10, **urls), SERVICES)
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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["dies", "hangs"])
@pytest.mark.parametrize(
    "gone", [("nats",), ("redis",), ("postgres",), ("nats", "redis", "postgres")], ids="+".join
)
async def test_a_stop_does_not_wait_for_servers_that_are_gone(
    home: Path, gone: tuple[str, ...], number: signal.Signals
) -> None:
    settings = Settings(home=home, workers=1, grpc_port=0)
    servers = Servers(home, settings)
    async with servers:
        async with busy_town(servers, settings) as process:
            await servers.leave_alone()
            for name in gone:
                tell(getattr(servers, name), number)

            begin = monotonic()
            await process.stop()
            took_seconds = monotonic() - begin

        if number == signal.SIGSTOP:
            for name in gone:
                tell(getattr(servers, name), signal.SIGCONT)
    assert took_seconds < STOP_SECONDS_MAX
