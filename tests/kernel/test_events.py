"""Events from a transaction to their effect: told if it commits, taking effect once."""

import asyncio
import sys
from contextlib import asynccontextmanager
from typing import ClassVar

import asyncpg
import nats
import pytest

from souk.kernel import failpoints
from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting, call
from souk.kernel.contract import Event
from souk.kernel.events.bus import PAYLOAD_BYTES_MAX, BusUnavailable
from souk.kernel.events.consumers import EFFECTS_AT_ONCE, Consumer, collect, on, run_consumers
from souk.kernel.events.nats_stream import STREAM
from souk.kernel.events.outbox import relay, relay_once
from souk.kernel.failpoints import FailpointError
from tests.support.servers import empty_bus
from tests.support.waiting import eventually

EFFECTS = "create table effects (thing text primary key, times int not null, trace text)"
TAKE_EFFECT = """
insert into effects values ($1, 1, $2) on conflict (thing) do update set times = effects.times + 1
"""


class ThingHappened(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.tests.happened"
    AGGREGATE: ClassVar[str] = "thing"
    thing: str
    note: str = ""


class Mood:
    """What a consumer is given by name; it fails as often as it is told to."""

    def __init__(self):
        self.failures = 0
        self.callers = []


@on(ThingHappened)
async def thing_is_noted(tx, event, mood):
    mood.callers.append(call().caller.service)
    await tx.execute(TAKE_EFFECT, event.thing, call().trace_id)
    if mood.failures:
        mood.failures -= 1
        raise ValueError("in a bad mood")


@pytest.fixture
async def bus(servers):
    async with empty_bus(servers) as bus:
        yield bus


@pytest.fixture
async def database(database_of):
    database = await database_of("tests")
    await database.execute(EFFECTS)
    return database


@pytest.fixture
def mood():
    return Mood()


@pytest.fixture
def consumers(mood):
    return collect(sys.modules[__name__], mood=mood)


@asynccontextmanager
async def running(*works):
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in tasks)


async def happen(database, *things):
    async with database.transaction() as tx:
        tx.publish(*(ThingHappened(thing=thing) for thing in things))


async def effects(database):
    rows = await database.fetch("select thing, times from effects")
    return {row["thing"]: row["times"] for row in rows}


async def messages_in(servers):
    client = await nats.connect(servers.nats)
    info = await client.jetstream().stream_info(STREAM)
    await client.close()
    return info.state.messages


def test_a_module_gives_its_reactions_with_what_they_need(mood):
    (consumer,) = collect(sys.modules[__name__], mood=mood, unused=1)
    assert isinstance(consumer, Consumer)
    assert (consumer.name, consumer.event) == ("tests.thing_is_noted", ThingHappened)


def test_a_reaction_whose_need_is_missing_stops_the_wiring():
    with pytest.raises(TypeError, match="thing_is_noted needs mood"):
        collect(sys.modules[__name__])


async def test_what_a_transaction_tells_takes_effect_elsewhere_once(database, bus, consumers, mood):
    async with running(relay(database, bus), run_consumers(consumers, database, bus)):
        with acting(Call(trace_id="4bf92f3577b34da6a3ce929d0e0e4736")):
            await happen(database, "a", "b")
        await eventually(lambda: has_effects(database, 2))
    assert await effects(database) == {"a": 1, "b": 1}
    assert set(mood.callers) == {"tests"}
    traces = await database.fetchval("select array_agg(distinct trace) from effects")
    assert traces == ["4bf92f3577b34da6a3ce929d0e0e4736"]


async def has_effects(database, count):
    return len(await effects(database)) == count


async def test_a_rolled_back_transaction_tells_nothing(database, bus, servers):
    async def fail_after_telling(tx):
        tx.publish(ThingHappened(thing="never"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.transact(fail_after_telling)
    assert await relay_once(database, bus) == 0
    assert await messages_in(servers) == 0


async def test_events_leave_in_the_order_in_which_they_were_told(database, bus):
    heard = await bus.listen(ThingHappened.SUBJECT)
    for n in range(0, 250, 5):
        await happen(database, *(str(number) for number in range(n, n + 5)))
    sent = [await relay_once(database, bus) for _ in range(4)]
    assert sent == [100, 100, 50, 0]
    things = [(await anext(heard)).payload for _ in range(250)]
    assert things == [b'{"thing":"%d","note":""}' % n for n in range(250)]
    await heard.aclose()


async def test_a_relay_that_dies_before_marking_causes_one_effect(
    database, bus, consumers, servers
):
    await happen(database, *(str(n) for n in range(50)))
    with (
        failpoints.armed(f"relay.{database.name}.published", "error"),
        pytest.raises(FailpointError),
    ):
        await relay_once(database, bus)
    assert await relay_once(database, bus) == 50
    assert await messages_in(servers) == 50
    async with running(run_consumers(consumers, database, bus)):
        await eventually(lambda: has_effects(database, 50))
    assert set((await effects(database)).values()) == {1}


async def test_an_effect_whose_acknowledgement_was_lost_is_not_repeated(
    database, bus, consumers, mood
):
    await happen(database, "a")
    await relay_once(database, bus)
    failpoints.arm("consumer.tests.thing_is_noted.done", "error*1")
    async with running(run_consumers(consumers, database, bus)):
        await eventually(lambda: has_effects(database, 1))
        await happen(database, "b")
        await relay_once(database, bus)
        await eventually(lambda: has_effects(database, 2))
        info = await eventually(lambda: all_acknowledged(bus))
    assert info.delivered.consumer_seq == 3
    assert await effects(database) == {"a": 1, "b": 1}
    assert len(mood.callers) == 2


async def all_acknowledged(bus):
    session = await bus._link.session()
    stream = session.client.jetstream()
    info = await stream.consumer_info(STREAM, "tests_thing_is_noted")
    return info if info.num_ack_pending == 0 and info.num_pending == 0 else None


async def test_a_failed_effect_leaves_nothing_and_comes_again(database, bus, consumers, mood):
    mood.failures = 2
    async with running(relay(database, bus), run_consumers(consumers, database, bus)):
        await happen(database, "a")
        await eventually(lambda: has_effects(database, 1))
    assert await effects(database) == {"a": 1}
    assert len(mood.callers) == 3


async def test_effects_leave_connections_to_requests(database, bus, consumers, mood):
    class Busy(list):
        def append(self, _):
            super().append(database.pool_use.busy)

    mood.callers = Busy()
    await happen(database, *(str(n) for n in range(50)))
    await relay_once(database, bus)
    async with running(run_consumers(consumers, database, bus)):
        await eventually(lambda: has_effects(database, 50))
    assert 1 < max(mood.callers) <= EFFECTS_AT_ONCE + 1  # which is ours, looking


async def test_one_relay_works_at_a_time_and_the_other_takes_over(database, service_url, bus):
    await happen(database, *(str(n) for n in range(10)))
    async with database.transaction() as tx:
        assert await tx.fetchval("select pg_try_advisory_xact_lock($1)", 0x736F756B6F757462)
        assert await relay_once(database, bus) == 0
    assert await relay_once(database, bus) == 10


async def test_ten_relays_at_once_publish_everything_once(database, bus, servers):
    for n in range(20):
        await happen(database, *(f"{n}-{m}" for m in range(50)))
    async with running(*(relay(database, bus) for _ in range(10))):
        await eventually(lambda: is_empty(database))
    assert await messages_in(servers) == 1000


async def is_empty(database):
    return not await database.fetchval("select count(*) from outbox where published_at is null")


async def test_events_of_another_process_are_found_by_looking(database, bus):
    async with running(relay(database, bus)):
        await eventually(lambda: not database.published.is_set())
        await database.execute(
            "insert into outbox (id, subject, aggregate, payload)"
            " values (gen_random_uuid(), 'souk.tests.happened', '', '{}')"
        )
        await eventually(lambda: is_empty(database))


async def test_a_relay_waits_while_the_broker_is_away_and_then_goes_on(database, bus):
    class Away:
        """A broker that comes back after three attempts."""

        attempts = 0

        async def publish(self, messages):
            self.attempts += 1
            if self.attempts <= 3:
                raise BusUnavailable("away")
            await bus.publish(messages)

    await happen(database, "a")
    async with running(relay(database, Away())):
        await eventually(lambda: is_empty(database))


async def test_an_event_no_broker_would_take_does_not_block_the_others(database, bus, servers):
    async with database.transaction() as tx:
        tx.publish(ThingHappened(thing="a", note="x" * PAYLOAD_BYTES_MAX), ThingHappened(thing="b"))
    assert await relay_once(database, bus) == 2
    assert await messages_in(servers) == 1
    parked = await database.fetchrow("select consumer, reason from dead_letters")
    assert parked["consumer"] == "relay"
    assert "more than 900000" in parked["reason"]


async def test_an_idle_relay_asks_one_statement_a_poll(database, bus, monkeypatch):
    asked = []
    original = type(database)._ask

    async def counting(self, do, sql, args):
        asked.append(sql)
        return await original(self, do, sql, args)

    async with running(relay(database, bus)):
        await happen(database, "a")
        await eventually(lambda: is_empty(database))
        monkeypatch.setattr(type(database), "_ask", counting)
        begin = monotonic()
        await eventually(lambda: len(asked) >= 3)
        assert monotonic() - begin > 0.4
    assert len({sql for sql in asked if "outbox" in sql}) == 1


async def test_effects_survive_a_lost_database_connection(database, bus, consumers, service_url):
    async with running(relay(database, bus), run_consumers(consumers, database, bus)):
        for n in range(30):
            await happen(database, str(n))
            if n % 10 == 5:
                await cut_connections(database)
        await eventually(lambda: has_effects(database, 30))
    assert set((await effects(database)).values()) == {1}


async def cut_connections(database):
    try:
        await database.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    except asyncpg.PostgresError as error:
        pytest.fail(f"could not cut: {error}")
