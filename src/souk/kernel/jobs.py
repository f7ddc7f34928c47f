"""Work that comes round again, done by one process at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from souk.kernel.context import Call, acting, within
from souk.kernel.database import Database
from souk.kernel.leases import LEASE_SECONDS, Lease
from souk.kernel.patience import backoff_seconds, spread_seconds
from souk.kernel.refusals import Refusal, Unavailable
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import job_outcomes
from souk.kernel.telemetry.traces import new_trace_id

RETRY_SECONDS_FIRST, RETRY_SECONDS_MOST = 1.0, 60.0
STOP_SECONDS_MAX = 5.0

log = logger(__name__)
Work = Callable[[], Awaitable[None]]


def every(
    *,
    seconds: float,
    do: Work,
    name: str | None = None,
    everywhere: bool = False,
    limit_seconds: float = 300,
) -> Job:
    """A job that runs `do` `seconds` after its last end, wherever that was.

    `name` (else the function's) is the lease's and unique in a service. `everywhere`: in each
    process and without a lease, for work that claims its own rows. `limit_seconds` is the
    deadline of one run.
    """
    name = name or getattr(do, "__name__", "")
    if not name or seconds <= 0:
        raise ValueError("a job needs a name and a period")
    return Job(name, seconds, do, everywhere=everywhere, limit_seconds=limit_seconds)


class Job:
    """Made by `every`; run by the process that hosts the service."""

    def __init__(
        self, name: str, seconds: float, do: Work, *, everywhere: bool, limit_seconds: float
    ) -> None:
        self.name, self.seconds, self.do = name, seconds, do
        self._everywhere, self._limit_seconds = everywhere, limit_seconds
        self._woken = asyncio.Event()
        self._waking: asyncio.TimerHandle | None = None
        self._is_stopping = False
        self._is_owed = False  # woken while another process was at it, which may have missed why
        self._failures = 0

    def wake(self, *, in_seconds: float = 0.0) -> None:
        """There is work: run now, in this process, or as soon as the run elsewhere has ended.

        Work that can wait `in_seconds` is done together with what comes in that time.
        """
        if not in_seconds:
            self._woken.set()
        elif self._waking is None:
            self._waking = asyncio.get_running_loop().call_later(in_seconds, self._wake_late)

    def stop(self) -> None:
        """Lets `run` return as soon as the present run has ended."""
        self._is_stopping = True
        self._woken.set()

    async def run(self, database: Database, *, lease_seconds: float = LEASE_SECONDS) -> None:
        """Until stopped or cancelled; the lease lies in `database`. Failures are logged."""
        lease = Lease(database, self.name, seconds=lease_seconds)
        pause = spread_seconds(min(self.seconds, 1.0))  # processes start together
        while not self._is_stopping:
            woken = await self._rest(pause)
            if not self._is_stopping:
                pause = await self._turn(lease, urgent=woken or self._is_owed)

    def _wake_late(self) -> None:
        self._waking = None
        self._woken.set()

    async def _rest(self, seconds: float) -> bool:
        """Whether it ended because somebody woke us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        woken = self._woken.is_set()
        self._woken.clear()
        return woken

    async def _turn(self, lease: Lease, *, urgent: bool) -> float:
        """One run, if it is ours to do; answers how long to rest."""
        try:
            if not self._everywhere and not await lease.claim(early=urgent):
                self._is_owed = urgent
                return await self._seconds_to_rest(lease)
        except Refusal as refusal:
            return self._failed(refusal)
        self._is_owed = False
        next_seconds = 0.0  # a cancelled run is for others to begin again at once
        try:
            with acting(Call(trace_id=new_trace_id(), deadline=within(self._limit_seconds))):
                await self._work(lease)
            self._failures = 0
            next_seconds = self.seconds
            job_outcomes.add(self.name, "done")
        except Exception as error:  # noqa: BLE001 - whatever a job's fault, the next run may do better
            next_seconds = self._failed(error)
        finally:
            if not self._everywhere:
                await lease.release(due_seconds=next_seconds)
        # A little late rather than early: PostgreSQL's clock says when it is due.
        return next_seconds + spread_seconds(min(next_seconds * 0.05, 0.5))

    async def _work(self, lease: Lease) -> None:
        """Runs `do`, holding on to the lease; ends it when that is lost or the time is over."""
        work = asyncio.ensure_future(self.do())
        try:
            async with asyncio.timeout(self._limit_seconds):
                await self._watch(work, lease)
        finally:
            if not work.done():
                work.cancel()
                await asyncio.wait({work}, timeout=STOP_SECONDS_MAX)
        work.result()

    async def _watch(self, work: asyncio.Future[None], lease: Lease) -> None:
        while not (await asyncio.wait({work}, timeout=lease.renewal_seconds))[0]:
            if not self._everywhere:
                await lease.renew()

    async def _seconds_to_rest(self, lease: Lease) -> float:
        seconds = await lease.seconds_left()
        if self._is_owed:
            seconds = min(seconds, 0.2)
        return max(seconds, 0.01) + spread_seconds(min(self.seconds * 0.1, 0.5))

    def _failed(self, error: Exception) -> float:
        """Tells it, and how long to wait before the next attempt."""
        self._failures += 1
        job_outcomes.add(self.name, "failed")
        if isinstance(error, Unavailable):
            log.warning("job_must_wait", job=self.name, reason=error.detail)
        else:
            log.error("job_failed", job=self.name, exc_info=error)
        return backoff_seconds(self._failures, first=RETRY_SECONDS_FIRST, most=RETRY_SECONDS_MOST)
