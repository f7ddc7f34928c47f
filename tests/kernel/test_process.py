"""A whole process: what it builds, how it works, and how it ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from souk.contracts.api import Role
from souk.contracts.orders import OrderServiceClient, WatchOrderRequest
from souk.contracts.users import (
    GetProfileRequest,
    GetUserRequest,
    RoleGranted,
    User,
    UserServiceClient,
)
from souk.devstack.redis import Redis
from souk.kernel.clock import monotonic
from souk.kernel.context import acting
from souk.kernel.process import Process
from souk.kernel.refusals import Unavailable
from souk.kernel.settings import Settings
from tests.support.servers import Desk
from tests.support.town import ID, SHOPPER, Greeter, Town, town, until


async def test_an_event_of_one_service_takes_effect_in_the_other(
    servers: Desk, tmp_path: Path
) -> None:
    async with town(servers, tmp_path, "users", "orders") as process:
        with acting(SHOPPER):
            await process.client(UserServiceClient).get_profile(GetProfileRequest())

        await asyncio.wait_for(process.greeter.heard.wait(), 10)

    assert f"greeted {ID} for orders" in process.greeter.diary


async def test_jobs_run_and_hooks_are_called_in_order(servers: Desk, tmp_path: Path) -> None:
    async with town(servers, tmp_path, "users") as process:
        await asyncio.wait_for(process.greeter.swept.wait(), 10)
        assert process.greeter.diary == ["users starts"]

    assert process.greeter.diary == ["users starts", "users stops"]


async def test_people_from_outside_are_known_by_the_keys_of_users(
    servers: Desk, tmp_path: Path
) -> None:
    async with town(servers, tmp_path, "users") as process:
        caller = await process.verifier.verify(process.greeter.issuer.token(sub=ID))

    assert caller.user_id == ID


async def test_a_service_elsewhere_is_reached_at_its_address(servers: Desk, tmp_path: Path) -> None:
    async with town(servers, tmp_path, "users") as users:
        there = {"users": f"127.0.0.1:{users.grpc_port}"}
        async with town(servers, tmp_path, "orders", service_urls=there) as orders:
            with acting(SHOPPER):
                answer = await orders.client(UserServiceClient).get_profile(GetProfileRequest())
            platform = orders.greeter.platforms["orders"]
            caller = await orders.verifier.verify(users.greeter.issuer.token(sub=ID))

            assert answer == User(id=ID, roles=(Role.CUSTOMER,))
            assert caller.user_id == ID
            with pytest.raises(LookupError):
                platform.database("users")
            # The event crosses from one process to the other.
            await asyncio.wait_for(orders.greeter.heard.wait(), 10)


async def test_live_updates_reach_a_stream(servers: Desk, tmp_path: Path) -> None:
    async with town(servers, tmp_path, "users", "orders") as process:
        updates: Any = process.client(OrderServiceClient).watch_order(
            WatchOrderRequest(order_id=ID)
        )
        assert (await anext(updates)).event == "now"

        async with process.databases["users"].transaction() as tx:
            tx.publish(RoleGranted(user_id=ID, role=Role.SELLER))

        assert (await asyncio.wait_for(anext(updates), 10)).event == "granted"
        await updates.aclose()


async def test_a_stop_lets_a_running_request_finish_and_refuses_the_next(
    servers: Desk, tmp_path: Path
) -> None:
    async with (
        town(servers, tmp_path, "users") as users,
        town(
            servers, tmp_path, "orders", service_urls={"users": f"127.0.0.1:{users.grpc_port}"}
        ) as orders,
    ):
        client = orders.client(UserServiceClient)
        with acting(SHOPPER):
            running = asyncio.create_task(client.get_user(GetUserRequest(user_id=ID)))
        await until(lambda: "asked" in users.greeter.diary)

        stopping = asyncio.create_task(users.stop())
        await until_refused(client)
        users.greeter.release.set()

        assert (await running).id == ID
        await asyncio.wait_for(stopping, 10)
        assert users.greeter.diary[-1] == "users stops"


async def until_refused(client: UserServiceClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                with acting(SHOPPER):
                    await client.get_profile(GetProfileRequest())
            except Unavailable as refusal:
                assert refusal.service == "users"  # noqa: PT017 - it is the loop's end
                return


async def test_a_stopped_process_has_left_nothing_behind(servers: Desk, tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    async with town(servers, tmp_path, "users", "orders") as process:
        with acting(SHOPPER):
            await process.client(UserServiceClient).get_profile(GetProfileRequest())
        port = process.grpc_port
        await process.stop()
        await process.stop()

        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)

    await until(lambda: not {task for task in asyncio.all_tasks() - before if is_ours(task)})


def is_ours(task: asyncio.Task[Any]) -> bool:
    """gRPC keeps one that waits for events, for as long as the loop runs."""
    return "grpc" not in repr(task.get_coro())


async def test_readiness_names_what_is_away_and_comes_back(
    servers: Desk, tmp_path: Path, home: Path
) -> None:
    redis = Redis(home)
    await redis.start()
    async with town(servers, tmp_path, "users", redis_url=redis.url) as process:
        assert await process.ready() == {"database": "ready", "bus": "ready", "cache": "ready"}

        await redis.stop()
        begin = monotonic()
        assert await process.ready() == {"database": "ready", "bus": "ready", "cache": "away"}
        assert monotonic() - begin < 3

        await redis.start()
        assert (await process.ready())["cache"] == "ready"
        await redis.stop()


async def test_a_database_that_is_away_is_told_and_stops_no_start(
    servers: Desk, tmp_path: Path
) -> None:
    away = "postgresql://nobody@127.0.0.1:1/souk"
    process = Town(
        Settings(
            home=tmp_path, workers=1, grpc_port=0, postgres_url=away, nats_url=servers.nats,
            redis_url=servers.redis, stop_grace_seconds=1,
        ),
        ("users",),
    )  # fmt: skip
    process.greeter = Greeter()
    await process.start()

    assert await process.ready() == {"database": "away", "bus": "ready", "cache": "ready"}

    await process.stop()


async def test_a_start_that_fails_ends_what_had_begun(servers: Desk, tmp_path: Path) -> None:
    async with (
        town(servers, tmp_path, "users") as first,
        town(servers, tmp_path, "users", start=False, grpc_port=first.grpc_port) as second,
    ):
        with pytest.raises(Exception, match="SOUK_GRPC_PORT"):
            await second.start()

        assert second.greeter.diary == ["users starts", "users stops"]
        with pytest.raises(Unavailable):
            await second.databases["users"].fetchval("select 1")


@pytest.mark.parametrize(
    ("budget", "workers", "elsewhere", "expected"),
    [(180, 2, 8, 9), (180, 1, 0, 24), (20, 8, 8, 4)],
    ids=["shared by all", "never more than is useful", "never too few to work"],
)
async def test_pools_share_the_connections_that_the_server_allows(
    tmp_path: Path, budget: int, workers: int, elsewhere: int, expected: int
) -> None:
    settings = Settings(
        home=tmp_path,
        postgres_connections_max=budget,
        workers=workers,
        service_urls={f"service_{number}": "host:1" for number in range(elsewhere)},
    )

    process = Process(settings, ("users", "orders"))

    assert process.pool_size_max() == expected
    await process.stop()


def test_an_idle_process_is_small(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import uvloop
        from pathlib import Path
        from souk.kernel.process import Process
        from souk.kernel.settings import Settings
        from souk.kernel.server import Server
        import souk.kernel.events.nats_bus

        async def main():
            process = Process(Settings(home=Path({str(tmp_path)!r})), ())
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            print(pages * 4096 >> 20)
            await process.stop()

        uvloop.run(main())
    """)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[0]) < 120
