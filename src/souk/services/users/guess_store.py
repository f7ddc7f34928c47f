"""Guesses and codes sent, counted in rows."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.kernel.database import Queries, Transaction

FORGET_HOURS = 24
HELD = """
select key, failures, extract(epoch from clock_timestamp() - failed_at)::float8 as age_seconds
from attempts where key = any($1) and failed_at > clock_timestamp() - make_interval(hours => $2)
"""
ADD = """
insert into attempts (key, failures, failed_at)
select key, 0, clock_timestamp() from unnest($1::bytea[]) as given (key) order by key
on conflict (key) do update set failures = 0, failed_at = excluded.failed_at
where attempts.failed_at <= clock_timestamp() - make_interval(hours => $2)
"""
LOCK = "select from attempts where key = any($1) order by key for update"
COUNT = """
update attempts set failures = failures + 1, failed_at = clock_timestamp() where key = any($1)
"""
TAKE_BACK = """
update attempts set failures = case when key = any($2) then 0 else greatest(failures - 1, 0) end
where key = any($1)
"""
DROP_OLD = """
delete from attempts where key in (
    select key from attempts where failed_at < now() - make_interval(hours => $1)
    order by failed_at limit $2)
"""


class Count(Struct, frozen=True, kw_only=True):
    """One thing that is counted: so many wrong guesses are free, then each doubles the wait."""

    key: bytes
    free: int
    is_cleared: bool = False  # by a right guess, which otherwise takes back itself alone


class Held(Struct, frozen=True, kw_only=True):
    key: bytes
    failures: int
    age_seconds: float


async def held(db: Queries, counts: Sequence[Count]) -> dict[bytes, Held]:
    keys = [count.key for count in counts]
    return {one.key: one for one in await db.fetch_as(Held, HELD, keys, FORGET_HOURS)}


async def lock(tx: Transaction, counts: Sequence[Count]) -> None:
    """Until the end of the transaction; a day later everything is forgotten."""
    keys = [count.key for count in counts]
    await tx.execute(ADD, keys, FORGET_HOURS)
    await tx.execute(LOCK, keys)


async def count(tx: Transaction, counts: Sequence[Count]) -> None:
    """One more that is wrong, until it is taken back."""
    await tx.execute(COUNT, [one.key for one in counts])


async def take_back(tx: Transaction, counts: Sequence[Count]) -> None:
    """The guess was right."""
    if counts:
        cleared = [count.key for count in counts if count.is_cleared]
        await tx.execute(TAKE_BACK, [count.key for count in counts], cleared)


async def drop_old(tx: Transaction, *, limit: int) -> None:
    await tx.execute(DROP_OLD, FORGET_HOURS, limit)
