"""One saga in the hands of one process: step by step, forwards or back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Generic

import asyncpg

from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting, call, within
from souk.kernel.failpoints import reach
from souk.kernel.patience import backoff_seconds
from souk.kernel.refusals import DeadlineExceeded, Refusal
from souk.kernel.saga.journal import Entry, Journal, LeaseLost
from souk.kernel.saga.steps import Outcome, Parked, S, Settle, Status, Step, is_answer
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import saga_outcomes
from souk.kernel.wave import Wave

STEP_SECONDS_MAX = 30.0
PAUSE_SECONDS_FIRST, PAUSE_SECONDS_MOST = 0.05, 30.0
PAUSE_IN_HAND_SECONDS = 1.0  # for a longer one the saga is let go
RELEASE_SECONDS_MAX = 2.0

log = logger(__name__)


class Driver(Generic[S]):
    """Drives until there is nothing to do for now. When it breaks, the row stays as it is and
    its lease runs out: as if the process had died."""

    def __init__(
        self,
        journal: Journal[S],
        steps: Sequence[Step[S]],
        entry: Entry[S],
        *,
        settle: Mapping[Status, Settle[S]],
        wave: Wave,
        is_fresh: bool,
    ) -> None:
        self.entry = entry
        self.woken = asyncio.Event()
        # What to tell who waits; None: it was let go without an outcome.
        self.outcome: asyncio.Future[Outcome[S] | None] = asyncio.get_running_loop().create_future()
        self.outcome.add_done_callback(_retrieved)
        self._journal = journal
        self._steps = steps
        self._settle = settle
        self._wave = wave
        self._pivot = pivot_of(steps)
        self._trace_id = call().trace_id
        self._is_stopping = False
        # The furthest step that may have been begun: whoever was at it before us (nobody, where
        # it is fresh) may have come further than its record says.
        self._begun = entry.step if is_fresh else self._unrecorded_from(entry.step)
        if entry.status == "confirmed":
            self._tell("confirmed")

    def stop(self) -> None:
        """Gives the saga back when the present step has ended."""
        self._is_stopping = True
        self.woken.set()

    async def drive(self) -> None:
        try:
            # The time of whoever asked is not the saga's, nor is who asked.
            with acting(Call(trace_id=self._trace_id)):
                await self._go()
        except LeaseLost:
            log.warning("saga_lease_lost", saga=self._journal.name, id=self.entry.id)
        except asyncio.CancelledError:
            await self._release()
            raise
        except Exception as error:
            log.error("saga_broke", saga=self._journal.name, id=self.entry.id, exc_info=error)
            if not self.outcome.done():
                self.outcome.set_exception(error)
        finally:
            if not self.outcome.done():
                self.outcome.set_result(None)

    async def _go(self) -> None:
        going = True
        while going and self.entry.status not in ("done", "undone"):
            if self._is_stopping:
                await self._release()
                return
            going = await (self._undo() if self.entry.status == "undoing" else self._do())

    async def _do(self) -> bool:
        """Whether to go on with the next step."""
        step = self._steps[self.entry.step]
        if self._may_undo and monotonic() >= self.entry.due:
            return await self._turn_back(DeadlineExceeded())
        await self._reach(step, "before")
        try:
            result = await self._call(step.do)
        except Exception as error:  # noqa: BLE001 - what nobody knows is what sagas are for
            if isinstance(error, Refusal) and is_answer(error) and self._may_undo:
                return await self._turn_back(error)
            return await self._try_again(step, error)
        await self._reach(step, "between")
        if isinstance(result, Parked):
            return await self._park(result.state, result.until)
        if not step.recorded:
            self.entry.go_on(result)
        else:
            try:
                await self._record(self._status_after(step), self.entry.step + 1, result)
            except asyncpg.IntegrityConstraintViolationError as error:
                # Nothing of it was written: the step comes to something else, or its time ends.
                return await self._try_again(step, error)
        await self._reach(step, "after")
        if step.pivot and self.entry.status == "confirmed":
            await self._wave()  # whoever waited has been told: there is time to go on with others
        return True

    async def _undo(self) -> bool:
        step = self._steps[self.entry.step]
        if step.undo is not None:
            await self._reach(step, "undo.before")
            try:
                await self._call(step.undo)
            except Exception as error:  # noqa: BLE001 - undoing goes on until it succeeds
                return await self._try_again(step, error)
            await self._reach(step, "undo.between")
        await self._back_to(self.entry.step - 1)
        await self._reach(step, "undo.after")
        return True

    @property
    def _may_undo(self) -> bool:
        return self.entry.step < self._pivot

    def _unrecorded_from(self, index: int) -> int:
        """The last step before the pivot that may have been begun when `index` was recorded."""
        while index + 1 < self._pivot and not self._steps[index].recorded:
            index += 1
        return index

    def _status_after(self, step: Step[S]) -> Status:
        if self.entry.step + 1 == len(self._steps):
            return "done"
        return "confirmed" if step.pivot else self.entry.status

    async def _turn_back(self, refusal: Refusal) -> bool:
        """The step that refused is undone as well: whether it was done is in doubt."""
        self.entry.refusal = refusal
        await self._back_to(max(self.entry.step, self._begun))
        return True

    async def _back_to(self, index: int) -> None:
        while index >= 0 and self._steps[index].undo is None:
            index -= 1
        status: Status = "undoing" if index >= 0 else "undone"
        await self._record(status, max(index, 0), self.entry.state)

    async def _record(self, status: Status, step: int, state: S) -> None:
        is_news = status in ("confirmed", "done", "undone") and status != self.entry.status
        settle = self._settle.get(status) if is_news else None
        await self._journal.record(self.entry, status, step, state, settle)
        if is_news:
            saga_outcomes.add(self._journal.name, status)
            self._tell(status)

    async def _park(self, state: S, until: datetime) -> bool:
        status: Status = "confirmed" if self.entry.status == "confirmed" else "parked"
        self.woken.clear()
        if not await self._journal.park(self.entry, status, state, until):
            return True
        saga_outcomes.add(self._journal.name, "parked")
        self._tell(status)
        return False

    async def _try_again(self, step: Step[S], error: Exception) -> bool:
        self.entry.attempts += 1
        name, attempts = f"{self._journal.name}.{step.name}", self.entry.attempts
        log.warning("saga_step_failed", step=name, id=self.entry.id, attempts=attempts, error=error)
        pause = backoff_seconds(attempts, first=PAUSE_SECONDS_FIRST, most=PAUSE_SECONDS_MOST)
        if self.entry.status != "undoing" and self._may_undo:
            pause = min(pause, max(self.entry.due - monotonic(), 0.0))
        if pause > PAUSE_IN_HAND_SECONDS:
            await self._journal.later(self.entry, pause)
            return False
        self.woken.clear()
        if not self._is_stopping:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self.woken.wait()
                self.woken.clear()
        return True

    async def _call(self, what: Callable[[S], Awaitable[Any]]) -> Any:
        seconds = STEP_SECONDS_MAX
        if self.entry.status != "undoing" and self._may_undo:
            seconds = min(seconds, max(self.entry.due - monotonic(), 0.01))
        with acting(Call(trace_id=self._trace_id, deadline=within(seconds))):
            async with asyncio.timeout(seconds):
                return await what(self.entry.state)

    async def _reach(self, step: Step[S], line: str) -> None:
        await reach(f"saga.{self._journal.name}.{step.name}.{line}")

    def _tell(self, status: Any) -> None:
        refusal = self.entry.refusal if status == "undone" else None
        if not self.outcome.done():
            self.outcome.set_result(Outcome(status, self.entry.state, refusal))

    async def _release(self) -> None:
        """An outage does it later: the lease runs out."""
        with suppress(Refusal, TimeoutError), acting(Call(deadline=within(RELEASE_SECONDS_MAX))):
            await self._journal.release(self.entry)


def pivot_of(steps: Sequence[Step[Any]]) -> int:
    """The index of the pivot; behind the last step when there is none."""
    return next((index for index, step in enumerate(steps) if step.pivot), len(steps))


def _retrieved(outcome: asyncio.Future[Any]) -> None:
    """Nobody may be waiting, and the failure has been logged."""
    if not outcome.cancelled():
        outcome.exception()
