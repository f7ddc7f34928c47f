"""The sandbox's book: every charge it ever made, changed by one statement at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from msgspec import Struct

from souk.kernel.database import Database
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.rows import structs_from
from souk.kernel.statements import LAZILY
from souk.kernel.together import Together
from souk.services.payments.providers import Authorization, ChargeState

# A key that is known already changes nothing and gives what is in the book.
MAKE = f"""
with made as (
    insert into sandbox.charges (id, key, state, method, reason, currency, amount_amount,
                                 return_url, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8,
            case when $3 = 'requires_action' then now() + make_interval(mins => $9) end)
    on conflict (key) do update set key = excluded.key
    returning *, xmax = 0 as is_new
), told as (
    insert into sandbox.webhooks (id, charge_id, kind)
    select $10, id, 'charge.' || state from made where is_new and $11
)
select made.* from made, {LAZILY}
"""  # noqa: S608 - a constant
FIND = "select * from sandbox.charges where key = $1"
FIND_BY_ID = """
select *, coalesce(expires_at <= now(), false) as is_over
  from sandbox.charges where id = $1
"""
CAPTURE = f"""
update sandbox.charges set state = 'captured', captured_amount = amount_amount
  from {LAZILY}
 where key = any(array(select unnest($1::text[]))) and state = 'authorized' returning charges.*
"""  # noqa: S608 - a constant
VOID = """
update sandbox.charges set state = 'voided'
 where key = $1 and state in ('authorized', 'requires_action') returning *
"""
# Two refunds at once meet at the charge's row, and the table's CHECK stops the one too many.
REFUND = """
with paid as (
    insert into sandbox.refunds (key, charge_id, amount)
    select $2, id, $3 from sandbox.charges
     where key = $1 and captured_amount - refunded_amount >= $3
    on conflict (key) do nothing
    returning charge_id, amount
)
update sandbox.charges c set refunded_amount = refunded_amount + paid.amount
  from paid where c.id = paid.charge_id
returning true
"""
IS_REFUNDED = "select exists (select from sandbox.refunds where key = $1)"
DECIDE = """
with decided as (
    update sandbox.charges set state = $2, reason = $3
     where id = $1 and state = 'requires_action' and expires_at > now()
    returning *
), told as (
    insert into sandbox.webhooks (id, charge_id, kind)
    select $4, id, 'charge.' || state from decided
)
select * from decided
"""
EXPIRED = "the payment was not approved in time"
EXPIRE = """
with expired as (
    update sandbox.charges set state = 'declined', reason = $1
     where id in (select id from sandbox.charges
                   where state = 'requires_action' and expires_at <= now()
                   order by expires_at limit 100 for update skip locked)
    returning id
), told as (
    insert into sandbox.webhooks (id, charge_id, kind)
    select gen_random_uuid(), id, 'charge.declined' from expired
)
select count(*) from expired
"""


class RefundRefused(Exception):  # noqa: N818 - the sandbox's own "no"
    """More than the charge still holds."""


class BookedCharge(Struct, frozen=True, kw_only=True):
    """A line of the book."""

    id: str
    key: str
    state: ChargeState
    method: str
    reason: str
    amount: Money
    captured: Money
    refunded: Money
    return_url: str
    expires_at: datetime | None
    created_at: datetime
    is_new: bool = False
    is_over: bool = False  # its time to be approved


class Book:
    """Not a part of any transaction of payments: what is in it stays, whoever crashes.

    Charges and captures do not wait for the disk. Payments notes both in the same server's log and
    waits for that, so a machine that fails takes from the book only what payments never heard of.
    """

    def __init__(self, database: Database, *, challenge_minutes: int) -> None:
        self._database = database
        self._challenge_minutes = challenge_minutes
        self._capture = Together(self._capture_all)

    async def make(
        self, order: Authorization, state: ChargeState, *, reason: str, tell: bool
    ) -> BookedCharge:
        """`tell`: by webhook as well."""
        made = await self._database.fetchrow_grouped(
            MAKE,
            new_id(),
            order.key,
            state,
            order.method,
            reason,
            order.amount.currency,
            order.amount.amount,
            order.return_url,
            self._challenge_minutes,
            new_id(),
            tell,
            sort_key=order.key,
        )
        return structs_from(BookedCharge, (made,))[0]

    async def find(self, key: str) -> BookedCharge | None:
        return await self._database.fetchrow_as(BookedCharge, FIND, key)

    async def find_by_id(self, charge_id: str) -> BookedCharge | None:
        return await self._database.fetchrow_as(BookedCharge, FIND_BY_ID, charge_id)

    async def capture(self, key: str) -> BookedCharge | None:
        """As it is afterwards."""
        return await self._capture(key) or await self.find(key)

    async def _capture_all(self, keys: Sequence[str]) -> list[BookedCharge | None]:
        """Those that were captured just now."""
        captured = await self._database.fetch_as(BookedCharge, CAPTURE, keys)
        by_key = {charge.key: charge for charge in captured}
        return [by_key.get(key) for key in keys]

    async def void(self, key: str) -> BookedCharge | None:
        """As it is afterwards."""
        done = await self._database.fetchrow_as(BookedCharge, VOID, key)
        return done or await self.find(key)

    async def refund(self, key: str, amount: Money, *, refund_key: str) -> None:
        """Raises RefundRefused."""
        try:
            if await self._database.fetchval(REFUND, key, refund_key, amount.amount):
                return
        except asyncpg.CheckViolationError as error:
            raise RefundRefused(key) from error
        if not await self._database.fetchval(IS_REFUNDED, refund_key):
            raise RefundRefused(key)

    async def decide(
        self, charge_id: str, state: ChargeState, *, reason: str
    ) -> BookedCharge | None:
        """None when it is too late, or was decided before."""
        return await self._database.fetchrow_as(
            BookedCharge, DECIDE, charge_id, state, reason, new_id()
        )

    async def expire(self) -> int:
        """Declines a hundred of those that nobody approved in time; how many there were."""
        count: int = await self._database.fetchval(EXPIRE, EXPIRED)
        return count
