"""Jobs come round, one process at a time, and neither faults nor deaths end them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from souk.kernel import jobs
from souk.kernel.clock import monotonic
from souk.kernel.context import call, remaining_seconds
from souk.kernel.database import Database
from souk.kernel.jobs import Job, every
from tests.support.waiting import eventually

MakeUrl = Callable[[str], Awaitable[str]]


@pytest.fixture
async def two(service_url: MakeUrl) -> AsyncIterator[tuple[Database, Database]]:
    """Two Databases on one database, as two processes have them."""
    url = await service_url("kernel_only")
    first, second = await Database.connect(url, "1"), await Database.connect(url, "2")
    yield first, second
    await first.close()
    await second.close()


@asynccontextmanager
async def running(job: Job, database: Database, **options: float) -> AsyncIterator[None]:
    task = asyncio.create_task(job.run(database, **options))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Work:
    """Counts, and notices when it is done twice at a time."""

    def __init__(self, *, lasts_seconds: float = 0.0) -> None:
        self.lasts_seconds = lasts_seconds
        self.begun = self.ended = self.at_once = self.at_once_most = 0
        self.faults: list[Exception] = []

    async def do(self) -> None:
        self.begun += 1
        self.at_once += 1
        self.at_once_most = max(self.at_once, self.at_once_most)
        try:
            await asyncio.sleep(self.lasts_seconds)
            if self.faults:
                raise self.faults.pop()
            self.ended += 1
        finally:
            self.at_once -= 1


async def test_a_job_comes_round(two):
    work = Work()

    async with running(every(seconds=0.02, do=work.do), two[0]):
        await eventually(lambda: work.ended >= 5)


async def test_two_processes_never_do_it_at_once_and_not_more_often_than_one(two):
    work = Work(lasts_seconds=0.02)
    begun = monotonic()

    async with AsyncExitStack() as processes:
        for database in two * 3:
            job = every(seconds=0.1, do=work.do)
            await processes.enter_async_context(running(job, database))
        await eventually(lambda: work.ended >= 8)

    assert work.at_once_most == 1
    assert work.ended <= (monotonic() - begun) / 0.12 + 1


async def test_work_that_claims_its_own_rows_runs_everywhere(two):
    work = Work(lasts_seconds=0.05)

    async with AsyncExitStack() as processes:
        for database in two:
            job = every(seconds=0.02, do=work.do, everywhere=True)
            await processes.enter_async_context(running(job, database))
        await eventually(lambda: work.at_once_most == 2)

    assert await two[0].fetchval("select count(*) from leases") == 0


async def test_waking_runs_it_now(two):
    work = Work()
    job = every(seconds=3600, do=work.do)

    async with running(job, two[0]):
        for times in (1, 2, 3):
            job.wake()
            await eventually(lambda times=times: work.ended == times)


async def test_waking_runs_it_though_another_process_did_it_just_now(two):
    work = Work()
    here, there = every(seconds=3600, do=work.do), every(seconds=3600, do=work.do)

    async with running(there, two[1]):
        there.wake()
        await eventually(lambda: work.ended == 1)
        async with running(here, two[0]):
            here.wake()
            await eventually(lambda: work.ended == 2)


async def test_waking_while_another_process_is_at_it_runs_it_again_afterwards(two):
    work = Work(lasts_seconds=0.3)
    here, there = every(seconds=3600, do=work.do), every(seconds=3600, do=work.do)

    async with running(there, two[1]), running(here, two[0]):
        there.wake()
        await eventually(lambda: work.begun == 1)
        here.wake()
        await eventually(lambda: work.ended == 2)

    assert work.at_once_most == 1


async def test_waking_during_a_run_runs_it_again(two):
    work = Work(lasts_seconds=0.1)
    job = every(seconds=3600, do=work.do)

    async with running(job, two[0]):
        job.wake()
        await eventually(lambda: work.begun == 1)
        job.wake()
        await eventually(lambda: work.ended == 2)


async def test_a_fault_is_not_the_end(two, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "RETRY_SECONDS_FIRST", 0.02)
    work = Work()
    work.faults = [ValueError("a bug"), RuntimeError("another")]

    async with running(every(seconds=3600, do=work.do, name="faulty"), two[0]):
        await eventually(lambda: work.ended == 1)

    assert work.begun == 3


async def test_a_job_waits_for_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch, two):
    monkeypatch.setattr(jobs, "RETRY_SECONDS_FIRST", 0.01)
    away = await Database.connect("postgresql://x@127.0.0.1:1/x", "away")
    work = Work()
    task = asyncio.create_task(every(seconds=0.01, do=work.do).run(away))
    await asyncio.sleep(0.1)

    assert not task.done()
    assert work.begun == 0
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_dead_owner_is_succeeded_when_its_lease_ends(two):
    await two[0].execute(
        "insert into leases (name, owner, until) values ('do', 'dead', now() + interval '0.3 s')"
    )
    work = Work()
    begun = monotonic()

    async with running(every(seconds=0.05, do=work.do), two[1]):
        await eventually(lambda: work.ended == 1)

    assert monotonic() - begun >= 0.25


async def test_a_long_run_keeps_its_lease(two):
    work = Work(lasts_seconds=1.0)

    async with AsyncExitStack() as processes:
        for database in two:
            job = every(seconds=0.01, do=work.do)
            await processes.enter_async_context(running(job, database, lease_seconds=0.3))
        await eventually(lambda: work.ended == 1)

    assert work.at_once_most == 1
    assert work.begun <= 2


async def test_a_run_that_lost_its_lease_is_ended(two, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "RETRY_SECONDS_FIRST", 30.0)
    work = Work(lasts_seconds=60)

    async with running(every(seconds=0.01, do=work.do), two[0], lease_seconds=0.3):
        await eventually(lambda: work.at_once == 1)
        await two[1].execute("update leases set owner = 'other', until = now() + interval '1 day'")
        await eventually(lambda: work.at_once == 0)

    assert work.ended == 0
    assert await two[0].fetchval("select owner from leases") == "other"


async def test_a_run_that_lasts_too_long_is_ended(two):
    work = Work(lasts_seconds=60)

    async with running(every(seconds=0.01, do=work.do, limit_seconds=0.1), two[0]):
        await eventually(lambda: work.begun == 1 and work.at_once == 0)

    assert work.ended == 0


async def test_cancelling_ends_the_run_and_lets_another_process_begin_at_once(two):
    work, other = Work(lasts_seconds=60), Work()
    async with running(every(seconds=3600, do=work.do), two[0]):
        await eventually(lambda: work.at_once == 1)

    assert work.at_once == 0
    async with running(every(seconds=3600, do=other.do), two[1]):
        await eventually(lambda: other.ended == 1)


async def test_stopping_lets_the_present_run_end_and_begins_no_other(two):
    work = Work(lasts_seconds=0.2)
    job = every(seconds=0.01, do=work.do)
    task = asyncio.create_task(job.run(two[0]))
    await eventually(lambda: work.begun == 1)

    job.stop()
    await asyncio.wait_for(task, 30)

    assert (work.begun, work.ended) == (1, 1)


async def test_every_run_has_a_trace_and_a_deadline_of_its_own(two):
    seen: list[tuple[str, float]] = []

    async def look() -> None:
        seen.append((call().trace_id, remaining_seconds() or 0))

    async with running(every(seconds=0.01, do=look, limit_seconds=50), two[0]):
        await eventually(lambda: len(seen) >= 2)

    assert seen[0][0] != seen[1][0]
    assert all(len(trace_id) == 32 and 45 < seconds <= 50 for trace_id, seconds in seen)


@pytest.mark.parametrize("options", [{"seconds": 0, "name": "x"}, {"seconds": 1}])
def test_a_job_without_a_period_or_a_name_is_refused(options):
    with pytest.raises(ValueError, match="a job needs a name and a period"):
        every(do=_Nameless(), **options)


class _Nameless:
    async def __call__(self) -> None:
        """Has no name."""


async def test_work_that_can_wait_is_done_together(two: tuple[Database, Database]) -> None:
    work = Work()
    job = every(seconds=60, do=work.do, name="linger", everywhere=True)
    async with running(job, two[0]):
        await eventually(lambda: work.ended == 1)
        for _ in range(3):
            job.wake(in_seconds=0.1)
            await asyncio.sleep(0)
        assert work.begun == 1, "it waits for more"
        await eventually(lambda: work.ended == 2)
        job.wake(in_seconds=0.1)
        await eventually(lambda: work.ended == 3)
