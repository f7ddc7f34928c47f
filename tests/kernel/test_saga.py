"""Sagas: done as a whole or undone as a whole, whatever breaks on the way."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from souk.kernel import failpoints
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, acting, call, within
from souk.kernel.failpoints import FailpointError
from souk.kernel.ids import new_id
from souk.kernel.refusals import (
    DeadlineExceeded,
    FieldError,
    IdempotencyKeyInFlight,
    InvalidRequest,
    Unavailable,
)
from souk.kernel.saga import Parked, Saga, Step
from souk.kernel.saga import driver as driver_module
from tests.support.databases import counted_statements
from tests.support.sagas import Trial
from tests.support.trips import (
    ALL,
    BEFORE_THE_WAY_BACK,
    DO,
    TABLES,
    NotToday,
    Participants,
    State,
    TooLate,
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


async def test_every_saga_stands_the_trial(make_saga, others):
    async def world(saga_id):
        return [deed for deed in await others.deeds(saga_id) if deed not in BEFORE_THE_WAY_BACK]

    await Trial(make_saga(), begin, world).run_everything()


async def test_a_saga_without_a_pivot_stands_the_trial(make_saga, others):
    saga = make_saga([others.step("hold"), others.step("pay"), others.step("ship")])
    await Trial(saga, begin, others.deeds).run_everything()


async def test_a_saga_with_unrecorded_steps_stands_the_trial(make_saga, others):
    async def world(saga_id):
        return [deed for deed in await others.deeds(saga_id) if deed != "confirm"]

    def unrecorded(name):
        return unchanging(others.step(name, recorded=False))

    steps = [
        unrecorded("hold"),
        unrecorded("pay"),
        Step(others.step("confirm").do, pivot=True, name="confirm"),
        unrecorded("ship"),
        others.step("thank"),
    ]
    await Trial(make_saga(steps), begin, world).run_everything()


def unchanging(step):
    """What it answers is what it was given, so doing it again comes to the same."""

    async def do(state):
        await step.do(state)
        return state

    return replace(step, do=do)


async def test_of_unrecorded_steps_whoever_takes_over_undoes_all(make_saga, others, database):
    steps = [
        others.step("price", can_undo=False),
        others.step("hold", recorded=False),
        others.step("pay", recorded=False),
        others.step("confirm", pivot=True),
    ]
    saga = make_saga(steps)
    saga_id = await begin(saga)
    with failpoints.armed("saga.trip.confirm.before", "error*1"), suppress(FailpointError):
        await saga.run(saga_id)
    row = await journal(database, saga_id)
    assert (row["status"], row["step"]) == ("running", 1)

    others.troubles["hold"] = [NotToday(count=1)]
    await database.execute("update sagas set lease_until = now() where id = $1", saga_id)
    assert (await make_saga(steps).run(saga_id)).status == "undone"
    assert others.calls == ["price", "hold", "pay", "hold", "unpay", "unhold"]
    assert await others.deeds(saga_id) == BEFORE_THE_WAY_BACK


async def test_a_parked_step_is_recorded_with_what_came_before_it(make_saga, others, database):
    async def wait(state):
        return Parked(state, SystemClock().now() + timedelta(seconds=60))

    steps = [others.step("hold", recorded=False), Step(wait), others.step("thank")]
    saga = make_saga(steps)
    saga_id = await begin(saga)
    outcome = await saga.run(saga_id)
    assert (outcome.status, outcome.state.trail) == ("parked", ("hold",))
    assert (await journal(database, saga_id))["step"] == 1


async def test_a_pivot_and_an_end_without_a_record_are_refused(make_saga, others):
    for steps in (
        [others.step("confirm", pivot=True, recorded=False), others.step("ship")],
        [others.step("hold"), others.step("ship", recorded=False)],
    ):
        with pytest.raises(ValueError, match="must be recorded"):
            make_saga(steps)


def forgetful(others, step):
    """Its undo undoes nothing."""

    async def undo(state):
        pass

    return replace(step, undo=undo)


def greedy(others, step):
    """Every call takes something more."""

    async def do(state):
        await others.database.execute(DO, state.id, f"pay {len(others.calls)}")
        return await step.do(state)

    return replace(step, do=do)


def deaf(others, step):
    """It does what has been called off."""

    async def do(state):
        with suppress(TooLate):
            return await step.do(state)
        await others.database.execute("update deeds set status = 'done' where saga = $1", state.id)
        return state

    return replace(step, do=do)


@pytest.mark.parametrize(
    ("flaw", "finding"),
    [
        (forgetful, Trial.refuse_each_step),
        (greedy, Trial.repeat_each_step),
        (greedy, Trial.crash_at_each_line),
        (forgetful, Trial.crash_at_each_line_of_undoing),
        (deaf, Trial.undo_each_step_before_it_is_done),
        (deaf, Trial.do_each_step_after_it_was_undone),
    ],
)
async def test_the_trial_finds_a_participant_with_a_flaw(make_saga, others, flaw, finding):
    saga = make_saga([others.step("hold"), flaw(others, others.step("pay"))])
    with pytest.raises(AssertionError):
        await finding(Trial(saga, begin, others.deeds))


async def test_the_answer_comes_at_the_pivot_and_the_rest_in_the_background(saga, others, database):
    goes_on = asyncio.Event()
    others.troubles["ship"] = goes_on.wait
    saga_id = await begin(saga)
    outcome = await saga.run(saga_id)
    assert (outcome.status, outcome.refusal) == ("confirmed", None)
    assert outcome.state.trail == ("price", "hold", "pay", "confirm")
    assert await ends(database, saga_id) == {"confirmed": None}
    goes_on.set()
    await eventually(lambda: is_done(saga, saga_id))
    assert await others.deeds(saga_id) == ALL
    assert await ends(database, saga_id) == {"confirmed": None, "done": None}


async def test_a_refusal_undoes_in_reverse_with_the_step_in_doubt(saga, others, database):
    others.troubles["pay"] = [NotToday(count=3)]
    saga_id = await begin(saga)
    outcome = await saga.run(saga_id)
    assert outcome.status == "undone"
    assert others.calls == ["price", "hold", "pay", "unpay", "unhold"]
    assert await ends(database, saga_id) == {"undone": "NotToday"}


async def test_the_refusal_is_the_same_for_everybody_who_asks(make_saga, others):
    others.troubles["pay"] = [NotToday(count=3)]
    saga = make_saga()
    saga_id = await begin(saga)
    for asked in (saga, saga, make_saga()):
        refusal = (await asked.run(saga_id)).refusal
        assert isinstance(refusal, NotToday)
        assert (refusal.count, refusal.detail) == (3, "Not before 3 days.")


async def test_wrong_fields_are_told_after_a_restart_as_well(make_saga, others):
    wrong = FieldError("address", "is not known")
    others.troubles["hold"] = [InvalidRequest(wrong)]
    saga = make_saga()
    saga_id = await begin(saga)
    await saga.run(saga_id)
    refusal = (await make_saga().run(saga_id)).refusal
    assert isinstance(refusal, InvalidRequest)
    assert refusal.errors == (wrong,)


@pytest.mark.parametrize(
    "trouble",
    [Unavailable(service="payments"), DeadlineExceeded(), IdempotencyKeyInFlight(), KeyError("x")],
)
async def test_an_unknown_outcome_is_tried_again(saga, others, trouble):
    others.troubles["pay"] = [trouble, trouble]
    saga_id = await begin(saga)
    assert (await saga.run(saga_id)).status == "confirmed"
    assert others.calls.count("pay") == 3
    assert "unpay" not in others.calls


async def test_what_hangs_is_cut_off_and_tried_again(saga, others, monkeypatch):
    monkeypatch.setattr(driver_module, "STEP_SECONDS_MAX", 0.1)
    hung = []

    async def hang_once():
        if not hung:
            hung.append(call().deadline)
            await asyncio.Event().wait()

    others.troubles["pay"] = hang_once
    saga_id = await begin(saga)
    assert (await saga.run(saga_id)).status == "confirmed"
    assert hung[0] is not None


async def test_past_its_deadline_it_is_undone(saga, others, database):
    others.troubles["pay"] = [Unavailable(service="payments")] * 1000
    saga_id = await begin(saga, seconds=0.5)
    start = monotonic()
    outcome = await saga.run(saga_id)
    assert outcome.status == "undone"
    assert isinstance(outcome.refusal, DeadlineExceeded)
    assert 0.3 < monotonic() - start < 5
    assert await others.deeds(saga_id) == BEFORE_THE_WAY_BACK
    assert others.calls[-2:] == ["unpay", "unhold"]


async def test_from_the_pivot_on_it_goes_forward_whatever_is_said(saga, others):
    others.troubles["confirm"] = [NotToday(count=1), Unavailable(service="orders")]
    others.troubles["ship"] = [NotToday(count=1), ValueError("a bug")]
    saga_id = await begin(saga)
    await saga.database.execute("update sagas set deadline_at = now() where id = $1", saga_id)
    assert (await saga.run(saga_id)).status == "confirmed"
    await eventually(lambda: is_done(saga, saga_id))
    assert not any(call.startswith("un") for call in others.calls)


async def test_undoing_is_tried_until_it_succeeds(saga, others):
    others.troubles["pay"] = [NotToday(count=1)]
    others.troubles["unhold"] = [Unavailable(service="inventory"), NotToday(count=1), OSError()]
    saga_id = await begin(saga)
    assert (await saga.run(saga_id)).status == "undone"
    assert others.calls.count("unhold") == 4
    assert await others.deeds(saga_id) == BEFORE_THE_WAY_BACK


async def test_a_long_trouble_is_left_to_the_job(saga, others, database, monkeypatch):
    monkeypatch.setattr(driver_module, "PAUSE_IN_HAND_SECONDS", 0.0)
    others.troubles["pay"] = [Unavailable(service="payments")] * 2
    saga_id = await begin(saga)
    with acting(Call(deadline=within(0.3))):
        assert (await saga.run(saga_id)).status in {"running", "confirmed"}

    async def finished():
        await saga.resume()
        return await is_done(saga, saga_id)

    await eventually(finished)
    assert others.calls.count("pay") == 3


async def test_a_second_start_of_the_same_saga_changes_nothing(saga, others):
    saga_id = await begin(saga)
    await saga.run(saga_id)
    async with saga.database.transaction() as tx:
        again = State(saga_id, ("again",))
        assert not await saga.start(tx, saga_id, again, datetime.now(UTC))
    assert (await saga.run(saga_id)).state.trail[0] == "price"
    assert others.calls.count("pay") == 1


async def test_a_start_that_is_rolled_back_never_was(saga, others):
    saga_id = new_id()

    async def start_and_fail(tx):
        await saga.start(tx, saga_id, State(saga_id), SystemClock().now())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await saga.database.transact(start_and_fail)
    with pytest.raises(LookupError):
        await saga.run(saga_id)
    assert others.calls == []


async def test_what_breaks_a_rule_is_not_recorded_and_tried_again(make_saga, database):
    saga = make_saga()
    saga_id = await begin(saga)
    await database.execute("insert into ends values ($1, 'confirmed', null)", saga_id)
    with acting(Call(deadline=within(0.5))):
        assert (await saga.run(saga_id)).status == "running"
    row = await journal(database, saga_id)
    assert (row["status"], row["step"]) == ("running", 3)
    await database.execute("delete from ends where saga = $1", saga_id)
    assert (await saga.run(saga_id)).status == "confirmed"


@pytest.mark.parametrize(("recorded", "statements"), [(True, 8), (False, 1)])
async def test_a_recorded_step_costs_a_statement(database, recorded, statements):
    async def nothing(state):
        return state

    steps = [Step(nothing, name=f"step{n}", recorded=recorded) for n in range(7)]
    steps.append(Step(nothing, name="last"))
    saga = Saga("trivial", steps, state=State, database=database)
    saga_id = await begin(saga)
    async with counted_statements(database) as asked:
        assert (await saga.run(saga_id)).status == "done"
    assert len(asked) == statements
    await saga.stop()


def test_steps_without_names_of_their_own_are_refused(database_of, others):
    for steps in ([], [others.step("pay"), others.step("pay")]):
        with pytest.raises(ValueError, match="names of their own"):
            Saga("wrong", steps, state=State, database=others.database)
