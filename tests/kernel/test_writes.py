"""Several writes as one statement: all of them or none, told like any transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from souk.contracts.users import UserRegistered
from souk.kernel.database import Database
from souk.kernel.ids import new_id
from souk.kernel.outbox_rows import outbox_rows
from souk.kernel.writes import Write, joined

COUNTED = "select turns from work where id = 1"
ADD = "first as (update work set turns = turns + $2 where id = $1 returning id)"
LOG = "logged as (insert into log (what) select $1 from first)"


@pytest.fixture
async def work(database_of: Callable[[str], Awaitable[Database]]) -> Database:
    database = await database_of("kernel_only")
    await database.execute("create table work (id int primary key, turns int check (turns < 100))")
    await database.execute("create table log (what text not null)")
    await database.execute("insert into work values (1, 0)")
    return database


async def count(database: Database, table: str) -> int:
    return int(await database.fetchval(f"select count(*) from {table}"))


def test_parameters_are_numbered_through() -> None:
    sql, args = joined([Write("first as (select $1, $2, $1)", (1, 2)), Write("b as ($1)", (3,))])
    assert sql == "with first as (select $1, $2, $1), b as ($3) select exists (select from first)"
    assert args == [1, 2, 3]


async def test_all_is_written_and_told_at_once(work: Database) -> None:
    work.published.clear()
    event = UserRegistered(user_id=new_id())
    assert await work.write(Write(ADD, (1, 5)), Write(LOG, ("five",)), events=outbox_rows([event]))
    assert await work.fetchval(COUNTED) == 5
    assert (await count(work, "log"), await count(work, "outbox")) == (1, 1)
    assert work.published.is_set()
    told = await work.fetchrow("select subject, aggregate, follows from outbox")
    assert tuple(told) == (event.SUBJECT, event.user_id, None)


async def test_nothing_is_told_where_nothing_was_written(work: Database) -> None:
    work.published.clear()
    event = UserRegistered(user_id=new_id())
    assert not await work.write(
        Write(ADD, (2, 5)), Write(LOG, ("five",)), events=outbox_rows([event])
    )
    assert (await count(work, "log"), await count(work, "outbox")) == (0, 0)
    assert not work.published.is_set()


async def test_one_that_fails_takes_all_back(work: Database) -> None:
    with pytest.raises(Exception, match="not-null"):
        await work.write(
            Write(ADD, (1, 5)),
            Write(LOG, (None,)),
            events=outbox_rows([UserRegistered(user_id=new_id())]),
        )
    assert await work.fetchval(COUNTED) == 0
    assert await count(work, "outbox") == 0


async def test_it_is_part_of_a_transaction_as_well(work: Database) -> None:
    with pytest.raises(KeyError):
        async with work.transaction() as tx:
            assert await tx.write(Write(ADD, (1, 5)), Write(LOG, ("five",)))
            raise KeyError
    assert (await work.fetchval(COUNTED), await count(work, "log")) == (0, 0)


async def test_events_of_an_aggregate_follow_one_another(work: Database) -> None:
    event = UserRegistered(user_id=new_id())
    for events in ([event], [event, event]):
        assert await work.write(Write(ADD, (1, 1)), events=outbox_rows(events))
    rows = await work.fetch("select id, follows from outbox order by seq")
    assert [row["follows"] for row in rows] == [None, *(row["id"] for row in rows[:2])]


async def test_many_at_once_lose_nothing(work: Database) -> None:
    await asyncio.gather(*(work.write(Write(ADD, (1, 1)), Write(LOG, ("x",))) for _ in range(40)))
    assert (await work.fetchval(COUNTED), await count(work, "log")) == (40, 40)
