"""The events of one aggregate take effect in its order, whoever handles them and whatever fails."""

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest

from souk.kernel.contract import Event
from souk.kernel.events import nats_pull
from souk.kernel.events.bus import AFTER, AGGREGATE, PLACE, Message
from souk.kernel.events.consumers import DELIVERIES_MAX, collect, on, run_consumers
from souk.kernel.events.dead_letters import list_dead_letters, replay_dead_letters
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.outbox import relay_once
from souk.kernel.ids import new_id
from tests.support.servers import empty_bus
from tests.support.waiting import eventually

SUBJECT = "souk.tests.moved"


class ThingMoved(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = SUBJECT
    AGGREGATE: ClassVar[str] = "thing"
    thing: str
    place: int


class ThingRested(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.tests.rested"
    AGGREGATE: ClassVar[str] = "thing"
    thing: str


class Trouble:
    """Places that cannot be moved to, how many times more; and those that take their time."""

    def __init__(self):
        self.failures = {}
        self.slow = {}


@on(ThingMoved)
async def thing_is_moved(tx, event, trouble):
    await asyncio.sleep(trouble.slow.get(event.place, 0))
    if trouble.failures.get(event.place, 0):
        trouble.failures[event.place] -= 1
        raise LookupError(f"no way to {event.place}")
    await tx.execute("insert into moves (thing, place) values ($1, $2)", event.thing, event.place)


@pytest.fixture
async def bus(servers, monkeypatch):
    monkeypatch.setattr(nats_pull, "BACKOFF_SECONDS", (0.05,))
    async with empty_bus(servers) as bus:
        yield bus


@pytest.fixture
async def database(database_of):
    database = await database_of("tests")
    await database.execute(
        "create table moves (seq bigint generated always as identity, thing text, place int)"
    )
    return database


@pytest.fixture
def trouble():
    return Trouble()


@pytest.fixture
def consumers(trouble):
    return collect(sys.modules[__name__], trouble=trouble)


@asynccontextmanager
async def handling(consumers, database, *buses):
    """As many processes as there are buses."""
    tasks = [asyncio.create_task(run_consumers(consumers, database, bus)) for bus in buses]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def move(database, *places, thing="a"):
    async with database.transaction() as tx:
        tx.publish(*(ThingMoved(thing=thing, place=place) for place in places))


async def moves(database, thing="a"):
    sql = "select place from moves where thing = $1 order by seq"
    return [row[0] for row in await database.fetch(sql, thing)]


async def all_moved(database, count):
    return await database.fetchval("select count(*) = $1 from moves", count)


def moved(place, *, message_id="", after="", thing="a"):
    payload = b'{"thing": "%s", "place": %d}' % (thing.encode(), place)
    headers = {AGGREGATE: thing, PLACE: str(place)} | ({AFTER: after} if after else {})
    return Message(message_id or new_id(), SUBJECT, payload, headers)


async def test_an_event_names_the_one_its_aggregate_sent_before(database):
    await move(database, 1, 2)
    await move(database, 1, thing="b")
    async with database.transaction() as tx:
        tx.publish(ThingRested(thing="a"), ThingMoved(thing="a", place=3))
    await move(database, 4)

    rows = await database.fetch("select id, subject, aggregate, follows from outbox order by seq")
    first, second, of_b, rested, third, fourth = rows
    assert [row["follows"] for row in (first, of_b, rested)] == [None] * 3
    assert second["follows"] == first["id"]
    assert third["follows"] == second["id"]
    assert fourth["follows"] == third["id"]


async def test_a_failing_event_holds_up_those_behind_it_and_no_others(
    database, bus, consumers, trouble
):
    trouble.failures[2] = 3
    await move(database, 1, 2, 3, 4)
    await move(database, 1, thing="b")
    await relay_once(database, bus)
    async with handling(consumers, database, bus):
        await eventually(lambda: moves(database, "b"))
        assert await moves(database) in ([], [1])
        await eventually(lambda: all_moved(database, 5))
    assert await moves(database) == [1, 2, 3, 4]


async def test_processes_keep_the_order_between_them(database, bus, consumers, trouble, servers):
    others = [await NatsBus.connect(servers.nats, monitor=None) for _ in range(2)]
    trouble.failures = {7: 2, 13: 1}
    trouble.slow = {3: 0.05, 11: 0.1}
    async with handling(consumers, database, bus, *others):
        for place in range(20):
            await move(database, place, thing="a")
            await move(database, place, thing="b")
            await relay_once(database, bus)
        await eventually(lambda: all_moved(database, 40))
    for other in others:
        await other.close()
    assert await moves(database) == list(range(20))
    assert await moves(database, "b") == list(range(20))


async def test_an_event_that_overtook_another_on_its_way_waits_for_it(database, bus, consumers):
    first, second, third = (new_id() for _ in range(3))
    async with handling(consumers, database, bus):
        await bus.publish([moved(3, message_id=third, after=second)])
        await bus.publish([moved(2, message_id=second, after=first)])
        await bus.publish([moved(1, message_id=first)])
        await eventually(lambda: all_moved(database, 3))
    assert await moves(database) == [1, 2, 3]


async def test_behind_a_parked_event_the_others_go_on(database, bus, consumers, trouble):
    trouble.failures[1] = DELIVERIES_MAX
    await move(database, 1, 2, 3)
    await relay_once(database, bus)
    async with handling(consumers, database, bus):
        await eventually(lambda: all_moved(database, 2))
    (letter,) = await list_dead_letters(database)
    assert (await moves(database), letter.deliveries) == ([2, 3], DELIVERIES_MAX)
    assert (await replay_dead_letters(database, None, consumers)).done == 1
    assert await moves(database) == [2, 3, 1]


async def test_waiting_is_no_failure_of_who_waits(database, bus, consumers, trouble):
    """However often the one behind was looked at, it has all its deliveries before it."""
    trouble.failures = {1: DELIVERIES_MAX - 1, 2: DELIVERIES_MAX - 1}
    await move(database, 1, 2)
    await relay_once(database, bus)
    async with handling(consumers, database, bus):
        await eventually(lambda: all_moved(database, 2))
    assert await list_dead_letters(database) == []


async def test_nobody_waits_for_ever_for_what_the_broker_forgot(
    database, bus, consumers, monkeypatch
):
    monkeypatch.setattr(nats_pull, "EARLY_SECONDS_MAX", 0.3)
    async with handling(consumers, database, bus):
        await bus.publish([moved(2, after=new_id())])
        await eventually(lambda: all_moved(database, 1))


async def test_many_behind_one_that_fails_do_not_fill_the_window(database, bus, consumers, trouble):
    trouble.failures[100] = DELIVERIES_MAX - 1
    for first in range(100, 300, 50):
        await move(database, *range(first, first + 50))
    await move(database, *range(20), thing="b")
    for _ in range(3):
        await relay_once(database, bus)
    async with handling(consumers, database, bus):
        await eventually(lambda: all_moved_of(database, "b", 20))
        assert await moves(database) == []
        await eventually(lambda: all_moved(database, 220))
    assert await moves(database) == list(range(100, 300))


async def all_moved_of(database, thing, count):
    return len(await moves(database, thing)) == count
