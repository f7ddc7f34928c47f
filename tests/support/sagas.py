"""What every saga must stand: each step refused, repeated, crashed, late, undone first, done late.

    trial = Trial(checkout_saga(...), begin=place_an_order, world=all_that_participants_hold)
    await trial.run_everything()

`begin(saga)` makes a world of its own, starts the saga in it by `saga.start` and answers the id.
`world(saga_id)` is what the participants hold because of it, without ids and times: what is equal
for two runs with the same end. The plain run must reach its end without parking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from msgspec import Struct

from souk.kernel import failpoints
from souk.kernel.failpoints import FailpointError
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.saga import Outcome, Saga, Step
from tests.support.waiting import eventually

S = TypeVar("S", bound=Struct)
LINES = ("before", "between", "after")
ENDS = ("done", "undone")


class RefusedForTrial(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Step {step} says no."
    step: str


@dataclass(frozen=True)
class Trial(Generic[S]):
    saga: Saga[S]
    begin: Callable[[Saga[S]], Awaitable[str]]
    world: Callable[[str], Awaitable[Any]]

    async def run_everything(self) -> None:
        await self.refuse_each_step()
        await self.repeat_each_step()
        await self.crash_at_each_line()
        await self.crash_at_each_line_and_run_out_of_time()
        await self.crash_at_each_line_of_undoing()
        await self.undo_each_step_before_it_is_done()
        await self.do_each_step_after_it_was_undone()

    async def refuse_each_step(self) -> None:
        """A no, whether the step had an effect or none, leaves nothing and is told for ever."""
        for step in self._undoable():
            for refuse in (_refusing_before, _refusing_after):
                saga = self._with(lambda one, of=step, how=refuse: how(one) if one == of else one)
                saga_id, untouched = await self._begun(saga)
                outcome = await saga.run(saga_id)
                _expect_refused(outcome, step)
                assert await self.world(saga_id) == untouched, f"{step.name} was not undone"
                _expect_refused(await self._with().run(saga_id), step)

    async def repeat_each_step(self) -> None:
        """Every call made twice comes to the same."""
        expected = await self._plain_end()
        saga = self._with(_twice)
        saga_id, _ = await self._begun(saga)
        assert (await self._ended(saga, saga_id)).status == "done"
        assert await self.world(saga_id) == expected
        last = self._undoable()[-1]
        saga = self._with(lambda one: _twice(_refusing_after(one) if one == last else one))
        saga_id, untouched = await self._begun(saga)
        assert (await self._ended(saga, saga_id)).status == "undone"
        assert await self.world(saga_id) == untouched

    async def crash_at_each_line(self) -> None:
        """Whoever finds the journal brings it to the same end."""
        expected = await self._plain_end()
        for step in self.saga.steps:
            for line in LINES:
                calls: Counter[str] = Counter()
                saga = self._with(lambda one, seen=calls: _counting(one, seen))
                saga_id, _ = await self._begun(saga)
                name = f"saga.{saga.name}.{step.name}.{line}"
                outcome = await self._crashed(saga, saga_id, name)
                assert outcome.status == "done", name
                assert await self.world(saga_id) == expected, name
                is_repeated = line == "between" or (line == "after" and not step.recorded)
                assert calls[step.name] == (2 if is_repeated else 1), name

    async def crash_at_each_line_and_run_out_of_time(self) -> None:
        """Whoever finds it past its deadline goes back, unless the record says it cannot."""
        expected = await self._plain_end()
        for step in self.saga.steps:
            for line in LINES:
                saga = self._with()
                saga_id, untouched = await self._begun(saga)
                name = f"saga.{saga.name}.{step.name}.{line}"
                outcome = await self._crashed(saga, saga_id, name, is_late=True)
                goes_back = self._recorded_after(step, line) < len(self._undoable())
                assert outcome.status == ("undone" if goes_back else "done"), name
                assert await self.world(saga_id) == (untouched if goes_back else expected), name

    async def crash_at_each_line_of_undoing(self) -> None:
        last = self._undoable()[-1]
        for step in self._undoable():
            for line in LINES if step.undo else ():
                saga = self._with(lambda one: _refusing_after(one) if one == last else one)
                saga_id, untouched = await self._begun(saga)
                name = f"saga.{saga.name}.{step.name}.undo.{line}"
                outcome = await self._crashed(saga, saga_id, name)
                _expect_refused(outcome, last)
                assert await self.world(saga_id) == untouched, name

    async def undo_each_step_before_it_is_done(self) -> None:
        """The order to undo overtakes the order to do: undoing nothing succeeds, doing fails."""
        for step in self._undoable():
            if step.undo is None:
                continue
            saga = self._with(lambda one, of=step: _undone_first(one) if one == of else one)
            saga_id, untouched = await self._begun(saga)
            outcome = await self._ended(saga, saga_id)
            assert outcome.status == "undone", f"{step.name} was done after it had been undone"
            assert await self.world(saga_id) == untouched, step.name

    async def do_each_step_after_it_was_undone(self) -> None:
        """A call that was thought lost and arrives after the end leaves nothing behind."""
        last = self._undoable()[-1]
        states: dict[str, S] = {}
        saga = self._with(
            lambda one: _remembering(_refusing_after(one) if one == last else one, states)
        )
        saga_id, untouched = await self._begun(saga)
        assert (await self._ended(saga, saga_id)).status == "undone"
        for step in self._undoable():
            if step.undo is not None:
                with suppress(Refusal):
                    await step.do(states[step.name])
                assert await self.world(saga_id) == untouched, f"{step.name} was done too late"

    def _with(self, change: Callable[[Step[S]], Step[S]] = lambda step: step) -> Saga[S]:
        """The saga as another process has it, its steps changed."""
        return Saga(
            self.saga.name,
            [change(step) for step in self.saga.steps],
            state=self.saga.state,
            database=self.saga.database,
            settle=self.saga.settle,
            lease_seconds=self.saga.lease_seconds,
        )

    def _undoable(self) -> Sequence[Step[S]]:
        pivots = [index for index, step in enumerate(self.saga.steps) if step.pivot]
        return self.saga.steps[: pivots[0] if pivots else None]

    def _recorded_after(self, step: Step[S], line: str) -> int:
        """How many steps the journal knows to be done when it ends at that line."""
        done = self.saga.steps.index(step) + (line == "after")
        while done and not self.saga.steps[done - 1].recorded:
            done -= 1
        return done

    async def _begun(self, saga: Saga[S]) -> tuple[str, Any]:
        saga_id = await self.begin(saga)
        return saga_id, await self.world(saga_id)

    async def _plain_end(self) -> Any:
        saga = self._with()
        saga_id, untouched = await self._begun(saga)
        assert (await self._ended(saga, saga_id)).status == "done"
        end = await self.world(saga_id)
        assert end != untouched, "the trial sees nothing of what the saga does"
        return end

    async def _ended(self, saga: Saga[S], saga_id: str) -> Outcome[S]:
        async def look() -> Outcome[S] | None:
            outcome = await saga.run(saga_id)
            return outcome if outcome.status in ENDS else None

        return await eventually(look)

    async def _crashed(
        self, saga: Saga[S], saga_id: str, line: str, *, is_late: bool = False
    ) -> Outcome[S]:
        """The end to which another process brings it after a crash at that line."""
        with failpoints.armed(line, "error*1"):
            try:
                outcome = await saga.run(saga_id)
                assert outcome.status == "confirmed" or line.endswith("after"), line
            except FailpointError:
                pass
            await eventually(lambda: saga.in_hand == 0)
        # As if the lease of the dead had run out.
        await saga.database.execute("update sagas set lease_until = now() where id = $1", saga_id)
        if is_late:
            await saga.database.execute(
                "update sagas set deadline_at = now() where id = $1", saga_id
            )
        other = self._with(lambda one: saga.steps[[s.name for s in saga.steps].index(one.name)])
        await other.resume()
        return await self._ended(other, saga_id)


def _expect_refused(outcome: Outcome[Any], step: Step[Any]) -> None:
    assert outcome.status == "undone", step.name
    assert isinstance(outcome.refusal, RefusedForTrial)
    assert outcome.refusal.step == step.name


def _refusing_before(step: Step[S]) -> Step[S]:
    async def refuse(state: S) -> S:
        raise RefusedForTrial(step=step.name)

    return replace(step, do=refuse)


def _refusing_after(step: Step[S]) -> Step[S]:
    async def do_and_refuse(state: S) -> S:
        await step.do(state)
        raise RefusedForTrial(step=step.name)

    return replace(step, do=do_and_refuse)


def _twice(step: Step[S]) -> Step[S]:
    async def do_twice(state: S) -> Any:
        with suppress(RefusedForTrial):
            await step.do(state)
        return await step.do(state)

    async def undo_twice(state: S) -> None:
        assert step.undo is not None
        await step.undo(state)
        await step.undo(state)

    return replace(step, do=do_twice, undo=undo_twice if step.undo else None)


def _counting(step: Step[S], calls: Counter[str]) -> Step[S]:
    async def do_and_count(state: S) -> Any:
        calls[step.name] += 1
        return await step.do(state)

    return replace(step, do=do_and_count)


def _undone_first(step: Step[S]) -> Step[S]:
    async def undo_and_do(state: S) -> Any:
        assert step.undo is not None
        await step.undo(state)
        return await step.do(state)

    return replace(step, do=undo_and_do)


def _remembering(step: Step[S], states: dict[str, S]) -> Step[S]:
    async def do_and_remember(state: S) -> Any:
        states[step.name] = state
        return await step.do(state)

    return replace(step, do=do_and_remember)
