"""The right to do something for a while, given to one process at a time by PostgreSQL's clock."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting, within
from souk.kernel.database import Database
from souk.kernel.ids import process_id
from souk.kernel.refusals import Refusal

LEASE_SECONDS = 15.0

CLAIM = """
insert into leases (name, owner, until, due_at)
values ($1, $2, now() + make_interval(secs => $3), now())
    on conflict (name) do update set owner = excluded.owner, until = excluded.until
 where leases.until <= now() and ($4 or leases.due_at <= now())
"""
RENEW = """
update leases set until = now() + make_interval(secs => $3) where name = $1 and owner = $2
"""
RELEASE = """
update leases set until = now(), due_at = now() + make_interval(secs => $3)
 where name = $1 and owner = $2
"""
LEFT = """
select extract(epoch from greatest(until, due_at) - now())::float8 from leases where name = $1
"""


class LeaseLost(Exception):  # noqa: N818 - a fact
    """Another process may be at it by now."""


class Lease:
    """One name in one database, for one would-be owner. A holder that dies loses it by itself."""

    def __init__(self, database: Database, name: str, *, seconds: float = LEASE_SECONDS) -> None:
        self._database, self._name, self._seconds = database, name, seconds
        self._owner = process_id()
        self._safe_until = 0.0

    @property
    def renewal_seconds(self) -> float:
        """Often enough that one lost renewal does not lose the lease."""
        return self._seconds / 3

    async def claim(self, *, early: bool = False) -> bool:
        """Whether it is ours now. It is nobody's before it is due, unless asked for `early`."""
        begun = monotonic()
        tag = await self._database.execute(CLAIM, self._name, self._owner, self._seconds, early)
        self._safe_until = begun + self._seconds
        return tag == "INSERT 0 1"

    async def renew(self) -> None:
        """Raises LeaseLost when it is not ours any more, or may not be for all we know."""
        begun = monotonic()
        try:
            with acting(Call(deadline=within(max(self._safe_until - begun, 0.0)))):
                tag = await self._database.execute(RENEW, self._name, self._owner, self._seconds)
        except Refusal as refusal:
            if monotonic() + self.renewal_seconds >= self._safe_until:
                raise LeaseLost(self._name) from refusal
            return
        if tag != "UPDATE 1":
            raise LeaseLost(self._name)
        self._safe_until = begun + self._seconds

    async def release(self, *, due_seconds: float) -> None:
        """Ends it, and says when the next claim is worth while. An outage ends it later."""
        with suppress(Refusal, TimeoutError), acting(Call()):
            async with asyncio.timeout(2):
                await self._database.execute(RELEASE, self._name, self._owner, due_seconds)

    async def seconds_left(self) -> float:
        """Until somebody may claim it."""
        left: float | None = await self._database.fetchval(LEFT, self._name)
        return left or 0.0
