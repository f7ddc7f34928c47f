"""Sagas: done as a whole or undone as a whole, whatever breaks on the way."""

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec import Struct

from souk.kernel import failpoints
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, acting, call, within
from souk.kernel.failpoints import EXIT_STATUS
from souk.kernel.ids import new_id
from souk.kernel.refusals import (
    DeadlineExceeded,
    FieldError,
    IdempotencyKeyInFlight,
    InvalidRequest,
    Kind,
    Refusal,
    Unavailable,
)
from souk.kernel.saga import Parked, Saga, Step
from souk.kernel.saga import driver as driver_module
from tests.support.sagas import Trial
from tests.support.waiting import eventually

TABLES = """
create table deeds (saga uuid, step text, status text not null, primary key (saga, step));
create table ends (saga uuid, status text, refusal text, primary key (saga, status));
"""
DO = """
insert into deeds values ($1, $2, 'done') on conflict (saga, step) do update set step = deeds.step
returning status
"""
UNDO = """
insert into deeds values ($1, $2, 'undone') on conflict (saga, step) do update set status = 'undone'
"""


class State(Struct, frozen=True):
    id: str
    trail: tuple[str, ...] = ()


class TooLate(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "{step} was called off."
    step: str


class NotToday(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Not before {count} days."
    count: int


class Participants:
    """The others: they remember what they did and what was called off, by the saga's id."""

    def __init__(self, database):
        self.database = database
        self.troubles = {}  # step -> errors to raise, one a call, or a function to call
        self.calls = []

    def step(self, name, *, can_undo=True, pivot=False):
        async def do(state):
            self.calls.append(name)
            await self.trouble(name)
            if await self.database.fetchval(DO, state.id, name) == "undone":
                raise TooLate(step=name)
            return msgspec.structs.replace(state, trail=(*state.trail, name))

        async def undo(state):
            self.calls.append(f"un{name}")
            await self.trouble(f"un{name}")
            await self.database.execute(UNDO, state.id, name)

        return Step(do, undo if can_undo else None, pivot=pivot, name=name)

    async def trouble(self, name):
        trouble = self.troubles.get(name)
        if callable(trouble):
            await trouble()
        elif trouble:
            raise trouble.pop(0)

    async def deeds(self, saga_id):
        rows = await self.database.fetch(
            "select step from deeds where saga = $1 and status = 'done' order by step", saga_id
        )
        return [row["step"] for row in rows]


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
    made = []

    def make(steps=None, **options):
        made.append(
            Saga(
                "trip",
                steps or three_and_three(others),
                state=State,
                database=database,
                settle=settle,
                **{"lease_seconds": 5.0, **options},
            )
        )
        return made[-1]

    yield make
    for saga in made:
        await saga.stop()


@pytest.fixture
def saga(make_saga):
    return make_saga()


def three_and_three(others):
    """Price, hold, pay; confirm; ship, thank."""
    return [
        others.step("price", can_undo=False),
        others.step("hold"),
        others.step("pay"),
        others.step("confirm", pivot=True),
        others.step("ship"),
        others.step("thank"),
    ]


ALL = ["confirm", "hold", "pay", "price", "ship", "thank"]
BEFORE_THE_WAY_BACK = ["price"]  # has nothing to undo


async def settle(tx, state, status, refusal):
    await tx.execute(
        "insert into ends values ($1, $2, $3)", state.id, status, refusal.name if refusal else None
    )


async def begin(saga, *, seconds=60.0):
    saga_id = new_id()
    deadline = SystemClock().now() + timedelta(seconds=seconds)
    async with saga.database.transaction() as tx:
        await saga.start(tx, saga_id, State(saga_id), deadline)
    return saga_id


async def ends(database, saga_id):
    rows = await database.fetch("select status, refusal from ends where saga = $1", saga_id)
    return {row["status"]: row["refusal"] for row in rows}


async def journal(database, saga_id):
    return await database.fetchrow("select * from sagas where id = $1", saga_id)


async def is_done(saga, saga_id):
    return (await saga.run(saga_id)).status == "done"


async def test_every_saga_stands_the_trial(make_saga, others):
    async def world(saga_id):
        return [deed for deed in await others.deeds(saga_id) if deed not in BEFORE_THE_WAY_BACK]

    await Trial(make_saga(), begin, world).run_everything()


async def test_a_saga_without_a_pivot_stands_the_trial(make_saga, others):
    saga = make_saga([others.step("hold"), others.step("pay"), others.step("ship")])
    await Trial(saga, begin, others.deeds).run_everything()


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


def parking(others, *, until_seconds=60.0, times=1):
    """`pay` waits for somebody, `times` times."""
    asked = []
    pay = others.step("pay")

    async def do(state):
        asked.append(state)
        if len(asked) <= times:
            until = SystemClock().now() + timedelta(seconds=until_seconds)
            return Parked(msgspec.structs.replace(state, trail=(*state.trail, "asked")), until)
        return await pay.do(state)

    steps = three_and_three(others)
    steps[2] = Step(do, pay.undo, name="pay")
    return steps


async def wake(saga, saga_id):
    async with saga.database.transaction() as tx:
        await saga.wake(tx, saga_id)


async def test_a_parked_saga_waits_and_says_so_to_everybody(make_saga, others, database):
    saga = make_saga(parking(others))
    saga_id = await begin(saga)
    for asked in (saga, saga, make_saga()):
        outcome = await asked.run(saga_id)
        assert outcome.status == "parked"
        assert outcome.state.trail[-1] == "asked"
    await saga.resume()
    assert saga.in_hand == 0
    assert (await journal(database, saga_id))["lease_owner"] is None


async def test_a_woken_saga_goes_on_at_once(make_saga, others):
    saga = make_saga(parking(others))
    saga_id = await begin(saga)
    await saga.run(saga_id)
    await wake(saga, saga_id)
    await eventually(lambda: is_done(saga, saga_id), seconds=0.9)
    assert await others.deeds(saga_id) == ALL


async def test_whoever_asks_after_the_wake_gets_the_new_outcome(make_saga, others):
    saga = make_saga(parking(others))
    saga_id = await begin(saga)
    await saga.run(saga_id)
    await wake(saga, saga_id)
    assert (await saga.run(saga_id)).status == "confirmed"


async def test_a_wake_in_another_process_is_found_by_the_job(make_saga, others):
    saga = make_saga(parking(others))
    saga_id = await begin(saga)
    await saga.run(saga_id)
    await saga.database.execute("update sagas set resume_at = now() where id = $1", saga_id)
    await saga.resume()
    await eventually(lambda: is_done(saga, saga_id))


async def test_a_wake_that_comes_before_it_parks_is_not_lost(make_saga, others):
    steps = parking(others)
    asking = steps[2].do
    saga = None

    async def woken_while_asking(state):
        result = await asking(state)
        if isinstance(result, Parked):
            await wake(saga, state.id)
        return result

    steps[2] = Step(woken_while_asking, steps[2].undo, name="pay")
    saga = make_saga(steps)
    assert (await saga.run(await begin(saga))).status == "confirmed"


async def test_a_wake_that_is_rolled_back_wakes_nobody(make_saga, others, database):
    saga = make_saga(parking(others))
    saga_id = await begin(saga)
    await saga.run(saga_id)

    async def wake_and_fail(tx):
        await saga.wake(tx, saga_id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.transact(wake_and_fail)
    assert (await saga.run(saga_id)).status == "parked"


async def test_a_parked_saga_is_asked_again_at_its_time(make_saga, others):
    saga = make_saga(parking(others, until_seconds=0.2))
    saga_id = await begin(saga)
    assert (await saga.run(saga_id)).status == "parked"

    async def confirmed():
        return (await saga.run(saga_id)).status in {"confirmed", "done"}

    await eventually(confirmed)


async def test_a_parked_saga_ends_by_its_deadline(make_saga, others):
    saga = make_saga(parking(others))
    saga_id = await begin(saga, seconds=0.3)
    assert (await saga.run(saga_id)).status == "parked"

    async def undone():
        await saga.resume()
        outcome = await saga.run(saga_id)
        return outcome if outcome.status == "undone" else None

    outcome = await eventually(undone)
    assert isinstance(outcome.refusal, DeadlineExceeded)
    assert await others.deeds(saga_id) == BEFORE_THE_WAY_BACK


async def test_a_step_after_the_pivot_may_park(make_saga, others, database):
    until = SystemClock().now() + timedelta(seconds=60)
    asked = []

    async def ship(state):
        asked.append(state)
        return Parked(state, until) if len(asked) == 1 else state

    steps = three_and_three(others)
    steps[4] = Step(ship)
    saga = make_saga(steps)
    saga_id = await begin(saga)
    assert (await saga.run(saga_id)).status == "confirmed"
    await eventually(lambda: saga.in_hand == 0)
    assert (await saga.run(saga_id)).status == "confirmed"
    await wake(saga, saga_id)
    await eventually(lambda: is_done(saga, saga_id))
    assert len(asked) == 2


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
    assert (await other.run(saga_id)).status == "confirmed"


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


async def test_the_job_drives_eight_at_once_until_all_are_done(make_saga, others, database):
    running = most = 0

    async def count():
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    others.troubles["pay"] = count
    saga = make_saga()
    saga_ids = [await begin(saga) for _ in range(40)]
    await database.execute("update sagas set lease_until = now()")
    other = make_saga()
    job = other.job()
    working = asyncio.create_task(job.run(database))
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


async def test_a_failed_settlement_leaves_the_step_unrecorded(make_saga, others, database):
    saga = make_saga()
    saga_id = await begin(saga)
    await database.execute("insert into ends values ($1, 'confirmed', null)", saga_id)
    with pytest.raises(Exception, match="duplicate key"):
        await saga.run(saga_id)
    row = await journal(database, saga_id)
    assert (row["status"], row["step"]) == ("running", 3)
    await database.execute("delete from ends where saga = $1", saga_id)
    await database.execute("update sagas set lease_until = now() where id = $1", saga_id)
    assert (await make_saga().run(saga_id)).status == "confirmed"


async def test_eight_steps_cost_eight_statements(database, others, monkeypatch):
    async def nothing(state):
        return state

    steps = [Step(nothing, name=f"step{n}") for n in range(8)]
    saga = Saga("trivial", steps, state=State, database=database)
    saga_id = await begin(saga)
    asked = []
    original = type(database)._ask

    async def counting(self, do, sql, args):
        asked.append(sql)
        return await original(self, do, sql, args)

    monkeypatch.setattr(type(database), "_ask", counting)
    assert (await saga.run(saga_id)).status == "done"
    assert len(asked) == 8
    await saga.stop()


def test_steps_without_names_of_their_own_are_refused(database_of, others):
    for steps in ([], [others.step("pay"), others.step("pay")]):
        with pytest.raises(ValueError, match="names of their own"):
            Saga("wrong", steps, state=State, database=others.database)


PROCESS = """
import asyncio, sys
from tests.kernel.test_saga import Participants, State, begin, settle, three_and_three
from souk.kernel.database import Database
from souk.kernel.saga import Saga

async def main():
    database = await Database.connect(sys.argv[1], "tests")
    steps = three_and_three(Participants(database))
    saga = Saga("trip", steps, state=State, database=database, settle=settle, lease_seconds=0.5)
    await saga.run(await begin(saga))
    await saga.stop()

asyncio.run(main())
"""


@pytest.mark.parametrize("line", ["hold.between", "confirm.between", "ship.before"])
async def test_a_killed_process_is_replaced_by_another(service_url, line):
    from souk.kernel.database import Database

    url = await service_url("tests")
    database = await Database.connect(url, "tests")
    await database.execute(TABLES)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROCESS, url),
        env={**os.environ, "SOUK_FAILPOINTS": f"saga.trip.{line}=exit"},
    )
    assert await process.wait() == EXIT_STATUS
    others = Participants(database)
    saga = Saga("trip", three_and_three(others), state=State, database=database, settle=settle)
    saga_id = str(await database.fetchval("select id from sagas"))

    async def resumed():
        await saga.resume()
        return await is_done(saga, saga_id)

    await eventually(resumed)
    assert await others.deeds(saga_id) == ALL
    assert await ends(database, saga_id) == {"confirmed": None, "done": None}
    await saga.stop()
    await database.close()
    failpoints.disarm()
