"""Deadlines, limits and overload."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from souk.gateway import pressure
from souk.gateway.pressure import CROWD, LOOK_SECONDS, Deadlines, Lane, Seats
from souk.kernel.cache import RedisLink
from souk.kernel.clock import monotonic
from souk.kernel.refusals import DeadlineExceeded, TooManyRequests, Unavailable
from tests.gateway.conftest import World, world
from tests.support.waiting import eventually

WAIT_SECONDS = 4.0
WAIT = "/api/v1/trouble/wait"


async def test_a_request_that_takes_too_long_is_ended() -> None:
    made = world(request_timeout_seconds=1)
    async with made.client() as client:
        began = monotonic()
        answer = await client.get("/api/v1/trouble/slow")
    assert answer.status_code == 504
    assert 0.9 < monotonic() - began < 3


async def test_each_task_ends_by_its_own_deadline() -> None:
    deadlines = Deadlines(0.1)
    ended: list[int] = []

    async def run(number: int) -> None:
        await asyncio.sleep(number * 0.05)
        try:
            with deadlines.ticket():
                await asyncio.sleep(60)
        except DeadlineExceeded:
            ended.append(number)

    await asyncio.wait_for(asyncio.gather(*(run(number) for number in range(4))), 20)
    assert ended == [0, 1, 2, 3]
    assert not deadlines.open


async def test_what_ends_in_time_is_left_alone_and_the_timer_rests() -> None:
    deadlines = Deadlines(0.05)
    with deadlines.ticket():
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    assert deadlines._timer is None
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0


async def test_a_cancel_from_outside_stays_a_cancel() -> None:
    deadlines = Deadlines(60)

    async def run() -> None:
        with deadlines.ticket():
            await asyncio.sleep(60)

    task = asyncio.create_task(run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_more_than_can_run_at_once_is_refused_at_once() -> None:
    made = world(options={"requests_max": 2})
    async with made.client() as client:
        running = [asyncio.create_task(client.get(WAIT)) for _ in range(2)]
        await eventually(lambda: made.gateway._gate.running == 2)
        began = monotonic()
        refused = await client.get("/api/v1/books")
        assert monotonic() - began < 0.5
        assert (await client.get("/health/live")).status_code == 200
        made.library.gate.set()
        answers = await asyncio.gather(*running)
        after = await client.get("/api/v1/books")
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert [answer.status_code for answer in answers] == [200, 200]
    assert after.status_code == 200


class Hall:
    """A lane whose visitors and hours the test decides."""

    def __init__(self) -> None:
        self.hour = 0.0
        self.lane = Lane(WAIT_SECONDS, lambda: self.hour)

    def let_in(self, count: int) -> int:
        """How many of so many may enter."""
        for number in range(count):
            try:
                self.lane.__enter__()
            except Unavailable:
                return number
        return count

    def answer(self, count: int) -> None:
        for _ in range(count):
            self.lane.__exit__()


def test_a_burst_comes_in_whole() -> None:
    hall = Hall()
    assert hall.let_in(900) == 900
    hall.hour = LOOK_SECONDS / 2
    hall.answer(10)
    assert hall.let_in(1) == 1


def test_who_would_wait_longer_than_people_do_is_told_to_come_again() -> None:
    hall = Hall()
    hall.let_in(900)
    hall.hour = LOOK_SECONDS
    hall.answer(100)
    assert hall.let_in(1) == 0
    hall.answer(800 - int(100 * WAIT_SECONDS / LOOK_SECONDS))
    assert hall.let_in(100) == 1


def test_a_lane_that_has_cleared_forgets_how_slow_it_was() -> None:
    hall = Hall()
    hall.let_in(100)
    hall.hour = LOOK_SECONDS
    hall.answer(1)
    assert hall.let_in(1) == 0
    hall.answer(99)
    assert hall.let_in(900) == 900


def test_as_many_as_always_may_run_come_in_however_slow_they_are() -> None:
    hall = Hall()
    for _ in range(CROWD):
        assert hall.let_in(1) == 1
        hall.hour += 60


async def test_one_class_that_stands_still_holds_up_no_other(monkeypatch: Any) -> None:
    monkeypatch.setattr(pressure, "CROWD", 2)
    monkeypatch.setattr(pressure, "LOOK_SECONDS", 0.0)
    made = world()
    async with made.client() as client:
        running = [asyncio.create_task(client.get(WAIT)) for _ in range(3)]
        await eventually(lambda: made.gateway._gate.running == 3)
        refused = await client.get("/api/v1/books")
        other = await client.post("/api/v1/sign-in")
        made.library.gate.set()
        answers = await asyncio.gather(*running)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert other.status_code == 200
    assert {answer.status_code for answer in answers} == {200}


async def test_a_client_has_so_many_streams_and_no_more() -> None:
    seats = Seats(each_max=2, all_max=3)
    with seats.seat("a"), seats.seat("a"):
        with pytest.raises(TooManyRequests), seats.seat("a"):
            pass
        with seats.seat("b"), pytest.raises(Unavailable), seats.seat("c"):
            pass
    assert seats.total == 0
    with seats.seat("a"):
        assert seats.total == 1


async def test_a_strict_limit_is_counted_call_by_call(redis: RedisLink) -> None:
    made = world(redis=redis, rate_sign_in_per_minute=3)
    async with made.client() as client, made.client("198.51.100.1") as other:
        statuses = [(await client.post("/api/v1/sign-in")).status_code for _ in range(5)]
        refused = await client.post("/api/v1/sign-in")
        elsewhere = await other.post("/api/v1/sign-in")
    assert statuses == [200, 200, 200, 429, 429]
    assert refused.json()["code"] == "TooManyRequests"
    assert 0 < int(refused.headers["retry-after"]) <= 120
    assert elsewhere.status_code == 200


async def test_a_signed_in_client_is_counted_by_account_and_not_by_address(
    redis: RedisLink,
) -> None:
    made = world(redis=redis, rate_checkout_per_minute=2)
    path = "/api/v1/books/0197a3f2-5c1e-7d4b-9a86-3f2b1c0d4e5f/loans"

    async def lend(client: httpx.AsyncClient, user: str) -> int:
        headers = {**made.bearer(sub=user), "Idempotency-Key": "k"}
        return (await client.post(path, json={"days": 1}, headers=headers)).status_code

    async with made.client() as client, made.client("198.51.100.1") as other:
        first = [await lend(client, "u-1"), await lend(other, "u-1"), await lend(client, "u-1")]
        second = await lend(client, "u-2")
    assert first == [201, 201, 429]
    assert second == 201


async def test_a_generous_limit_is_drawn_in_portions_and_still_ends(redis: RedisLink) -> None:
    made = world(redis=redis, rate_read_per_minute=1200)
    async with made.client() as client:
        statuses = [(await client.get("/api/v1/books/7")).status_code for _ in range(1300)]
    # The window slides: should a minute pass meanwhile, one portion of 20 may come free.
    assert statuses[:1200] == [200] * 1200
    assert statuses[-80:] == [429] * 80


async def test_without_the_limiter_reads_pass_and_sign_ins_do_not() -> None:
    made = world(rate_read_per_minute=100, rate_sign_in_per_minute=100)
    async with made.client() as client:
        read = await client.get("/api/v1/books")
        sign_in = await client.post("/api/v1/sign-in")
    assert read.status_code == 200
    assert sign_in.status_code == 503


async def test_a_gateway_that_stops_finishes_what_runs_and_takes_nothing_new(
    souk: World,
) -> None:
    async with souk.client() as client:
        running = asyncio.create_task(client.get(WAIT))
        await eventually(lambda: souk.gateway._gate.running)
        stopping = asyncio.create_task(souk.gateway.stop(5))
        await asyncio.sleep(0)
        refused = await client.get("/api/v1/books")
        ready = await client.get("/health/ready")
        assert not stopping.done()
        souk.library.gate.set()
        finished = await running
        await asyncio.wait_for(stopping, 20)
    assert finished.status_code == 200
    assert finished.headers["connection"] == "close"
    assert refused.status_code == 503
    assert ready.status_code == 503
    assert ready.json()["checks"] == {"gateway": "stopping"}


async def test_a_stop_does_not_wait_longer_than_its_grace(souk: World) -> None:
    async with souk.client() as client:
        running = asyncio.create_task(client.get(WAIT))
        await eventually(lambda: souk.gateway._gate.running)
        await asyncio.wait_for(souk.gateway.stop(0.05), 20)
        souk.library.gate.set()
        await running
