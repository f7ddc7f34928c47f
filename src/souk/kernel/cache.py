"""What may be forgotten at any moment: answers kept in Redis for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import redis.asyncio as redis
from redis.asyncio.connection import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from souk.kernel.breaker import Breaker
from souk.kernel.telemetry import logger, metrics

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")
ANSWER_SECONDS = 0.05  # longer than this, and doing without it is the better answer
CONNECTIONS_MAX = 64
NOWHERE = "redis://127.0.0.1:1"
log = logger(__name__)


class RedisAway(Exception):  # noqa: N818 - a fact
    """Redis did not answer in time, or is left alone because it did not a moment ago."""


class RedisLink:
    """The process's Redis: asked with a bound on time, left alone for a second after a failure.

    Without a URL it is away for good.
    """

    def __init__(self, url: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        # A command that waits for a connection is as late as one that waits for its answer.
        pool = BlockingConnectionPool.from_url(
            url or NOWHERE,
            max_connections=CONNECTIONS_MAX,
            timeout=None,
            socket_connect_timeout=1,
            # A repeated command might count twice.
            retry=Retry(NoBackoff(), 0),
        )
        self._redis: Redis = redis.Redis.from_pool(pool)
        self._answer_seconds = answer_seconds
        self._breaker = Breaker(failures_max=1)

    async def ask(self, question: Callable[[Redis], Awaitable[T]], *, insists: bool = False) -> T:
        """Raises RedisAway. Who `insists` asks even after a failure, and waits ten times as long:
        for those to whom no answer is worse than a late one."""
        if not (insists or self._breaker.permits()):
            raise RedisAway()
        seconds = self._answer_seconds * (10 if insists else 1)
        try:
            answer = await in_time(seconds, question(self._redis))
        except (RedisError, OSError, TimeoutError) as error:
            if not self._breaker.is_open:
                log.warning("redis_away", reason=str(error) or type(error).__name__)
            self._breaker.failed()
            raise RedisAway() from error
        self._breaker.succeeded()
        return answer

    async def is_up(self) -> bool:
        try:
            await in_time(1, self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False
        self._breaker.succeeded()
        return True

    async def close(self) -> None:
        await self._redis.aclose()


async def in_time(seconds: float, answer: Awaitable[T]) -> T:
    """The answer, if it comes in time; else TimeoutError.

    The time is allowed in two halves: when a busy process only looks after both the answer and
    the clock are there, the first half is over and the answer still counts. A plain timeout would
    take our own delay for Redis' and leave it alone just when it is needed most.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as bound:
        half = seconds / 2
        timer = loop.call_later(half, lambda: bound.reschedule(loop.time() + half))
        try:
            return await answer
        finally:
            timer.cancel()


class Cache:
    """Redis away is a miss, told within 50 ms. Keys are scoped to one service."""

    def __init__(self, link: RedisLink, *, scope: str = "") -> None:
        self._link, self._scope = link, f"souk:cache:{scope}:"

    async def get(self, key: str) -> bytes | None:
        try:
            found: Any = await self._link.ask(lambda link: link.get(self._scope + key))
        except RedisAway:
            metrics.cache_outcomes.add("away")
            return None
        metrics.cache_outcomes.add("miss" if found is None else "hit")
        return found if isinstance(found, bytes) else None

    async def set(self, key: str, value: bytes, *, seconds: float) -> None:
        """Keeps `value`, unless Redis is away."""
        kept_ms = max(round(seconds * 1000), 1)
        try:
            await self._link.ask(lambda link: link.set(self._scope + key, value, px=kept_ms))
        except RedisAway:
            metrics.cache_outcomes.add("away")

    async def add(self, key: str, value: bytes, *, seconds: float) -> bool:
        """Keeps `value` where there is none; whether it did. While Redis is away, everyone does."""
        kept_ms = max(round(seconds * 1000), 1)
        try:
            return bool(
                await self._link.ask(
                    lambda link: link.set(self._scope + key, value, px=kept_ms, nx=True)
                )
            )
        except RedisAway:
            metrics.cache_outcomes.add("away")
            return True

    async def delete(self, *keys: str) -> None:
        """Forgets. Redis away: the value lives on until its time is over."""
        if not keys:
            return
        names = [self._scope + key for key in keys]
        try:
            await self._link.ask(lambda link: link.delete(*names))
        except RedisAway:
            metrics.cache_outcomes.add("away")
