"""What may be forgotten at any moment: answers kept in Redis for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from souk.kernel.breaker import Breaker
from souk.kernel.telemetry import logger, metrics

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")
ANSWER_SECONDS = 0.05  # longer than this, and doing without it is the better answer
CONNECTIONS_MAX = 32
NOWHERE = "redis://127.0.0.1:1"
log = logger(__name__)


class RedisAway(Exception):  # noqa: N818 - a fact
    """Redis did not answer in time, or is left alone because it did not a moment ago."""


class RedisLink:
    """The process's Redis: asked with a bound on time, left alone for a second after a failure.

    Without a URL it is away for good.
    """

    def __init__(self, url: str) -> None:
        self._redis: Redis = redis.Redis.from_url(
            url or NOWHERE,
            max_connections=CONNECTIONS_MAX,
            socket_connect_timeout=1,
            # A repeated command might count twice, and the bound on time is ours.
            retry=Retry(NoBackoff(), 0),
        )
        self._breaker = Breaker(failures_max=1)

    async def ask(self, question: Callable[[Redis], Awaitable[T]]) -> T:
        """Raises RedisAway."""
        if not self._breaker.permits():
            raise RedisAway()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await question(self._redis)
        except (RedisError, OSError, TimeoutError) as error:
            if not self._breaker.is_open:
                log.warning("redis_away", reason=str(error) or type(error).__name__)
            self._breaker.failed()
            raise RedisAway() from error
        self._breaker.succeeded()
        return answer

    async def is_up(self) -> bool:
        try:
            async with asyncio.timeout(1):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        self._breaker.succeeded()
        return True

    async def close(self) -> None:
        await self._redis.aclose()


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

    async def delete(self, *keys: str) -> None:
        """Forgets. Redis away: the value lives on until its time is over."""
        if not keys:
            return
        names = [self._scope + key for key in keys]
        try:
            await self._link.ask(lambda link: link.delete(*names))
        except RedisAway:
            metrics.cache_outcomes.add("away")
