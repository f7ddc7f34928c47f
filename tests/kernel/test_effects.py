"""A reaction that is one write: one statement with its inbox row, once and in its turn."""

import asyncio
import sys
from typing import ClassVar

import msgspec
import pytest

from souk.kernel.contract import Event
from souk.kernel.events.bus import AFTER, Delivery, Message, NotYet
from souk.kernel.events.consumers import Hand, Undecodable, collect, on
from souk.kernel.events.dead_letters import park
from souk.kernel.events.effects import Effect, take_all
from souk.kernel.ids import new_id
from souk.kernel.refusals import Unavailable

EFFECTS = """
create table effects (seq bigint generated always as identity,
                      thing text check (thing <> 'forbidden'))
"""
ADD = """
effect as (
    insert into effects (thing) select thing
    from unnest((select $1::uuid[]), (select $2::text[])) as given (message_id, thing)
    join first using (message_id)
)
"""


class ThingHappened(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.tests.happened"
    AGGREGATE: ClassVar[str] = "thing"
    thing: str


@on(ThingHappened)
def thing_is_noted(event, woken):
    return Effect(ADD, (event.thing,), then=lambda: woken.append(event.thing))


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


@pytest.fixture
def hand(database, consumer):
    return Hand(consumer, database, asyncio.Semaphore(4))


@pytest.fixture
def statements(database, monkeypatch):
    asked = []
    original = type(database)._ask

    async def counting(self, do, sql, args):
        asked.append(sql)
        return await original(self, do, sql, args)

    monkeypatch.setattr(type(database), "_ask", counting)
    return asked


def told(thing, *, after=None):
    payload = msgspec.json.encode(ThingHappened(thing=thing))
    return Message(new_id(), ThingHappened.SUBJECT, payload, {AFTER: after} if after else {})


async def handled(hand, *messages):
    """All of them in hand at the same moment: what each came to."""
    deliveries = [hand.handle(Delivery(message)) for message in messages]
    return await asyncio.gather(*deliveries, return_exceptions=True)


async def effects(database):
    return [row["thing"] for row in await database.fetch("select thing from effects order by seq")]


def test_a_reaction_whose_need_is_missing_stops_the_wiring():
    with pytest.raises(TypeError, match="thing_is_noted needs woken"):
        collect(sys.modules[__name__])


async def test_what_is_in_hand_at_the_same_moment_is_one_statement(
    database, hand, woken, statements
):
    things = [str(n) for n in range(16)]
    assert await handled(hand, *map(told, things)) == [None] * 16
    assert len(statements) == 1
    assert sorted(await effects(database)) == sorted(woken) == sorted(things)


async def test_it_takes_effect_once_by_either_way(database, hand, consumer, woken):
    message = told("a")
    for _ in range(2):
        assert await handled(hand, message) == [None]
    assert not await database.transact(consumer.take, message)
    assert await effects(database) == woken == ["a"]

    other = told("b")
    assert await database.transact(consumer.take, other)
    assert await handled(hand, other) == [None]
    assert await effects(database) == woken == ["a", "b"]


async def test_a_message_that_is_twice_in_hand_takes_effect_once(database, hand, woken):
    message = told("a")
    assert await handled(hand, message, told("b"), message) == [None] * 3
    assert sorted(await effects(database)) == sorted(woken) == ["a", "b"]


async def test_it_waits_for_the_one_before_it(database, hand, woken):
    first = told("a")
    second = told("b", after=first.id)
    (end,) = await handled(hand, second)
    assert isinstance(end, NotYet)
    assert woken == []

    assert await handled(hand, first) == await handled(hand, second) == [None]
    assert await effects(database) == woken == ["a", "b"]


async def test_one_that_is_in_hand_with_the_one_before_it_comes_after_it(database, hand, woken):
    first = told("a")
    assert await handled(hand, told("b", after=first.id), first) == [None, None]
    assert await effects(database) == ["a", "b"]
    assert sorted(woken) == ["a", "b"]


async def test_behind_a_dead_letter_it_goes_on(database, hand, consumer, statements):
    dead = told("a")
    await park(database, Delivery(dead), consumer=consumer.name, reason="poison")
    statements.clear()
    assert await handled(hand, told("b", after=dead.id)) == [None]
    assert len(statements) == 1
    assert await effects(database) == ["b"]


async def test_one_that_the_database_refuses_fails_alone(database, hand, woken):
    ends = await handled(hand, told("a"), told("forbidden"), told("b"))
    assert [type(end).__name__ for end in ends] == ["NoneType", "CheckViolationError", "NoneType"]
    assert sorted(await effects(database)) == sorted(woken) == ["a", "b"]


async def test_without_a_database_all_come_again_and_none_asks_alone(database, hand, statements):
    await database.close()
    ends = await handled(hand, *map(told, "abc"))
    assert [type(end) for end in ends] == [Unavailable] * 3
    assert len(statements) == 1


async def test_what_is_no_message_of_ours_is_parked_and_disturbs_nobody(database, hand, statements):
    strange = [Message("no-uuid", "s", b"{}"), Message(new_id(), "s", b"[]")]
    assert await handled(hand, *strange, told("a"), told("b")) == [None] * 4
    assert sum("inbox" in sql for sql in statements) == 1
    assert sorted(await effects(database)) == ["a", "b"]
    reasons = await database.fetch("select reason from dead_letters")
    assert all(row["reason"].startswith(Undecodable.__name__) for row in reasons)
    assert len(reasons) == 2


async def test_effects_of_another_kind_than_the_first_take_the_long_way(database, consumer):
    first, second = (consumer.react(ThingHappened(thing=thing)) for thing in "ab")
    other = msgspec.structs.replace(second, sql=ADD.replace("effect as", "other as"))
    due = [(told("a"), first), (told("b"), other)]
    assert await take_all(database, consumer.name, due) == [True, False]
    assert await effects(database) == ["a"]
