"""Live updates: everyone who watches sees what happens from then on, in order."""

import asyncio
import gc

import pytest

from souk.devstack.nats import Nats
from souk.kernel.events import live as live_module
from souk.kernel.events.bus import Bus, BusUnavailable, Message
from souk.kernel.events.live import BEHIND_MAX, Live
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.ids import new_id
from souk.kernel.refusals import Unavailable
from tests.support.servers import empty_bus
from tests.support.waiting import eventually


@pytest.fixture
async def bus(servers):
    async with empty_bus(servers) as bus:
        yield bus


@pytest.fixture
async def live(bus):
    live = Live(bus)
    yield live
    await live.close()


def message(subject="souk.tests.moved", number=0):
    return Message(new_id(), subject, b"%d" % number)


async def take(watch, count):
    async with asyncio.timeout(30):
        return [(await anext(watch)).payload for _ in range(count)]


async def test_all_watchers_see_all_that_happens_in_order(live, bus):
    async with live.watch("souk.tests.*") as one, live.watch("souk.tests.*") as other:
        await bus.publish([message(number=n) for n in range(100)])
        expected = [b"%d" % n for n in range(100)]
        assert await take(one, 100) == expected
        assert await take(other, 100) == expected


async def test_a_watcher_may_follow_several_subjects(live, bus):
    async with live.watch("souk.tests.moved", "souk.tests.stopped") as watch:
        subjects = ("souk.tests.moved", "souk.tests.stopped", "souk.tests.other")
        await bus.publish([message(subject) for subject in subjects])
        seen = {(await anext(watch)).subject for _ in range(2)}
    assert seen == {"souk.tests.moved", "souk.tests.stopped"}


async def test_what_happened_before_is_not_told(live, bus):
    await bus.publish([message(number=1)])
    async with live.watch("souk.tests.moved") as watch:
        await bus.publish([message(number=2)])
        assert await take(watch, 1) == [b"2"]


async def test_a_slow_watcher_is_dropped_and_told_so_while_others_go_on(live, bus):
    async with live.watch("souk.tests.moved") as slow, live.watch("souk.tests.moved") as quick:
        count = BEHIND_MAX + 10
        following = asyncio.create_task(take(quick, count))
        await bus.publish([message(number=n) for n in range(count)])
        assert len(await following) == count
        with pytest.raises(Unavailable):
            async for _ in slow:
                pass


async def test_a_subject_nobody_watches_is_not_followed(live, bus):
    session = await bus._link.session()
    before = len(session.client._subs)
    watches = [live.watch("souk.tests.moved") for _ in range(50)]
    await watches[0].ready()
    assert len(session.client._subs) == before + 1
    for watch in watches:
        await watch.aclose()
    await eventually(lambda: len(session.client._subs) == before)


async def test_a_watcher_that_was_let_go_is_forgotten(live, bus):
    kept, let_go = live.watch("souk.tests.moved"), live.watch("souk.tests.moved")
    await let_go.ready()
    (topic,) = kept._topics
    del let_go
    gc.collect()
    assert len(topic.watches) == 1
    await kept.aclose()


async def test_a_closed_watcher_ends(live):
    watch = live.watch("souk.tests.moved")
    waiting = asyncio.create_task(anext(watch, "ended"))
    await watch.ready()
    await watch.aclose()
    assert await asyncio.wait_for(waiting, 30) == "ended"
    assert await anext(watch, "ended") == "ended"


async def test_watching_again_right_after_the_last_left_works(live, bus):
    for number in range(5):
        async with live.watch("souk.tests.moved") as watch:
            await bus.publish([message(number=number)])
            assert await take(watch, 1) == [b"%d" % number]


async def test_closing_ends_every_watch(bus):
    live = Live(bus)
    watch = live.watch("souk.tests.moved")
    await watch.ready()
    await live.close()
    assert await asyncio.wait_for(anext(watch, "ended"), 30) == "ended"


async def test_a_watch_goes_on_after_the_broker_was_away(home):
    broker = Nats(home)
    await broker.start()
    bus = await NatsBus.connect(broker.url, monitor=None)
    live = Live(bus)
    async with live.watch("souk.tests.moved") as watch:
        await broker.stop()
        await broker.start()
        await eventually(lambda: bus.is_up)
        heard = asyncio.create_task(anext(watch))
        # The watch and this test learn of the return in no particular order.
        await eventually(lambda: tells(bus, heard))
        assert heard.result().subject == "souk.tests.moved"
    await live.close()
    await bus.close()
    await broker.stop()


async def tells(bus, heard):
    await bus.publish([message()])
    return heard.done()


async def test_watching_without_a_broker_is_refused_in_time(home, monkeypatch):
    monkeypatch.setattr(live_module, "READY_SECONDS_MAX", 0.2)
    broker = Nats(home)
    await broker.prepare()
    bus = await NatsBus.connect(broker.url, monitor=None, seconds_max=0.1)
    live = Live(bus)
    with pytest.raises(Unavailable):
        async with live.watch("souk.tests.moved"):
            pytest.fail("nobody is there to listen to")
    await live.close()
    await bus.close()


class Silent(Bus):
    """A bus that refuses every listener at once."""

    is_up = False

    def __init__(self):
        self.asked = 0

    async def publish(self, messages):
        raise BusUnavailable

    async def consume(self, consumer, subjects, handle):
        raise BusUnavailable

    async def listen(self, subject):
        self.asked += 1
        raise BusUnavailable


async def test_a_broker_that_refuses_at_once_is_not_asked_without_pause():
    bus = Silent()
    live = Live(bus)
    watch = live.watch("souk.tests.moved")
    await eventually(lambda: bus.asked > 3)
    for _ in range(1000):
        await asyncio.sleep(0)
    assert bus.asked < 20
    await watch.aclose()
    await live.close()
