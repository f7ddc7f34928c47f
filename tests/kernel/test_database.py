"""Transactions keep their promises, and the pool outlives whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import asyncpg
import pytest
from msgspec import Struct

from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting, within
from souk.kernel.contract import Event
from souk.kernel.database import Database, Queries, Transaction
from souk.kernel.failpoints import FailpointError, armed
from souk.kernel.ids import new_id
from souk.kernel.refusals import DeadlineExceeded, Refusal, Unavailable
from tests.support.waiting import eventually

MakeDatabase = Callable[[str], Awaitable[Database]]
MakeUrl = Callable[[str], Awaitable[str]]
TABLE = "create table counters (name text primary key, n integer not null check (n >= 0))"


class CounterMoved(Event):
    SUBJECT: ClassVar[str] = "souk.test.counter_moved"
    AGGREGATE: ClassVar[str] = "name"
    name: str
    n: int = 0


class NotToday(Refusal):
    pass


class Note(Struct, frozen=True):
    text: str


@pytest.fixture
async def database(database_of: MakeDatabase) -> Database:
    made = await database_of("kernel_only")
    await made.execute(TABLE)
    return made


async def set_counter(tx: Transaction, name: str, n: int) -> str:
    await tx.execute(
        "insert into counters values ($1, $2) on conflict (name) do update set n = excluded.n",
        *(name, n),
    )
    tx.publish(CounterMoved(name=name, n=n))
    return name


async def count(queries: Queries, table: str) -> int:
    number: int = await queries.fetchval(f"select count(*) from {table}")
    return number


async def test_ids_are_text_and_times_are_utc(database: Database):
    some_id = new_id()

    row = await database.fetchrow("select $1::uuid as id, $2::uuid[] as ids, now() as now",
                                  *(some_id, [some_id]))  # fmt: skip

    assert row is not None
    assert (row["id"], row["ids"]) == (some_id, [some_id])
    assert row["now"].tzinfo is UTC
    assert abs(row["now"] - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("value", ['{"text":"hi"}', b'{"text":"hi"}', Note("hi"), {"text": "hi"}])
async def test_json_goes_in_as_text_or_as_what_it_means_and_comes_out_as_text(
    database: Database, value: object
):
    assert await database.fetchval("select $1::jsonb", value) == '{"text": "hi"}'


async def test_many_rows_are_written_at_once(database: Database):
    await database.executemany("insert into counters values ($1, $2)", [("a", 1), ("b", 2)])

    rows = await database.fetch("select name, n from counters order by name")

    assert [tuple(row) for row in rows] == [("a", 1), ("b", 2)]


async def test_a_transaction_commits_at_its_end(database: Database):
    async with database.transaction() as tx:
        await set_counter(tx, "a", 1)

        assert await count(database, "counters") == 0

    assert await count(database, "counters") == 1


async def test_a_refusal_rolls_everything_back_and_publishes_nothing(database: Database):
    async def refuse(tx: Transaction) -> None:
        await set_counter(tx, "a", 1)
        raise NotToday

    with pytest.raises(NotToday):
        await database.transact(refuse)

    assert await count(database, "counters") == 0
    assert await count(database, "outbox") == 0
    assert not database.published.is_set()


async def test_a_transaction_that_has_ended_answers_no_more(database: Database):
    async with database.transaction() as tx:
        await tx.execute("select 1")

    with pytest.raises(RuntimeError, match="has ended"):
        await tx.fetch("select 1")


async def test_a_failure_that_was_swallowed_is_no_silent_rollback(database: Database):
    async def swallow(tx: Transaction) -> None:
        await set_counter(tx, "a", 1)
        with pytest.raises(asyncpg.CheckViolationError):
            await tx.execute("update counters set n = -1")

    with pytest.raises((RuntimeError, asyncpg.InFailedSQLTransactionError)):
        await database.transact(swallow)

    assert await count(database, "counters") == 0


async def test_a_failure_swallowed_in_a_transaction_without_events_is_told_too(database: Database):
    async def swallow(tx: Transaction) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await tx.execute("insert into counters values ('a', -1)")

    with pytest.raises(RuntimeError, match="rolled the work back"):
        await database.transact(swallow)


async def test_constraint_violations_reach_the_store_as_they_are(database: Database):
    await database.execute("insert into counters values ('a', 1)")

    with pytest.raises(asyncpg.UniqueViolationError) as violation:
        await database.execute("insert into counters values ('a', 1)")

    assert violation.value.constraint_name == "counters_pkey"


async def test_events_lie_in_the_outbox_in_order_with_their_trace(database: Database):
    with acting(Call(trace_id="ab" * 16)):
        async with database.transaction() as tx:
            tx.publish(CounterMoved(name="a", n=1), CounterMoved(name="b", n=2))
            tx.publish(CounterMoved(name="a", n=3))

    rows = await database.fetch("select * from outbox order by seq")

    assert [(row["aggregate"], row["payload"]) for row in rows] == [
        ("a", b'{"name":"a","n":1}'),
        ("b", b'{"name":"b","n":2}'),
        ("a", b'{"name":"a","n":3}'),
    ]
    assert {row["subject"] for row in rows} == {"souk.test.counter_moved"}
    assert {row["headers"] for row in rows} == {'{"trace_id": "' + "ab" * 16 + '"}'}
    assert len({row["id"] for row in rows}) == 3
    assert {row["published_at"] for row in rows} == {None}
    assert database.published.is_set()


async def test_a_single_event_lies_there_like_many(database: Database):
    async with database.transaction() as tx:
        tx.publish(CounterMoved(name="a", n=1))

    row = await database.fetchrow("select subject, aggregate, payload, headers from outbox")

    assert row is not None
    assert tuple(row) == ("souk.test.counter_moved", "a", b'{"name":"a","n":1}', "{}")


async def test_after_commit_means_after_commit(database: Database):
    seen: list[bool] = []
    async with database.transaction() as tx:
        await set_counter(tx, "a", 1)
        tx.on_commit(lambda: seen.append(database.pool_use.busy == 0))

        assert seen == []

    assert seen == [True]


async def test_nothing_is_called_after_a_rollback(database: Database):
    seen: list[str] = []

    async def refuse(tx: Transaction) -> None:
        tx.on_commit(lambda: seen.append("called"))
        raise NotToday

    with pytest.raises(NotToday):
        await database.transact(refuse)

    assert seen == []


async def test_a_failing_callback_makes_no_committed_work_look_undone(database: Database):
    seen: list[str] = []
    async with database.transaction() as tx:
        await set_counter(tx, "a", 1)
        tx.on_commit(lambda: {}["missing"])
        tx.on_commit(lambda: seen.append("called"))

    assert seen == ["called"]
    assert await count(database, "counters") == 1


async def test_two_that_lock_each_other_both_succeed(database: Database):
    await database.executemany("insert into counters values ($1, 0)", [("a",), ("b",)])
    both_have_one = asyncio.Barrier(2)
    attempts: list[str] = []

    async def add_to(tx: Transaction, *names: str) -> None:
        attempts.append(names[0])
        await tx.execute("update counters set n = n + 1 where name = $1", names[0])
        if len(attempts) <= 2:
            await both_have_one.wait()
        await tx.execute("update counters set n = n + 1 where name = $1", names[1])
        tx.publish(CounterMoved(name=names[0]))

    await asyncio.gather(database.transact(add_to, "a", "b"), database.transact(add_to, "b", "a"))

    assert len(attempts) == 3
    assert await database.fetchval("select array_agg(n) from counters") == [2, 2]
    assert await count(database, "outbox") == 2


async def test_lost_updates_are_repeated_until_none_is_lost(database: Database):
    await database.execute("insert into counters values ('a', 0)")

    async def add_one(tx: Transaction) -> None:
        await tx.execute("set transaction isolation level serializable")
        n = await tx.fetchval("select n from counters where name = 'a'")
        await tx.execute("update counters set n = $1 where name = 'a'", n + 1)

    await asyncio.gather(*(database.transact(add_one) for _ in range(4)))

    assert await database.fetchval("select n from counters") == 4


async def test_repeating_has_an_end(database: Database):
    attempts: list[int] = []

    async def always_meet(tx: Transaction) -> None:
        attempts.append(1)
        await tx.execute("do $$ begin raise sqlstate '40001'; end $$")

    with pytest.raises(Unavailable):
        await database.transact(always_meet)

    assert len(attempts) == 10


async def test_a_transaction_that_dies_before_its_commit_leaves_nothing(database: Database):
    with armed(f"database.{database.name}.commit.before", "error"), pytest.raises(FailpointError):
        await database.transact(set_counter, "a", 1)

    assert await count(database, "counters") == 0
    assert await count(database, "outbox") == 0


async def test_a_failure_after_the_commit_finds_everything_written(database: Database):
    with armed(f"database.{database.name}.commit.after", "error"), pytest.raises(FailpointError):
        await database.transact(set_counter, "a", 1)

    assert await count(database, "counters") == 1
    assert await count(database, "outbox") == 1


async def test_a_statement_ends_by_the_deadline_of_its_caller(database: Database):
    begun = monotonic()

    with acting(Call(deadline=within(0.2))), pytest.raises(DeadlineExceeded):
        await database.fetchval("select pg_sleep(20)")

    async def nobody_sleeps() -> bool:
        return not await database.fetchval(
            "select count(*) from pg_stat_activity where query = 'select pg_sleep(20)'"
            " and state = 'active' and datname = current_database()"
        )

    assert monotonic() - begun < 2
    await eventually(nobody_sleeps)


async def test_nothing_is_asked_once_the_time_is_over(database: Database):
    with acting(Call(deadline=within(-1))), pytest.raises(DeadlineExceeded):
        await database.execute("insert into counters values ('a', 1)")

    assert await count(database, "counters") == 0


async def test_a_transaction_whose_time_is_over_does_not_commit(database: Database):
    async def dawdle(tx: Transaction) -> None:
        await tx.execute("insert into counters values ('a', 1)")
        await asyncio.sleep(0.2)

    with acting(Call(deadline=within(0.15))), pytest.raises(DeadlineExceeded):
        await database.transact(dawdle)

    assert await count(database, "counters") == 0


async def test_a_row_that_somebody_hogs_is_no_bug_of_ours(database: Database):
    await database.execute("insert into counters values ('a', 1)")
    async with database.transaction() as tx:
        await tx.execute("update counters set n = 2")

        with pytest.raises(Unavailable):
            await database.fetch("select 1 from counters for update nowait")
