"""Connections are lent in turn, mended when in doubt, closed when idle and opened again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest

from souk.devstack.postgres import Postgres
from souk.kernel.context import Call, acting, within
from souk.kernel.database import Database, Transaction
from souk.kernel.refusals import DeadlineExceeded, Unavailable
from tests.support.waiting import eventually

MakeDatabase = Callable[[str], Awaitable[Database]]
MakeUrl = Callable[[str], Awaitable[str]]


END_THE_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
"""


async def test_connections_are_opened_as_they_are_needed(database_of: MakeDatabase):
    database = await database_of("kernel_only")
    assert database.pool_use.size == 0

    await database.fetchval("select 1")
    await database.fetchval("select 1")

    assert (database.pool_use.size, database.pool_use.busy) == (1, 0)


async def test_a_pool_grows_to_its_size_and_no_further(service_url: MakeUrl):
    database = await Database.connect(await service_url("kernel_only"), "x", size_max=3)

    backends = await asyncio.gather(
        *(database.fetchval("select pg_backend_pid() from pg_sleep(0.02)") for _ in range(12))
    )

    assert len(set(backends)) == database.pool_use.size == 3
    await database.close()


async def test_those_who_wait_are_served_in_turn(service_url: MakeUrl):
    database = await Database.connect(await service_url("kernel_only"), "x", size_max=1)
    served: list[int] = []

    async def ask(number: int) -> None:
        await database.fetchval("select 1")
        served.append(number)

    await asyncio.gather(*(ask(number) for number in range(20)))

    assert served == list(range(20))
    await database.close()


async def test_a_full_pool_is_no_reason_to_wait_for_ever(service_url: MakeUrl):
    database = await Database.connect(await service_url("kernel_only"), "x", size_max=1)

    async with database.transaction():
        with acting(Call(deadline=within(0.1))), pytest.raises(Unavailable):
            await database.fetchval("select 1")

    assert await database.fetchval("select 1") == 1
    assert database.pool_use.waiting == 0
    await database.close()


async def test_connections_long_unused_are_closed(service_url: MakeUrl):
    database = await Database.connect(
        await service_url("kernel_only"), "x", size_max=5, idle_seconds_max=0.1
    )
    await asyncio.gather(*(database.fetchval("select pg_sleep(0.02)") for _ in range(5)))
    assert database.pool_use.size == 5

    await eventually(lambda: database.pool_use.size == 0)

    assert await database.fetchval("select 1") == 1
    await database.close()


async def test_a_connection_in_use_is_not_long_unused(service_url: MakeUrl):
    database = await Database.connect(
        await service_url("kernel_only"), "x", size_max=5, idle_seconds_max=0.2
    )
    backend = await database.fetchval("select pg_backend_pid()")
    for _ in range(10):
        await asyncio.sleep(0.05)
        assert await database.fetchval("select pg_backend_pid()") == backend

    await database.close()


async def test_a_cancelled_statement_leaves_a_sound_connection(service_url: MakeUrl):
    database = await Database.connect(await service_url("kernel_only"), "x", size_max=1)
    for pause in (0.0, 0.001, 0.02):
        task = asyncio.create_task(database.fetchval("select pg_sleep(20)"))
        await asyncio.sleep(pause)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await database.fetchval("select 1") == 1

    assert database.pool_use.size == 1
    await database.close()


async def test_a_cancelled_transaction_lets_go_of_its_locks(database_of: MakeDatabase):
    database = await database_of("kernel_only")
    await database.execute("insert into leases (name, owner, until) values ('x', 'me', now())")
    is_locked = asyncio.Event()

    async def hold() -> None:
        async with database.transaction() as tx:
            await tx.execute("update leases set owner = 'you'")
            is_locked.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hold())
    await is_locked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with acting(Call(deadline=within(5))):
        assert await database.execute("update leases set owner = 'she' where owner = 'me'") == (
            "UPDATE 1"
        )


async def test_a_crowd_that_gives_up_at_any_moment_loses_no_connection(service_url: MakeUrl):
    database = await Database.connect(await service_url("kernel_only"), "x", size_max=4)
    assert await database.fetchval("select 1") == 1

    async def ask(number: int) -> None:
        with acting(Call(deadline=within(0.002 * (number % 200)))):
            async with database.transaction() as tx:
                await tx.fetchval("select pg_sleep(0.003)")

    async def cancelled(number: int) -> None:
        task = asyncio.create_task(ask(199))
        await asyncio.sleep(0.0005 * (number % 50))
        task.cancel()
        await task

    outcomes = await asyncio.gather(
        *(ask(number) if number % 2 else cancelled(number) for number in range(400)),
        return_exceptions=True,
    )

    kinds = {type(outcome) for outcome in outcomes}
    assert kinds <= {type(None), DeadlineExceeded, Unavailable, asyncio.CancelledError}
    assert asyncio.CancelledError in kinds
    await eventually(lambda: database.pool_use.busy == 0)
    assert database.pool_use.waiting == 0
    answers = await asyncio.gather(*(database.fetchval("select 1") for _ in range(50)))
    assert answers == [1] * 50
    assert database.pool_use.size <= 4
    await database.close()
    assert database.pool_use.size == 0


async def test_a_lost_connection_is_an_outage_and_the_next_one_works(database_of: MakeDatabase):
    database = await database_of("kernel_only")

    with pytest.raises(Unavailable):
        await database.fetchval("select pg_terminate_backend(pg_backend_pid())")

    assert await database.fetchval("select 1") == 1


async def test_a_connection_lost_in_a_transaction_leaves_nothing(database_of: MakeDatabase):
    database = await database_of("kernel_only")

    async def die(tx: Transaction) -> None:
        await tx.execute("insert into leases (name, owner, until) values ('x', 'me', now())")
        await tx.execute("select pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(Unavailable):
        await database.transact(die)

    assert await database.fetchval("select count(*) from leases") == 0
    assert database.pool_use.busy == 0


async def test_idle_sessions_that_the_server_ends_are_outages_and_cost_no_connection(
    service_url: MakeUrl,
):
    """For a moment asyncpg takes the server's farewell for a fault of its own."""
    url = await service_url("kernel_only")
    database = await Database.connect(url, "x", size_max=6)
    killer = await asyncpg.connect(url)

    async def ask(number: int) -> BaseException | None:
        await asyncio.sleep(0.0003 * number)
        try:
            if number % 2:
                await database.fetchval("select 1")
            else:
                await database.transact(read)
        except Exception as error:  # noqa: BLE001 - which kinds they are is what is asked
            return error
        return None

    kinds = set()
    for _ in range(30):
        await asyncio.gather(*(database.fetchval("select pg_sleep(0.002)") for _ in range(6)))
        await killer.execute(END_THE_OTHERS)
        kinds |= {type(end) for end in await asyncio.gather(*(ask(n) for n in range(12)))}
        await eventually(lambda: database.pool_use.busy == 0)
        with suppress(Unavailable):
            await database.fetchval("select 1")
    await killer.close()

    assert kinds == {type(None), Unavailable}
    answers = await asyncio.gather(*(database.fetchval("select 1") for _ in range(50)))
    assert answers == [1] * 50
    await database.close()
    assert database.pool_use.size == 0


async def read(tx: Transaction) -> None:
    await tx.fetchval("select 1")


async def test_a_statement_that_fails_is_no_reason_to_change_connections(
    database_of: MakeDatabase,
):
    database = await database_of("kernel_only")
    backend = await database.fetchval("select pg_backend_pid()")

    with pytest.raises(asyncpg.UndefinedTableError):
        await database.fetch("select * from nowhere")

    assert await database.fetchval("select pg_backend_pid()") == backend


async def test_a_server_that_is_away_is_an_outage_and_no_connection_is_lost_to_it():
    database = await Database.connect("postgresql://x@127.0.0.1:1/x", "x", size_max=2)

    outcomes = await asyncio.gather(
        *(database.fetchval("select 1") for _ in range(10)), return_exceptions=True
    )

    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert database.pool_use.size == 0
    await database.close()


async def test_the_pool_heals_after_the_server_was_restarted(home: Path):
    server = Postgres(home)
    await server.start()
    database = await Database.connect(f"{server.url.replace('/?', '/postgres?')}", "x")
    await asyncio.gather(*(database.fetchval("select pg_sleep(0.02)") for _ in range(5)))
    assert database.pool_use.size == 5

    sleeper = asyncio.create_task(database.fetchval("select pg_sleep(20)"))
    await eventually(lambda: database.pool_use.busy == 1)
    await server.stop()
    with pytest.raises(Unavailable):
        await sleeper
    with pytest.raises(Unavailable):
        await database.fetchval("select 1")
    await server.start()

    answers = await asyncio.gather(*(database.fetchval("select 1") for _ in range(20)))
    assert answers == [1] * 20
    await database.close()
    await server.stop()


async def test_a_closed_database_answers_no_more_but_lets_its_work_end(service_url: MakeUrl):
    database = await Database.connect(await service_url("kernel_only"), "x", size_max=1)
    running = asyncio.create_task(database.fetchval("select 7 from pg_sleep(0.2)"))
    await eventually(lambda: database.pool_use.busy == 1)
    waiting = asyncio.create_task(database.fetchval("select 8"))
    await eventually(lambda: database.pool_use.waiting == 1)

    await database.close()

    assert await running == 7
    with pytest.raises(Unavailable):
        await waiting
    with pytest.raises(Unavailable):
        await database.fetchval("select 9")
    assert database.pool_use.size == 0
