"""Group commit: one transaction for what several ask for, and none the worse for it."""

import asyncio

import asyncpg
import pytest

from souk.kernel.context import Call, Deed, acting, call, within
from souk.kernel.database import Database
from souk.kernel.identity import Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import DeadlineExceeded, Unavailable
from souk.kernel.writes import Write
from tests.support.databases import counted_statements
from tests.support.waiting import eventually

TABLES = """
create table work (id int primary key, turns int not null check (turns between 0 and 99));
create table log (what text not null, transaction text not null default pg_current_xact_id()::text);
insert into work select number, 0 from generate_series(1, 9) as number;
"""
ADD = """
with changed as (update work set turns = turns + $2 where id = $1 returning turns)
select (select turns from changed) as turns, pg_current_xact_id()::text as transaction
"""
# As a hold does it: everybody's rows are locked first.
ADD_SEVERAL = """
with locked as materialized (
    select id from work where id = any(array(select unnest($3::text[]))::int[])
    order by id for no key update
), changed as (
    update work set turns = turns + $2 from locked
    where work.id = locked.id and work.id = any(array(select unnest($1::text[]))::int[])
    returning 1
)
select count(*) as count, pg_current_xact_id()::text as transaction, pg_sleep(0.05) from changed
"""
NOTE = Write("first as (insert into log (what) values ($1) returning 1)", ("it was",))
LOCK = "select from work where id = $1 for update"
WAITING = "select exists (select from pg_locks where not granted)"
OLGA = new_id()


@pytest.fixture
async def processes(service_url):
    """Two that use the same database."""
    url = await service_url("kernel_only")
    one, other = [await Database.connect(url, "kernel_only") for _ in range(2)]
    for statement in filter(str.strip, TABLES.split(";")):
        await one.execute(statement)
    yield one, other
    await one.close()
    await other.close()


@pytest.fixture
def work(processes):
    return processes[0]


async def turns(database, number=1):
    return await database.fetchval("select turns from work where id = $1", number)


async def add(database, number, many, sort_key="a"):
    return await database.fetchrow_grouped(ADD, number, many, sort_key=sort_key)


async def test_those_of_one_moment_are_one_transaction_and_each_hears_its_own(work):
    rows = await asyncio.gather(*(add(work, 1, 1, key) for key in "bca"))
    # In the order of their keys, each after the other.
    assert [row["turns"] for row in rows] == [2, 3, 1]
    assert len({row["transaction"] for row in rows}) == 1
    assert (await add(work, 1, 1))["turns"] == 4


async def test_who_comes_meanwhile_is_in_the_next_transaction(work):
    async with work.transaction() as tx:
        await tx.execute(LOCK, 1)
        first = asyncio.create_task(add(work, 1, 1))
        await eventually(lambda: work.fetchval(WAITING))
        others = [asyncio.create_task(add(work, 1, 1)) for _ in range(5)]
        await asyncio.sleep(0)
    rows = [await task for task in (first, *others)]
    assert sorted(row["turns"] for row in rows) == [1, 2, 3, 4, 5, 6]
    assert len({row["transaction"] for row in rows}) == 2


async def test_one_that_fails_fails_alone(work):
    ends = await asyncio.gather(
        *(add(work, 1, many) for many in (1, 100, 2)), return_exceptions=True
    )
    assert isinstance(ends[1], asyncpg.CheckViolationError)
    assert [ends[0]["turns"], ends[2]["turns"]] in ([1, 3], [3, 2])
    assert await turns(work) == 3


async def test_one_whose_argument_cannot_be_sent_fails_alone(work):
    ends = await asyncio.gather(
        *(add(work, 1, many) for many in (1, "many", 2)), return_exceptions=True
    )
    assert isinstance(ends[1], asyncpg.DataError)
    assert await turns(work) == 3
    assert (await add(work, 2, 1))["turns"] == 1  # the connection is as good as before


async def test_an_outage_in_the_middle_is_told_to_all_and_nothing_is_done_twice(work):
    async with work.transaction() as tx:
        await tx.execute(LOCK, 1)
        adding = [asyncio.create_task(add(work, number, 1, str(number))) for number in (2, 1)]
        await eventually(lambda: work.fetchval(WAITING))
        await work.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where wait_event_type = 'Lock' and datname = current_database()"
        )
        ends = await asyncio.gather(*adding, return_exceptions=True)
    assert [type(end) for end in ends] == [Unavailable, Unavailable]
    assert [await turns(work, number) for number in (1, 2)] == [0, 0]
    assert (await add(work, 1, 1))["turns"] == 1


async def test_everybody_waits_for_as_long_as_they_have(work):
    async with work.transaction() as tx:
        await tx.execute(LOCK, 1)
        first = asyncio.create_task(add(work, 1, 1))
        await eventually(lambda: work.fetchval(WAITING))
        with acting(Call(deadline=within(0.2))), pytest.raises(DeadlineExceeded):
            await add(work, 1, 1)
        assert not first.done()
    await first


async def test_processes_that_want_the_same_rows_do_not_wait_in_a_circle(processes):
    async def several(database, key, rows):
        return await database.fetchrow_grouped(ADD_SEVERAL, rows, 1, sort_key=key, locks=rows)

    one, other = processes
    rows = await asyncio.gather(
        several(one, "a", ["2", "3"]),
        several(one, "b", ["1"]),
        several(other, "a", ["1", "9"]),
        several(other, "b", ["2"]),
    )
    assert [row["count"] for row in rows] == [2, 1, 2, 1]
    # One transaction each: nobody had to be taken out of a circle and go alone.
    assert len({row["transaction"] for row in rows}) == 2


async def test_in_a_transaction_it_is_a_part_of_that_one(work):
    with pytest.raises(KeyError):
        async with work.transaction() as tx:
            assert (await tx.fetchrow_grouped(ADD, 1, 1, sort_key="a"))["turns"] == 1
            row = await tx.fetchrow_grouped(ADD_SEVERAL, ["1"], 1, sort_key="a", locks=["1"])
            assert row["count"] == 1
            raise KeyError
    assert await turns(work) == 0


async def test_writes_of_one_moment_share_a_transaction(work):
    async with counted_statements(work) as asked:
        assert all(await asyncio.gather(*(work.write(NOTE, sort_key="a") for _ in range(4))))
    assert len([sql for sql in asked if "insert into log" in sql]) <= 4
    assert await work.fetchval("select count(distinct transaction) from log") == 1
    await asyncio.gather(*(work.write(NOTE) for _ in range(4)))
    assert await work.fetchval("select count(distinct transaction) from log") == 5


async def test_what_staff_write_is_recorded_each_by_itself(work):
    staff = Caller(user_id=OLGA, roles=frozenset({"admin"}))
    with acting(Call(caller=staff, deed=Deed("orders.cancel_order", "order_id:1", ""))):
        assert call().deed
        await asyncio.gather(*(work.write(NOTE, sort_key="a") for _ in range(3)))
    assert await work.fetchval("select count(*) from audit where actor_id = $1", OLGA) == 3
    assert await work.fetchval("select count(distinct transaction) from log") == 3
