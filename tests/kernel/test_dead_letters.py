"""Messages that cannot be handled: parked with their reason, listed, and tried again."""

import asyncio
import sys
from contextlib import asynccontextmanager
from datetime import UTC
from typing import ClassVar

import pytest

from souk.kernel.contract import Event
from souk.kernel.events import bus as bus_module
from souk.kernel.events import nats_pull
from souk.kernel.events.bus import Message
from souk.kernel.events.consumers import DELIVERIES_MAX, collect, on, run_consumers
from souk.kernel.events.dead_letters import (
    RELAY,
    Replay,
    list_dead_letters,
    replay_dead_letters,
)
from souk.kernel.events.nats_stream import STREAM
from souk.kernel.events.outbox import relay_once
from souk.kernel.ids import new_id
from tests.support.servers import empty_bus
from tests.support.waiting import eventually

SUBJECT = "souk.tests.counted"


class ThingCounted(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = SUBJECT
    AGGREGATE: ClassVar[str] = "thing"
    thing: str


class Refused(set):
    """Things that cannot be counted for now, and how often it was tried."""

    tries = 0


@on(ThingCounted)
async def thing_is_counted(tx, event, refused):
    if event.thing in refused:
        refused.tries += 1
        raise LookupError(f"{event.thing} cannot be counted")
    await tx.execute("insert into counted values ($1)", event.thing)


@pytest.fixture
async def bus(servers, monkeypatch):
    monkeypatch.setattr(nats_pull, "BACKOFF_SECONDS", (0.01,))
    async with empty_bus(servers) as bus:
        yield bus


@pytest.fixture
async def database(database_of):
    database = await database_of("tests")
    await database.execute("create table counted (thing text)")
    return database


@pytest.fixture
def refused():
    return Refused()


@pytest.fixture
def consumers(refused):
    return collect(sys.modules[__name__], refused=refused)


@asynccontextmanager
async def handling(consumers, database, bus):
    task = asyncio.create_task(run_consumers(consumers, database, bus))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def counted(thing, **headers):
    return Message(new_id(), SUBJECT, b'{"thing":"%s"}' % thing.encode(), headers)


async def things(database):
    return [row[0] for row in await database.fetch("select thing from counted order by thing")]


async def waiting(database, count):
    letters = await list_dead_letters(database)
    return letters if len(letters) == count else None


async def test_a_message_that_fails_eight_times_is_parked_with_its_reason(
    database, bus, consumers, refused
):
    refused.add("poison")
    poison = counted("poison", trace_id="t" * 32)
    async with handling(consumers, database, bus):
        await bus.publish([poison, *(counted(f"good{n}") for n in range(5))])
        (letter,) = await eventually(lambda: waiting(database, 1))
        await eventually(lambda: has_nothing_left(bus))
    assert letter.message == poison
    assert (letter.consumer, letter.deliveries) == ("tests.thing_is_counted", DELIVERIES_MAX)
    assert letter.reason == "LookupError: poison cannot be counted"
    assert letter.first_failed_at.tzinfo is UTC
    assert letter.first_failed_at < letter.parked_at
    assert refused.tries == DELIVERIES_MAX
    assert await things(database) == [f"good{n}" for n in range(5)]


async def has_nothing_left(bus):
    """The broker has an acknowledgement for every message."""
    session = await bus._link.session()
    stream = session.client.jetstream()
    info = await stream.consumer_info(STREAM, "tests_thing_is_counted")
    return info.num_ack_pending == 0 and info.num_pending == 0


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"not JSON", "malformed"),
        (b'{"thing": 7}', "Expected `str`"),
        (b"{}", "missing required field `thing`"),
        (b'{"thing": "\xff"}', "utf-8"),
    ],
)
async def test_a_message_that_cannot_be_read_is_parked_at_once(
    database, bus, consumers, payload, reason
):
    async with handling(consumers, database, bus):
        await bus.publish([Message(new_id(), SUBJECT, payload)])
        (letter,) = await eventually(lambda: waiting(database, 1))
    assert letter.deliveries == 1
    assert reason in letter.reason
    assert letter.payload == payload


async def test_a_message_with_a_foreign_id_is_parked_under_one_of_ours(database, bus, consumers):
    async with handling(consumers, database, bus):
        await bus.publish([Message("by hand", SUBJECT, b'{"thing":"a"}')])
        (letter,) = await eventually(lambda: waiting(database, 1))
    assert "'by hand' is no id" in letter.reason
    assert letter.id != "by hand"


async def test_a_new_field_of_a_newer_producer_is_no_reason_to_park(database, bus, consumers):
    async with handling(consumers, database, bus):
        await bus.publish([Message(new_id(), SUBJECT, b'{"thing":"a","colour":"red"}')])
        await eventually(lambda: things(database))
    assert await list_dead_letters(database) == []


async def parked(database, bus, consumers, refused, *names):
    refused.update(names)
    async with handling(consumers, database, bus):
        await bus.publish([counted(name) for name in names])
        return await eventually(lambda: waiting(database, len(names)))


async def test_replayed_letters_take_effect_once(database, bus, consumers, refused):
    letters = await parked(database, bus, consumers, refused, "a", "b", "c")
    refused.clear()
    first = await replay_dead_letters(database, [letters[0].id], consumers)
    rest = await replay_dead_letters(database, None, consumers)
    again = await replay_dead_letters(database, None, consumers)
    assert (first, rest, again) == (Replay(1, 0), Replay(2, 0), Replay(0, 0))
    assert await things(database) == ["a", "b", "c"]
    assert await list_dead_letters(database) == []


async def test_ten_operators_replaying_at_once_cause_one_effect(database, bus, consumers, refused):
    await parked(database, bus, consumers, refused, "a", "b")
    refused.clear()
    replays = await asyncio.gather(
        *(replay_dead_letters(database, None, consumers) for _ in range(10))
    )
    assert sum(replay.done for replay in replays) == 2
    assert await things(database) == ["a", "b"]


async def test_a_letter_that_fails_again_stays_with_its_new_reason(
    database, bus, consumers, refused
):
    await parked(database, bus, consumers, refused, "a", "b")
    refused.discard("b")
    assert await replay_dead_letters(database, None, consumers) == Replay(1, 1)
    (letter,) = await list_dead_letters(database)
    assert letter.deliveries == DELIVERIES_MAX + 1
    assert await things(database) == ["b"]


async def test_a_letter_whose_consumer_is_gone_stays(database, bus, consumers, refused):
    await parked(database, bus, consumers, refused, "a")
    assert await replay_dead_letters(database, None, ()) == Replay(0, 1)
    assert len(await list_dead_letters(database)) == 1


@pytest.mark.parametrize("is_purged", [False, True], ids=["row kept", "row purged"])
async def test_what_no_broker_would_take_is_sent_when_one_would(
    database, bus, consumers, monkeypatch, is_purged
):
    monkeypatch.setattr(bus_module, "PAYLOAD_BYTES_MAX", 10)
    async with database.transaction() as tx:
        tx.publish(ThingCounted(thing="a long name"))
    await relay_once(database, bus)
    (letter,) = await list_dead_letters(database)
    if is_purged:
        await database.execute("delete from outbox")

    assert await replay_dead_letters(database, [letter.id], consumers) == Replay(0, 1)
    (same,) = await list_dead_letters(database)
    assert (same.deliveries, same.reason) == (letter.deliveries + 1, letter.reason)
    monkeypatch.undo()
    replays = await asyncio.gather(
        *(replay_dead_letters(database, None, consumers) for _ in range(5))
    )
    assert sum(replay.done for replay in replays) == 1
    async with handling(consumers, database, bus):
        assert await relay_once(database, bus) == 1
        await eventually(lambda: things(database))

    assert await things(database) == ["a long name"]
    assert await list_dead_letters(database) == []


async def test_what_is_sent_again_and_still_has_a_flaw_waits_again(database, bus, monkeypatch):
    monkeypatch.setattr(bus_module, "PAYLOAD_BYTES_MAX", 10)
    async with database.transaction() as tx:
        tx.publish(ThingCounted(thing="a long name"))
    await relay_once(database, bus)
    monkeypatch.undo()
    await replay_dead_letters(database, None, ())
    monkeypatch.setattr(bus_module, "PAYLOAD_BYTES_MAX", 10)

    await relay_once(database, bus)

    (letter,) = await list_dead_letters(database)
    assert letter.consumer == RELAY
