"""How many calls a client may make in a minute, by class of method."""

from __future__ import annotations

from typing import Protocol

from souk.kernel.clock import monotonic
from souk.kernel.context import Caller
from souk.kernel.contract import Rate
from souk.kernel.settings import Settings

WINDOW_SECONDS = 60
EXACT_UP_TO = 600  # limits from here on are drawn in portions
PORTIONS = 60
CLIENTS_MAX = 20_000


class Limiter(Protocol):
    async def hit(
        self, key: str, *, limit: int, window_seconds: int, closed: bool = False
    ) -> None: ...


class Purse:
    """Calls that were paid for and not yet spent."""

    __slots__ = ("left", "until")

    def __init__(self, left: int, until: float) -> None:
        self.left = left
        self.until = until


class Rates:
    """Counts in Redis, shared by all processes.

    A generous limit is drawn in portions: one hit pays for several calls, so that a read does
    not cost a round trip. A strict one (sign-in, checkout) is counted call by call.
    """

    def __init__(self, settings: Settings, limiter: Limiter) -> None:
        self._limiter = limiter
        self._limits = {rate: settings.rate_per_minute(rate) for rate in Rate}
        self._purses: dict[tuple[Rate, str], Purse] = {}

    async def spend(self, rate: Rate, caller: Caller) -> None:
        """Raises TooManyRequests; for sign-in, Unavailable when the limiter cannot be asked."""
        limit = self._limits[rate]
        if not limit:
            return
        client = client_of(rate, caller)
        if limit < EXACT_UP_TO:
            await self._hit(rate, client, limit)
            return
        now = monotonic()
        purse = self._purses.get((rate, client))
        if purse is not None and purse.left and purse.until > now:
            purse.left -= 1
            return
        portion = limit // PORTIONS
        await self._hit(rate, client, limit // portion)
        if len(self._purses) >= CLIENTS_MAX:
            self._purses.clear()
        self._purses[rate, client] = Purse(portion - 1, now + WINDOW_SECONDS)

    async def _hit(self, rate: Rate, client: str, limit: int) -> None:
        await self._limiter.hit(
            f"http:{rate.value}:{client}",
            limit=limit,
            window_seconds=WINDOW_SECONDS,
            closed=rate is Rate.SIGN_IN,
        )


def client_of(rate: Rate, caller: Caller) -> str:
    """Attempts to sign in are counted by address: whoever guesses passwords has no account yet."""
    if rate is Rate.SIGN_IN or not caller.user_id:
        return caller.address
    return caller.user_id
