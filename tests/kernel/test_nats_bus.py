"""The bus over NATS: nothing acknowledged is lost, and everything comes back by itself."""

import asyncio
import shutil
import socket
from contextlib import asynccontextmanager

import nats
import pytest
from nats.aio.msg import Msg
from nats.js.api import StorageType
from nats.js.errors import NotFoundError

from souk.devstack.nats import Nats
from souk.kernel.clock import monotonic
from souk.kernel.events import nats_bus, nats_pull
from souk.kernel.events.bus import AGGREGATE, BusUnavailable, Message, UnsafeBroker
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.nats_link import MESSAGE_ID
from souk.kernel.events.nats_pull import LANES, Pull
from souk.kernel.events.nats_stream import STREAM, USUAL, Limits, check_sync
from souk.kernel.ids import new_id
from souk.kernel.process import Process
from souk.kernel.settings import Settings
from tests.support.servers import empty_bus
from tests.support.waiting import eventually


@pytest.fixture
async def bus(servers):
    async with empty_bus(servers) as bus:
        yield bus


@pytest.fixture
async def broker(home):
    """A broker of this test's own, to be stopped and started."""
    broker = Nats(home)
    await broker.start()
    yield broker
    await broker.stop()


async def with_stream(url, do):
    client = await nats.connect(url)
    try:
        return await do(client.jetstream())
    finally:
        await client.close()


def message(subject="souk.tests.done", *, aggregate="", payload=b"{}"):
    return Message(new_id(), subject, payload, {AGGREGATE: aggregate} if aggregate else {})


@asynccontextmanager
async def consuming(bus, handle, *, name="tests.consumer", subjects=("souk.tests.done",)):
    task = asyncio.create_task(bus.consume(name, list(subjects), handle))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


class Taken(list):
    """A handler that remembers; `fails` says what to raise for."""

    def __init__(self, fails=lambda delivery: False):
        super().__init__()
        self.fails = fails

    async def __call__(self, delivery):
        self.append(delivery)
        if self.fails(delivery):
            raise ValueError("not this one")

    @property
    def ids(self):
        return [delivery.message.id for delivery in self]


async def test_published_messages_reach_a_consumer_with_headers_and_in_order(bus):
    taken, sent = Taken(), [message(aggregate="a", payload=b"%d" % n) for n in range(150)]
    await bus.publish(sent)
    async with consuming(bus, taken):
        await eventually(lambda: len(taken) == 150)
    assert [delivery.message for delivery in taken] == sent


async def test_a_message_published_twice_is_kept_once(bus, servers):
    twice = message()
    await bus.publish([twice])
    await bus.publish([twice, message()])
    info = await with_stream(servers.nats, lambda stream: stream.stream_info(STREAM))
    assert info.state.messages == 2


async def test_processes_with_one_consumer_share_its_messages(bus, servers):
    other = await NatsBus.connect(servers.nats, monitor=None)
    mine, theirs = Taken(), Taken()
    async with consuming(bus, mine), consuming(other, theirs):
        await eventually(lambda: has_requests(servers, "tests_consumer", 2))
        sent = [message() for _ in range(200)]
        await bus.publish(sent)
        await eventually(lambda: len(mine) + len(theirs) == 200)
    await other.close()
    assert mine
    assert theirs
    assert sorted(mine.ids + theirs.ids) == sorted(one.id for one in sent)


async def has_requests(servers, consumer, count):
    try:
        info = await with_stream(
            servers.nats, lambda stream: stream.consumer_info(STREAM, consumer)
        )
    except NotFoundError:
        return False
    return info.num_waiting == count


async def test_a_failed_message_comes_again_and_holds_up_no_other(bus):
    poison = message(aggregate="a")
    taken = Taken(lambda delivery: delivery.message.id == poison.id and delivery.attempt < 4)
    async with consuming(bus, taken):
        await bus.publish([poison, *(message(aggregate="a") for _ in range(20))])
        await eventually(lambda: taken.ids.count(poison.id) == 4)
        await eventually(lambda: len(set(taken.ids)) == 21)
    fourth = [place for place, taken_id in enumerate(taken.ids) if taken_id == poison.id][-1]
    assert len(set(taken.ids[:fourth])) == 21
    attempts = [delivery.attempt for delivery in taken if delivery.message.id == poison.id]
    assert attempts == [1, 2, 3, 4]


async def test_aggregates_are_handled_side_by_side_and_each_in_order(bus):
    begun, running, most = [], set(), 0

    async def handle(delivery):
        nonlocal most
        aggregate, number = delivery.message.payload.split()
        assert aggregate not in running
        running.add(aggregate)
        most = max(most, len(running))
        await asyncio.sleep(0.002)
        running.discard(aggregate)
        begun.append((aggregate, int(number)))

    async with consuming(bus, handle):
        await bus.publish(
            [message(aggregate=f"{n % 5}", payload=b"%d %d" % (n % 5, n)) for n in range(100)]
        )
        await eventually(lambda: len(begun) == 100)
    assert most > 1
    for aggregate in (b"0", b"1", b"2", b"3", b"4"):
        numbers = [number for key, number in begun if key == aggregate]
        assert numbers == sorted(numbers)


async def test_slow_work_is_not_handed_to_another(bus, servers):
    hasty = await NatsBus.connect(servers.nats, monitor=None, limits=Limits(ack_seconds=0.3))
    count, ended = 0, asyncio.Event()

    async def slow(delivery):
        nonlocal count
        count += 1
        await asyncio.sleep(1.0)
        ended.set()

    async with consuming(hasty, slow):
        await hasty.publish([message()])
        await asyncio.wait_for(ended.wait(), 30)
        await eventually(lambda: is_acknowledged(servers, "tests_consumer"))
    await hasty.close()
    assert count == 1


async def is_acknowledged(servers, consumer):
    info = await with_stream(servers.nats, lambda stream: stream.consumer_info(STREAM, consumer))
    return info.num_ack_pending == 0 and info.ack_floor.stream_seq == info.delivered.stream_seq


async def test_a_stopped_consumer_finishes_what_it_began_and_gives_back_the_rest(bus):
    begun, ended = asyncio.Event(), []

    async def slow(delivery):
        begun.set()
        await asyncio.sleep(0.2)
        ended.append(delivery.message.id)

    sent = [message(aggregate="a") for _ in range(10)]
    async with consuming(bus, slow):
        await bus.publish(sent)
        await asyncio.wait_for(begun.wait(), 30)
    assert ended == [sent[0].id]
    taken = Taken()
    async with consuming(bus, taken):
        # Given back at once: without that they would come after 30 s.
        await eventually(lambda: len(taken) == 9, seconds=20)
    assert set(taken.ids) == {one.id for one in sent[1:]}


@pytest.mark.parametrize("ticks", range(6))
async def test_a_consumer_that_is_woken_and_stopped_at_once_stops(bus, ticks):
    session = await bus._link.session()
    pull = nats_pull.Pull(session, "tests_consumer", Taken())
    task = asyncio.create_task(pull.run(["souk.tests.done"]))
    await eventually(lambda: pull._asked)
    await asyncio.sleep(0.01)
    pull._wake.set()
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=5)
    assert done


async def test_a_consumer_may_change_its_subjects(bus):
    first, second = Taken(), Taken()
    async with consuming(bus, first):
        await bus.publish([message()])
        await eventually(lambda: len(first) == 1)
    async with consuming(bus, second, subjects=("souk.tests.done", "souk.tests.undone")):
        await bus.publish([message("souk.tests.undone"), message("souk.tests.other")])
        await eventually(lambda: len(second) == 1)
    assert second[0].message.subject == "souk.tests.undone"


async def test_a_deleted_stream_is_made_again_under_a_standing_connection(bus, servers):
    taken = Taken()
    async with consuming(bus, taken):
        await bus.publish([message()])
        await eventually(lambda: len(taken) == 1)
        await with_stream(servers.nats, lambda stream: stream.delete_stream(STREAM))
        with pytest.raises(BusUnavailable):
            await bus.publish([message()])
        await bus.publish([message()])
        await eventually(lambda: len(taken) == 2)


async def test_everything_resumes_when_the_broker_returns_with_an_empty_store(
    broker, home, monkeypatch
):
    monkeypatch.setattr(nats_bus, "PUBLISH_SECONDS_MAX", 1)
    bus = await NatsBus.connect(broker.url, monitor=None)
    taken, heard = Taken(), []
    listening = await bus.listen("souk.tests.*")
    hearing = asyncio.create_task(collect(listening, heard))
    async with consuming(bus, taken):
        await bus.publish([message()])
        await eventually(lambda: len(taken) == 1)
        await broker.stop()
        begin = monotonic()
        with pytest.raises(BusUnavailable):
            await bus.publish([message()])
        assert monotonic() - begin < 2
        assert not bus.is_up
        shutil.rmtree(home / "nats" / "streams")
        await broker.start()
        await eventually(lambda: bus.is_up)
        await bus.publish([message()])
        await eventually(lambda: len(taken) == 2)
        await eventually(lambda: is_heard(bus, heard))
    await listening.aclose()
    await asyncio.wait_for(hearing, 30)
    await bus.close()


async def is_heard(bus, heard):
    """A listener hears what is told after it is back, which nobody else can see."""
    one = message()
    await bus.publish([one])
    await asyncio.sleep(0.02)
    return one in heard


async def collect(messages, heard):
    async for one in messages:
        heard.append(one)


async def test_a_killed_broker_still_has_what_it_acknowledged(broker):
    bus = await NatsBus.connect(broker.url, monitor=None)
    sent = [message() for _ in range(100)]
    await bus.publish(sent)
    broker.leftover().kill()
    await broker.start()
    taken = Taken()
    async with consuming(bus, taken):
        await eventually(lambda: len(taken) == 100)
    assert set(taken.ids) == {one.id for one in sent}
    await bus.close()


async def test_a_broker_that_is_away_at_the_start_is_waited_for(broker):
    await broker.stop()
    bus = await NatsBus.connect(broker.url, monitor=None, seconds_max=0.2)
    assert not bus.is_up
    taken = Taken()
    async with consuming(bus, taken):
        await broker.start()
        await eventually(lambda: bus.is_up)
        await bus.publish([message()])
        await eventually(lambda: len(taken) == 1)
    await bus.close()


async def test_a_stream_in_memory_is_refused(servers):
    await with_stream(
        servers.nats,
        lambda stream: stream.add_stream(
            name=STREAM, subjects=["souk.>"], storage=StorageType.MEMORY
        ),
    )
    try:
        with pytest.raises(UnsafeBroker, match="its storage is memory"):
            await NatsBus.connect(servers.nats, monitor=None)
    finally:
        await with_stream(servers.nats, lambda stream: stream.delete_stream(STREAM))


async def test_an_existing_stream_is_brought_up_to_date(servers):
    bus = await NatsBus.connect(servers.nats, monitor=None)
    await bus.close()
    narrow = Limits(age_seconds_max=3600, bytes_max=1 << 25)
    bus = await NatsBus.connect(servers.nats, monitor=None, limits=narrow)
    info = await with_stream(servers.nats, lambda stream: stream.stream_info(STREAM))
    await bus.close()
    await with_stream(servers.nats, lambda stream: stream.delete_stream(STREAM))
    assert (info.config.max_age, info.config.max_bytes) == (3600, 1 << 25)
    assert info.config.storage == StorageType.FILE
    assert info.config.duplicate_window == USUAL.duplicates_seconds >= 120


@pytest.mark.parametrize(("interval", "is_safe"), [("always", True), ("2m", False)])
async def test_a_server_that_acknowledges_before_syncing_is_refused(home, interval, is_safe):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    broker = Nats(home)
    await broker.prepare()
    configuration = home / "nats" / "nats.conf"
    configuration.write_text(
        configuration.read_text().replace("sync_interval: always", f"sync_interval: {interval}")
        + f"http: 127.0.0.1:{port}\n"
    )
    server = await asyncio.create_subprocess_exec(
        *broker.command(), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await eventually(lambda: accepts(port))
        if is_safe:
            await check_sync(f"127.0.0.1:{port}")
        else:
            given = Settings(home=home, nats_url=broker.url, nats_monitor=f"127.0.0.1:{port}")
            process = Process(given, (), serves_grpc=False)
            with pytest.raises(UnsafeBroker, match="sync_interval"):
                await process.start()
    finally:
        server.terminate()
        await server.wait()


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_a_message_that_comes_as_the_last_lane_ends_is_not_left_lying():
    """Between the end of a task and its callbacks the event loop may hand over a message."""
    handled, told = [], []

    async def handle(delivery):
        handled.append(delivery.message.id)

    pull = Pull(Told(told), "tests_consumer", handle, lanes=1)
    coming = []
    for number in (1, 2):
        coming.append(asyncio.create_task(pull._received(arrived(number))))
        await asyncio.sleep(0)  # the second comes when the lane of the first has just ended
    await asyncio.gather(*coming)
    await eventually(lambda: handled == ["id-1", "id-2"])
    assert len(told) == 2


async def test_a_bunch_of_messages_is_in_hand_at_once():
    handled, goes_on = [], asyncio.Event()

    async def handle(delivery):
        handled.append(delivery.message.id)
        await goes_on.wait()

    pull = Pull(Told([]), "tests_consumer", handle)
    for number in range(LANES + 1):
        await pull._received(arrived(number))
    await eventually(lambda: len(handled) == LANES)
    goes_on.set()
    await eventually(lambda: len(handled) == LANES + 1)


class Told:
    """A session whose client keeps the replies it was to send."""

    def __init__(self, told):
        self.client = self
        self._told = told

    def new_inbox(self):
        return "_INBOX.tests"

    async def publish(self, reply, word):
        self._told.append((reply, word))


def arrived(number):
    reply = f"$JS.ACK.{STREAM}.tests_consumer.1.{number}.{number}.1.0"
    return Msg(None, "souk.tests.done", reply, b"{}", {MESSAGE_ID: f"id-{number}"})
