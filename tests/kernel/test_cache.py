"""The cache: what it keeps, and how quickly it is done without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio

from souk.devstack.redis import Redis
from souk.kernel.cache import Cache, RedisAway, RedisLink
from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from tests.support.servers import Desk


@pytest.fixture
async def link(servers: Desk) -> AsyncIterator[RedisLink]:
    found = RedisLink(servers.redis, answer_seconds=3)
    yield found
    await found.close()


@pytest.fixture
def cache(link: RedisLink) -> Cache:
    return Cache(link, scope=new_id())


async def test_a_value_is_kept_until_its_time_is_over(cache: Cache) -> None:
    await cache.set("cart", b"\x00three", seconds=0.2)

    assert await cache.get("cart") == b"\x00three"
    await asyncio.sleep(0.25)
    assert await cache.get("cart") is None


async def test_deleted_values_are_gone_at_once(cache: Cache) -> None:
    for key in ("a", "b", "c"):
        await cache.set(key, b"1", seconds=60)

    await cache.delete("a", "b")
    await cache.delete()

    assert [await cache.get(key) for key in ("a", "b", "c")] == [None, None, b"1"]


async def test_services_do_not_see_each_others_values(link: RedisLink) -> None:
    orders, carts = Cache(link, scope=new_id()), Cache(link, scope=new_id())

    await orders.set("key", b"of orders", seconds=60)

    assert await carts.get("key") is None


async def test_many_at_once_get_their_own_answers(cache: Cache) -> None:
    async def one(number: int) -> bool:
        await cache.set(str(number), str(number).encode(), seconds=60)
        return await cache.get(str(number)) == str(number).encode()

    assert all(await asyncio.gather(*(one(number) for number in range(20))))


async def test_without_redis_everything_is_a_miss_and_nothing_waits() -> None:
    link = RedisLink("redis://127.0.0.1:1")
    cache = Cache(link)
    begin = monotonic()

    for _ in range(100):
        assert await cache.get("key") is None
        await cache.set("key", b"1", seconds=1)
        await cache.delete("key")

    assert monotonic() - begin < 0.5
    assert not await link.is_up()
    await link.close()


async def test_no_address_is_redis_away() -> None:
    link = RedisLink("")

    assert await Cache(link).get("key") is None

    await link.close()


async def test_a_redis_that_hangs_costs_fifty_milliseconds_once_a_second(servers: Desk) -> None:
    link = RedisLink(servers.redis)
    cache = Cache(link, scope=new_id())
    await heals(cache, "b", b"of b")
    other = redis.asyncio.from_url(servers.redis)
    await other.client_pause(400)

    begin = monotonic()
    for _ in range(50):
        assert await cache.get("a") is None
    assert monotonic() - begin < 0.25

    # The answer to "a", which nobody waited for, must not be taken for the answer to "b".
    begin, found = monotonic(), None
    while found is None:
        assert monotonic() - begin < 4
        await asyncio.sleep(0.05)
        found = await cache.get("b")
    assert found == b"of b"
    await other.aclose()
    await link.close()


async def test_a_restarted_redis_is_used_again_by_itself(home: Path) -> None:
    server = Redis(home)
    await server.start()
    link = RedisLink(server.url, answer_seconds=1)
    cache = Cache(link)
    await cache.set("key", b"1", seconds=60)
    assert await cache.get("key") == b"1"

    await server.stop()
    assert await cache.get("key") is None
    with pytest.raises(RedisAway):
        await link.ask(lambda client: client.ping())
    await server.start()

    await heals(cache, "key", b"2")
    await link.close()
    await server.stop()


async def heals(cache: Cache, key: str, value: bytes) -> None:
    """Returns when the cache answers, and `value` is what it has."""
    begin = monotonic()
    while await cache.get(key) != value:
        assert monotonic() - begin < 4
        await cache.set(key, value, seconds=60)
        await asyncio.sleep(0.05)


async def test_our_own_delay_is_not_taken_for_that_of_redis(servers: Desk) -> None:
    link = RedisLink(servers.redis)
    cache = Cache(link, scope=new_id())
    await heals(cache, "key", b"1")

    async def stall() -> None:
        await asyncio.sleep(0)
        time.sleep(0.1)  # noqa: ASYNC251 - what a busy process does

    for _ in range(3):
        found, _ = await asyncio.gather(cache.get("key"), stall())
        assert found == b"1"
    await link.close()


async def test_who_insists_asks_again_at_once_after_a_failure(servers: Desk) -> None:
    link = RedisLink(servers.redis, answer_seconds=0.3)
    other = redis.asyncio.from_url(servers.redis)
    await other.client_pause(400)
    with pytest.raises(RedisAway):
        await link.ask(lambda client: client.ping())

    with pytest.raises(RedisAway):
        await link.ask(lambda client: client.ping())
    assert await link.ask(lambda client: client.ping(), insists=True)

    await other.aclose()
    await link.close()
