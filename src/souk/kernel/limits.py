"""How often something may be done: counted in Redis, for all processes together."""

from __future__ import annotations

import math
from typing import Any

from souk.kernel.cache import RedisAway, RedisLink
from souk.kernel.refusals import TooManyRequests, Unavailable

SLICES = 10
# The hits of the last window are counted in ten slices of it, and the slice that lies partly
# outside counts whole: so no window of the length ever holds more than the limit, and a hit may
# be refused a tenth of a window too long. A single counter a window would let twice the limit
# through around its edge; a log of hits would cost memory for each. Time is Redis' own, the one
# clock that all processes share. Answers the milliseconds to wait; 0: it may go on.
SLIDE = """
local limit, slice, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local counts_this = ARGV[4] == '1'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local turn = math.floor(now / slice)
local counts, sum = {}, 0
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  local age = turn - tonumber(held[i])
  if age < 0 or age > slices then
    redis.call('HDEL', KEYS[1], held[i])
  else
    counts[age] = tonumber(held[i + 1])
    sum = sum + counts[age]
  end
end
if sum < limit then
  if counts_this then
    redis.call('HINCRBY', KEYS[1], string.format('%d', turn), 1)
    redis.call('PEXPIRE', KEYS[1], slice * (slices + 2))
  end
  return 0
end
for age = slices, 0, -1 do
  sum = sum - (counts[age] or 0)
  if sum < limit then
    return (turn - age + slices + 1) * slice - now
  end
end
return slice * slices
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
        await self._ask(key, limit, window_seconds, counts=True, closed=closed)

    async def look(
        self, key: str, *, limit: int, window_seconds: float, closed: bool = False
    ) -> None:
        """Like `hit`, but counts nothing: whether one more would be allowed."""
        await self._ask(key, limit, window_seconds, counts=False, closed=closed)

    async def _ask(
        self, key: str, limit: int, window_seconds: float, *, counts: bool, closed: bool
    ) -> None:
        slice_ms = max(math.ceil(window_seconds * 1000 / SLICES), 1)
        args = [limit, slice_ms, SLICES, int(counts)]
        try:
            wait_ms = await self._link.ask(
                lambda redis: self._script(redis)(keys=[self._scope + key], args=args),
                insists=closed,
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
