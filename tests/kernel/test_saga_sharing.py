"""Many processes and one saga: one drives at a time, and the next takes over."""

import asyncio
import os
import sys

import pytest

from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting, within
from souk.kernel.database import Database
from souk.kernel.failpoints import EXIT_STATUS
from tests.support.trips import (
    ALL,
    TABLES,
    Participants,
    begin,
    ends,
    is_done,
    journal,
    trips,
)
from tests.support.waiting import eventually


@pytest.fixture
async def database(database_of):
    database = await database_of("tests")
    await database.execute(TABLES)
    return database


@pytest.fixture
def others(database):
    return Participants(database)


@pytest.fixture
async def make_saga(database, others):
    async with trips(database, others) as make:
        yield make


@pytest.fixture
def saga(make_saga):
    return make_saga()


async def test_fifty_who_run_one_saga_in_two_processes_cause_one_of_each(make_saga, others):
    one, other = make_saga(), make_saga()
    saga_id = await begin(one)
    outcomes = await asyncio.gather(
        *(saga.run(saga_id) for saga in (one, other) for _ in range(25))
    )
    assert {outcome.status for outcome in outcomes} <= {"confirmed", "done"}
    await eventually(lambda: is_done(one, saga_id))
    assert sorted(others.calls) == ALL


async def test_who_has_no_time_left_hears_that_it_runs(make_saga, others):
    goes_on = asyncio.Event()
    others.troubles["pay"] = goes_on.wait
    saga, other = make_saga(), make_saga()
    saga_id = await begin(saga)
    for asked in (saga, other):
        with acting(Call(deadline=within(0.4))):
            start = monotonic()
            assert (await asked.run(saga_id)).status == "running"
            assert monotonic() - start < 0.4
    goes_on.set()
    assert (await other.run(saga_id)).status in {"confirmed", "done"}


async def test_a_caller_who_leaves_does_not_stop_it(saga, others):
    goes_on = asyncio.Event()
    others.troubles["pay"] = goes_on.wait
    saga_id = await begin(saga)
    caller = asyncio.create_task(saga.run(saga_id))
    await eventually(lambda: "pay" in others.calls)
    caller.cancel()
    await asyncio.wait([caller])
    goes_on.set()
    await eventually(lambda: is_done(saga, saga_id))
    assert sorted(others.calls) == ALL


async def test_a_slow_step_keeps_its_lease(make_saga, others):
    saga, other = make_saga(lease_seconds=0.4), make_saga(lease_seconds=0.4)

    async def slow():
        await asyncio.sleep(1.2)

    others.troubles["pay"] = slow
    saga_id = await begin(saga)
    running = asyncio.create_task(saga.run(saga_id))
    while not running.done():
        await other.resume()
        assert other.in_hand == 0
        await asyncio.sleep(0.05)
    assert others.calls.count("pay") == 1


async def test_who_lost_the_lease_records_nothing_more(make_saga, others, database):
    goes_on = asyncio.Event()
    saga, other = make_saga(), make_saga()
    saga_id = await begin(saga)
    others.troubles["hold"] = goes_on.wait
    asleep = asyncio.create_task(saga.run(saga_id))
    await eventually(lambda: "hold" in others.calls)
    others.troubles["hold"] = None
    await database.execute("update sagas set lease_until = now() where id = $1", saga_id)
    await eventually(lambda: is_done(other, saga_id))
    ended = await journal(database, saga_id)
    goes_on.set()
    assert (await asleep).status == "done"
    assert await journal(database, saga_id) == ended
    assert others.calls.count("confirm") == 1


async def test_a_stop_gives_sagas_back_at_once(make_saga, others, database):
    goes_on = asyncio.Event()
    others.troubles["pay"] = goes_on.wait
    saga, other = make_saga(), make_saga()
    saga_id = await begin(saga)
    running = asyncio.create_task(saga.run(saga_id))
    await eventually(lambda: "pay" in others.calls)
    stopping = asyncio.create_task(saga.stop())
    await asyncio.sleep(0)
    goes_on.set()
    await stopping
    assert (await running).status == "running"
    row = await journal(database, saga_id)
    assert (row["lease_owner"], row["step"]) == (None, 3)
    assert (await other.run(saga_id)).status == "confirmed"


async def test_one_who_dies_between_start_and_run_is_replaced(make_saga, others, database):
    saga, other = make_saga(lease_seconds=0.2), make_saga()
    saga_id = await begin(saga)

    async def resumed():
        await other.resume()
        return await is_done(other, saga_id)

    await eventually(resumed)
    assert sorted(others.calls) == ALL


async def test_the_job_drives_eight_at_once_until_all_are_done(make_saga, others, database):
    goes_on, running, most = asyncio.Event(), 0, 0

    async def count():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await goes_on.wait()
        running -= 1

    others.troubles["pay"] = count
    saga, other = make_saga(), make_saga()
    saga_ids = [await begin(saga) for _ in range(40)]
    await database.execute("update sagas set lease_until = now()")
    job = other.job()
    working = asyncio.create_task(job.run(database))
    await eventually(lambda: running == 8)
    goes_on.set()
    await eventually(lambda: all_done(database, saga_ids))
    job.stop()
    await working
    assert most == 8
    assert others.calls.count("pay") == 40


async def all_done(database, saga_ids):
    count = await database.fetchval(
        "select count(*) from sagas where id = any($1) and status = 'done'", saga_ids
    )
    return count == len(saga_ids)


PROCESS = """
import asyncio, sys
from souk.kernel.database import Database
from tests.support.trips import Participants, begin, trips

async def main():
    database = await Database.connect(sys.argv[1], "tests")
    async with trips(database, Participants(database)) as make:
        saga = make(lease_seconds=0.5)
        await saga.run(await begin(saga))
    raise SystemExit("the failpoint was not reached")

asyncio.run(main())
"""


@pytest.mark.parametrize("line", ["hold.between", "confirm.between"])
async def test_a_killed_process_is_replaced_by_another(service_url, others, line):
    url = await service_url("tests")
    theirs = await Database.connect(url, "tests")
    await theirs.execute(TABLES)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS, url),
        env={**os.environ, "SOUK_FAILPOINTS": f"saga.trip.{line}=exit"},
    )
    assert await process.wait() == EXIT_STATUS
    others.database = theirs
    async with trips(theirs, others) as make:
        saga = make()
        saga_id = str(await theirs.fetchval("select id from sagas"))

        async def resumed():
            await saga.resume()
            return await is_done(saga, saga_id)

        await eventually(resumed)
        assert await others.deeds(saga_id) == ALL
        assert await ends(theirs, saga_id) == {"confirmed": None, "done": None}
    await theirs.close()
