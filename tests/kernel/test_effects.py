"""A reaction that is one write: one statement with its inbox row, once and in its turn."""

import sys
from typing import ClassVar

import msgspec
import pytest

from souk.kernel.contract import Event
from souk.kernel.events.bus import AFTER, Delivery, Message, NotYet
from souk.kernel.events.consumers import Effect, Undecodable, collect, on
from souk.kernel.events.dead_letters import park
from souk.kernel.ids import new_id
from souk.kernel.writes import Write

EFFECTS = "create table effects (thing text)"
ADD = "effect as (insert into effects select $1 from first)"


class ThingHappened(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.tests.happened"
    AGGREGATE: ClassVar[str] = "thing"
    thing: str


@on(ThingHappened)
def thing_is_noted(event, woken):
    return Effect(Write(ADD, (event.thing,)), then=lambda: woken.append(event.thing))


@pytest.fixture
async def database(database_of):
    database = await database_of("tests")
    await database.execute(EFFECTS)
    return database


@pytest.fixture
def woken():
    return []


@pytest.fixture
def consumer(woken):
    (consumer,) = collect(sys.modules[__name__], woken=woken)
    return consumer


def told(thing, *, after=None):
    payload = msgspec.json.encode(ThingHappened(thing=thing))
    return Message(new_id(), ThingHappened.SUBJECT, payload, {AFTER: after} if after else {})


async def effects(database):
    return [row["thing"] for row in await database.fetch("select thing from effects")]


def test_a_reaction_whose_need_is_missing_stops_the_wiring():
    with pytest.raises(TypeError, match="thing_is_noted needs woken"):
        collect(sys.modules[__name__])


async def test_it_takes_effect_once_by_either_way(database, consumer, woken):
    message = told("a")
    assert await consumer.take_at_once(database, message)
    assert not await consumer.take_at_once(database, message)
    assert not await database.transact(consumer.take, message)
    assert await effects(database) == woken == ["a"]

    other = told("b")
    assert await database.transact(consumer.take, other)
    assert not await consumer.take_at_once(database, other)
    assert await effects(database) == woken == ["a", "b"]


async def test_it_waits_for_the_one_before_it(database, consumer, woken):
    first = told("a")
    second = told("b", after=first.id)
    assert not await consumer.take_at_once(database, second)
    with pytest.raises(NotYet):
        await database.transact(consumer.take, second)
    assert woken == []

    assert await consumer.take_at_once(database, first)
    assert await consumer.take_at_once(database, second)
    assert await effects(database) == woken == ["a", "b"]


async def test_behind_a_dead_letter_it_goes_on(database, consumer):
    dead = told("a")
    await park(database, Delivery(dead), consumer=consumer.name, reason="poison")
    assert await consumer.take_at_once(database, told("b", after=dead.id))
    assert await effects(database) == ["b"]


async def test_what_is_no_message_of_ours_is_said_so(database, consumer):
    for wrong in (Message("no-uuid", "s", b"{}"), Message(new_id(), "s", b"[]")):
        with pytest.raises(Undecodable):
            await consumer.take_at_once(database, wrong)
