"""A saga: a list of steps, driven by whichever process has its lease, to one of two ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import count
from typing import Generic, cast

from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting, call, remaining_seconds, within
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import process_id
from souk.kernel.jobs import Job, every
from souk.kernel.refusals import Refusal
from souk.kernel.saga.driver import Driver, pivot_of
from souk.kernel.saga.journal import Entry, Journal
from souk.kernel.saga.steps import Outcome, S, Settle, Status, Step, Told
from souk.kernel.telemetry import logger
from souk.kernel.wave import Wave
from souk.kernel.writes import Write

LEASE_SECONDS = 8.0
RESUME_EVERY_SECONDS = 1.0
RESUMED_AT_ONCE = 8
RUN_SECONDS_MAX = 30.0
RUN_MARGIN_SECONDS = 0.2  # in which the caller can still say that it goes on
WAVE_SECONDS = 0.05  # between the pivot, which is told at once, and what follows from it
LOOK_SECONDS_FIRST, LOOK_SECONDS_MOST = 0.02, 0.25
JOURNAL_SECONDS_MAX = 5.0
STOP_SECONDS_MAX = 5.0

log = logger(__name__)


class Saga(Generic[S]):
    """Steps and a journal. Started in a caller's transaction, driven by `run`, `wake` and the job.

    A step is recorded, with the state it answers, before the next begins, unless it says that it
    need not be. A refusal before the pivot undoes what was done, the step that refused included;
    so does the deadline. Any other failure leaves the outcome unknown, so the step is tried again.
    `settle[status](tx, state, status, refusal)` runs in the transaction that records `confirmed`,
    `done` or `undone`; or it is `AtOnce` with it.
    """

    def __init__(
        self,
        name: str,
        steps: Sequence[Step[S]],
        *,
        state: type[S],
        database: Database,
        settle: Mapping[Status, Settle[S]] | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        _check(name, steps, state)
        self.name, self.steps, self.state = name, tuple(steps), state
        self.database, self.settle, self.lease_seconds = database, settle or {}, lease_seconds
        self._journal = Journal(
            database, name, state, pivot=pivot_of(steps), lease_seconds=lease_seconds
        )
        self._wave = Wave(WAVE_SECONDS)
        self._process, self._claims = process_id(), count(1)
        self._fresh: dict[str, tuple[float, Entry[S]]] = {}
        self._drivers: dict[str, Driver[S]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._resumed: set[Driver[S]] = set()
        self._has_more = False  # the job found as many as it could take
        self._keeping: asyncio.Task[None] | None = None
        self._is_stopping = False
        self._job: Job | None = None

    async def start(self, tx: Transaction, saga_id: str, state: S, deadline: datetime) -> bool:
        """Begins when the transaction commits; False when it had been started before.

        From `deadline` on it is undone unless its pivot was reached. Call `run` next: until its
        lease runs out, nobody else does.
        """
        entry = await self._journal.start(tx, saga_id, state, self._claim(), deadline)
        if entry is None:
            return False
        tx.on_commit(partial(self._keep_fresh, entry))
        return True

    async def start_with(
        self, first: Write, saga_id: str, state: S, deadline: datetime, *, sort_key: str
    ) -> bool:
        """`start` in one statement with what makes it begin; False when that wrote nothing.
        `sort_key`: see `GroupCommit`.
        """
        entry = await self._journal.start_with(
            first, saga_id, state, self._claim(), deadline, sort_key=sort_key
        )
        if entry is None:
            return False
        self._keep_fresh(entry)
        return True

    async def run(self, saga_id: str) -> Outcome[S]:
        """Drives it, here and now, or waits for who does; returns at the first of these:

        `confirmed` (the pivot is recorded; the rest goes on in the background), `done`, `undone`,
        `parked`, or `running` when the caller's time is over. Raises LookupError for an unknown
        one, Unavailable when the journal cannot be reached.
        """
        allowed = remaining_seconds()
        end = monotonic() + (RUN_SECONDS_MAX if allowed is None else allowed - RUN_MARGIN_SECONDS)
        pause = LOOK_SECONDS_FIRST
        while True:
            driver = self._drivers.get(saga_id) or self._begin_fresh(saga_id)
            if driver is None:
                entry, is_ours = await self._claim_one(saga_id)
                if is_ours:
                    driver = self._begin(entry)
                elif entry.status in ("parked", "confirmed", "done", "undone"):
                    return _outcome(entry)
            else:
                entry = driver.entry
            if driver:
                await asyncio.wait({driver.outcome}, timeout=max(end - monotonic(), 0))
                if driver.outcome.done() and (outcome := driver.outcome.result()):
                    return outcome
            if monotonic() + pause >= end or self._is_stopping:
                return Outcome("running", entry.state)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LOOK_SECONDS_MOST)

    async def remember(self, tx: Transaction, saga_id: str, state: S, *, at: datetime) -> None:
        """One that ended well before this journal knew of it; nothing of it is done (again)."""
        await self._journal.remember(tx, saga_id, state, step=len(self.steps), at=at)

    async def wake(self, tx: Transaction, saga_id: str) -> None:
        """What a parked step waits for may have happened: it is asked again after the commit."""
        await self._journal.wake(tx, saga_id)
        tx.on_commit(partial(self._wake_here, saga_id))

    def job(self) -> Job:
        """Finds sagas that a dead process left, and those whose pause or deadline is over."""
        if self._job is None:
            self._job = every(
                seconds=RESUME_EVERY_SECONDS,
                do=self.resume,
                name=f"saga_{self.name}",
                everywhere=True,  # sagas are claimed one by one
            )
        return self._job

    async def resume(self) -> None:
        """One look for sagas to drive, of which eight at once are driven in this process."""
        free = RESUMED_AT_ONCE - len(self._resumed)
        if free <= 0 or self._is_stopping:
            return
        entries = await self._journal.claim_due(self._claim(), free)
        self._has_more = len(entries) == free
        for entry in entries:
            self._resumed.add(self._begin(entry))

    async def stop(self) -> None:
        """Finishes the steps that run, for five seconds at most, and gives every saga back."""
        self._is_stopping = True
        for driver in list(self._drivers.values()):
            driver.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS_MAX)
        late = [*self._tasks, *([self._keeping] if self._keeping else [])]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    @property
    def in_hand(self) -> int:
        """How many sagas this process is driving."""
        return len(self._tasks)

    def _claim(self) -> str:
        """Every claim has a name of its own: who lost a lease cannot record under the next."""
        return f"{self._process}-{next(self._claims)}"

    async def _claim_one(self, saga_id: str) -> tuple[Entry[S], bool]:
        # Not in the caller's time, which may be just over: there is an answer for that.
        with acting(Call(trace_id=call().trace_id, deadline=within(JOURNAL_SECONDS_MAX))):
            return await self._journal.claim_one(saga_id, self._claim())

    def _keep_fresh(self, entry: Entry[S]) -> None:
        safe_until = monotonic() + self.lease_seconds / 2
        self._fresh[entry.id] = (safe_until, entry)
        # Those that nobody ran are the oldest, and for the job by now.
        for saga_id, (until, _) in list(self._fresh.items())[:2]:
            if until < monotonic():
                del self._fresh[saga_id]

    def _begin_fresh(self, saga_id: str) -> Driver[S] | None:
        safe_until, entry = self._fresh.pop(saga_id, (0.0, None))
        if entry is None or safe_until < monotonic():
            return None
        return self._begin(entry, is_fresh=True)

    def _begin(self, entry: Entry[S], *, is_fresh: bool = False) -> Driver[S]:
        driver = Driver(
            self._journal,
            self.steps,
            entry,
            settle=self.settle,
            wave=self._wave,
            is_fresh=is_fresh,
        )
        self._drivers[entry.id] = driver
        task = asyncio.create_task(driver.drive(), name=f"saga {self.name}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, driver))
        if self._is_stopping:
            driver.stop()
        elif self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_leases(), name=f"leases {self.name}")
        return driver

    def _ended(self, driver: Driver[S], task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        saga_id = driver.entry.id
        if self._drivers.get(saga_id) is driver:
            del self._drivers[saga_id]
        if driver in self._resumed:
            self._resumed.discard(driver)
            if self._has_more and self._job:
                self._job.wake()
        if driver.woken.is_set() and not self._is_stopping:
            self._wake_here(saga_id)  # in the moment in which it parked

    def _wake_here(self, saga_id: str) -> None:
        if self._is_stopping:
            return
        if driver := self._drivers.get(saga_id):
            driver.woken.set()
            return
        task = asyncio.create_task(self._resume_one(saga_id), name=f"wake {self.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _resume_one(self, saga_id: str) -> None:
        with suppress(LookupError):
            try:
                entry, is_ours = await self._claim_one(saga_id)
            except Refusal as refusal:  # the job will find it
                log.warning("saga_not_resumed", saga=self.name, id=saga_id, reason=refusal.detail)
                return
            if is_ours:
                self._begin(entry)

    async def _keep_leases(self) -> None:
        """As long as there is a saga in hand."""
        while self._drivers:
            await asyncio.sleep(self.lease_seconds / 3)
            try:
                with acting(Call(deadline=within(self.lease_seconds / 3))):
                    await self._journal.renew([one.entry for one in self._drivers.values()])
            except Refusal as refusal:  # a lost lease is found out at the next record
                log.warning("saga_leases_not_renewed", saga=self.name, reason=refusal.detail)


def _outcome(entry: Entry[S]) -> Outcome[S]:
    refusal = entry.refusal if entry.status == "undone" else None
    return Outcome(cast(Told, entry.status), entry.state, refusal)


def _check(name: str, steps: Sequence[Step[S]], state: type[S]) -> None:
    names = [step.name for step in steps]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"saga {name}: steps must be there and have names of their own")
    if sum(step.pivot for step in steps) > 1:
        raise ValueError(f"saga {name}: there is one point of no return at most")
    if not (steps[-1].recorded and all(step.recorded for step in steps if step.pivot)):
        raise ValueError(f"saga {name}: its pivot and its end must be recorded")
    if not state.__struct_config__.frozen:
        raise ValueError(f"saga {name}: its state must be a frozen Struct")
