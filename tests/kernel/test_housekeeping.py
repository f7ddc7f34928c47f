"""What has served its time leaves; what may still be needed stays."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from souk.kernel.database import Database
from souk.kernel.housekeeping import BATCH, housekeeping

MakeDatabase = Callable[[str], Awaitable[Database]]
EVENT = """
insert into outbox (id, subject, aggregate, payload, published_at)
select gen_random_uuid(), $1, 'a', '', now() - $2::text::interval from generate_series(1, $3)
"""


@pytest.fixture
async def database(database_of: MakeDatabase) -> Database:
    return await database_of("kernel_only")


async def purge(database: Database) -> None:
    await asyncio.gather(*(job.do() for job in housekeeping(database)))


async def test_published_events_leave_after_three_days_and_waiting_ones_never(database: Database):
    await database.execute(EVENT, "waiting", None, 1)
    await database.execute(EVENT, "old", "73 hours", 2)
    await database.execute(EVENT, "recent", "71 hours", 3)

    await purge(database)

    left = await database.fetch("select subject, count(*) from outbox group by 1 order by 1")
    assert [tuple(row) for row in left] == [("recent", 3), ("waiting", 1)]


async def test_received_messages_leave_after_fourteen_days(database: Database):
    await database.execute(
        "insert into inbox select 'c', gen_random_uuid(), now() - days * interval '1 day'"
        " from generate_series(10, 20) as days"
    )

    await purge(database)

    assert await database.fetchval("select count(*) from inbox") == 4


async def test_idempotency_keys_leave_after_seven_days(database: Database):
    await database.execute(
        "insert into idempotency_keys select 's', days, '', '', now() - days * interval '1 day'"
        " from generate_series(1, 20) as days"
    )

    await purge(database)

    keys = await database.fetch("select key from idempotency_keys order by key")
    assert [row["key"] for row in keys] == ["1", "2", "3", "4", "5", "6"]


async def test_more_than_one_batch_leaves(database: Database):
    await database.execute(EVENT, "old", "10 days", BATCH * 3 + 5)

    await purge(database)

    assert await database.fetchval("select count(*) from outbox") == 0


async def test_its_jobs_have_names_of_their_own(database: Database):
    names = [job.name for job in housekeeping(database)]

    assert len(set(names)) == len(names) == 3
