"""How often something may be done: counted in Redis, for all processes together."""

from __future__ import annotations

import math
from typing import Any

from souk.kernel.cache import RedisAway, RedisLink
from souk.kernel.refusals import TooManyRequests, Unavailable

# A sliding window in two numbers: the count of this window, and of the one before weighted by how
# much of it still lies within the last `window`. A fixed window would let twice the limit through
# at its edge; a log of every hit would cost memory per hit. Time is Redis' own: one clock for all.
# Answers milliseconds to wait, 0 when the hit counts. A refused hit is not counted.
SLIDE = """
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local turn = math.floor(now / window)
local held = redis.call('HMGET', KEYS[1], 'turn', 'now', 'before')
local current, before = 0, 0
local last = tonumber(held[1])
if last == turn then
  current, before = tonumber(held[2]), tonumber(held[3])
elseif last == turn - 1 then
  before = tonumber(held[2])
end
local into = now - turn * window
local weight = 1 - into / window
if current + before * weight + 1 > limit then
  if current + 1 > limit or before == 0 then
    return math.max(window - into, 1)
  end
  return math.max(math.ceil(window * (1 - (limit - 1 - current) / before)) - into, 1)
end
redis.call('HSET', KEYS[1], 'turn', turn, 'now', current + 1, 'before', before)
redis.call('PEXPIRE', KEYS[1], window * 2)
return 0
"""


class Limiter:
    """At most `limit` hits in any `window_seconds`, by key."""

    def __init__(self, link: RedisLink, *, scope: str = "") -> None:
        self._link, self._scope = link, f"souk:limit:{scope}:"
        self._slide: Any = None

    async def hit(
        self, key: str, *, limit: int, window_seconds: float, closed: bool = False
    ) -> None:
        """Counts one; raises TooManyRequests, and counts nothing, when it would be one too many.

        Redis away: passes, or raises Unavailable where `closed` says that guessing is worse.
        """
        window_ms = round(window_seconds * 1000)
        try:
            wait_ms = await self._link.ask(
                lambda redis: self._script(redis)(keys=[self._scope + key], args=[limit, window_ms])
            )
        except RedisAway:
            if closed:
                raise Unavailable(service="limits") from None
            return
        if wait_ms:
            raise TooManyRequests(retry_seconds=max(math.ceil(wait_ms / 1000), 1))

    def _script(self, redis: Any) -> Any:
        """Sent by its digest; sent whole again when Redis has forgotten it."""
        if self._slide is None:
            self._slide = redis.register_script(SLIDE)
        return self._slide
