"""Sagas that wait for somebody: parked, woken, and ended by their deadline."""

from datetime import timedelta

import pytest

from souk.kernel.clock import SystemClock
from souk.kernel.refusals import DeadlineExceeded
from souk.kernel.saga import Parked, Step
from tests.support.trips import (
    ALL,
    BEFORE_THE_WAY_BACK,
    TABLES,
    Participants,
    begin,
    is_done,
    journal,
    parking,
    three_and_three,
    trips,
    wake,
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
    await eventually(lambda: is_done(saga, saga_id))
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
