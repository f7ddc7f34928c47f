"""Limits: counted together, exact at the edges, open or closed while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio

from souk.kernel.cache import RedisLink
from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from souk.kernel.limits import Limiter
from souk.kernel.refusals import TooManyRequests, Unavailable
from tests.support.servers import Desk


@pytest.fixture
async def link(servers: Desk) -> AsyncIterator[RedisLink]:
    found = RedisLink(servers.redis, answer_seconds=3)
    yield found
    await found.close()


@pytest.fixture
def limiter(link: RedisLink) -> Limiter:
    return Limiter(link, scope=new_id())


async def passes(limiter: Limiter, key: str, *, limit: int, window_seconds: float) -> bool:
    try:
        await limiter.hit(key, limit=limit, window_seconds=window_seconds)
    except TooManyRequests:
        return False
    return True


async def test_the_hit_after_the_last_is_refused_with_the_time_to_wait(limiter: Limiter) -> None:
    for _ in range(5):
        await limiter.hit("key", limit=5, window_seconds=60)

    with pytest.raises(TooManyRequests) as raised:
        await limiter.hit("key", limit=5, window_seconds=60)

    assert 1 <= raised.value.retry_seconds <= 66
    assert raised.value.retry_after_seconds == raised.value.retry_seconds


async def test_keys_are_counted_apart(limiter: Limiter) -> None:
    await limiter.hit("one", limit=1, window_seconds=60)
    await limiter.hit("two", limit=1, window_seconds=60)

    with pytest.raises(TooManyRequests):
        await limiter.hit("one", limit=1, window_seconds=60)


async def test_of_many_at_once_exactly_the_limit_pass(servers: Desk) -> None:
    scope = new_id()
    links = [RedisLink(servers.redis, answer_seconds=3) for _ in range(4)]
    limiters = [Limiter(link, scope=scope) for link in links]

    passed = 0
    for _ in range(10):
        passed += sum(
            await asyncio.gather(
                *(passes(one, "key", limit=17, window_seconds=600) for one in limiters)
            )
        )

    assert passed == 17
    for link in links:
        await link.close()


async def test_no_window_of_the_length_holds_more_than_the_limit(limiter: Limiter) -> None:
    limit, window = 10, 0.4
    passed: list[float] = []
    begin = monotonic()
    while monotonic() - begin < 2.0:
        asked = monotonic()
        if await passes(limiter, "key", limit=limit, window_seconds=window):
            passed.append(asked)
        await asyncio.sleep(0.004)

    most = max(sum(1 for hit in passed if start <= hit < start + window - 0.1) for start in passed)
    assert most <= limit
    assert len(passed) >= limit * 3


async def test_who_waits_as_long_as_told_passes(limiter: Limiter) -> None:
    for _ in range(3):
        await limiter.hit("key", limit=3, window_seconds=1)
    with pytest.raises(TooManyRequests) as raised:
        await limiter.hit("key", limit=3, window_seconds=1)

    await asyncio.sleep(raised.value.retry_seconds)

    await limiter.hit("key", limit=3, window_seconds=1)


async def test_refused_hits_do_not_lengthen_the_wait(limiter: Limiter) -> None:
    await limiter.hit("key", limit=1, window_seconds=0.5)
    begin = monotonic()

    while not await passes(limiter, "key", limit=1, window_seconds=0.5):
        assert monotonic() - begin < 2
        await asyncio.sleep(0.01)


async def test_counters_leave_redis_by_themselves(limiter: Limiter, servers: Desk) -> None:
    await limiter.hit("key", limit=5, window_seconds=60)
    client = redis.asyncio.from_url(servers.redis)

    (key,) = [key async for key in client.scan_iter(match=f"{limiter._scope}*")]

    assert 0 < await client.pttl(key) <= 120_000
    await client.aclose()


async def test_it_goes_on_after_redis_forgot_its_scripts(limiter: Limiter, servers: Desk) -> None:
    await limiter.hit("key", limit=2, window_seconds=60)
    client = redis.asyncio.from_url(servers.redis)
    await client.script_flush()
    await client.aclose()

    await limiter.hit("key", limit=2, window_seconds=60)
    with pytest.raises(TooManyRequests):
        await limiter.hit("key", limit=2, window_seconds=60)


async def test_without_redis_reads_pass_and_guesses_do_not() -> None:
    link = RedisLink("redis://127.0.0.1:1")
    limiter = Limiter(link)
    begin = monotonic()

    for _ in range(50):
        await limiter.hit("key", limit=1, window_seconds=60)
        with pytest.raises(Unavailable):
            await limiter.hit("key", limit=1, window_seconds=60, closed=True)

    assert monotonic() - begin < 0.5
    await link.close()


async def test_a_look_counts_nothing_and_says_what_a_hit_would(limiter: Limiter) -> None:
    for _ in range(5):
        await limiter.look("key", limit=1, window_seconds=60)
    await limiter.hit("key", limit=1, window_seconds=60)

    with pytest.raises(TooManyRequests):
        await limiter.look("key", limit=1, window_seconds=60)
