"""The journal of sagas: one row each, which says what is done and who is at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Generic

import msgspec
from asyncpg import Record

from souk.kernel.clock import monotonic
from souk.kernel.database import Database, Queries, Transaction
from souk.kernel.outbox_rows import outbox_rows
from souk.kernel.saga.refusal_rows import refusal_of, refusal_row
from souk.kernel.saga.steps import AtOnce, S, Settle, Status
from souk.kernel.statements import LAZILY
from souk.kernel.together import Together
from souk.kernel.writes import ANYWAY, Write, joined

# In one statement with what it starts with, where that has written.
START = """
started as (
    insert into sagas (id, name, status, state, lease_owner, lease_until, deadline_at)
    select $1, $2, 'running', $3, $4, clock_timestamp() + make_interval(secs => $5), $6 from first
    on conflict (id) do nothing returning *)
"""
STARTED = """
select *, extract(epoch from deadline_at - clock_timestamp())::float8 as seconds_left
  from (select) as always left join started on true
"""
REMEMBER = """
insert into sagas (id, name, status, step, state, created_at, updated_at)
values ($1, $2, 'done', $3, $4, $5, $5)
on conflict (id) do nothing
"""
# Claimed is what nobody is at when it is time: at once after a crash, else when it was woken or
# its pause or its deadline is over. From the pivot ($4) on the deadline means nothing.
CLAIM_ONE = """
with claimed as (
    update sagas
       set lease_owner = $2, lease_until = clock_timestamp() + make_interval(secs => $3),
           resume_at = null, updated_at = now(),
           status = case status when 'parked' then 'running' else status end
     where name = $1 and id = $5 and status not in ('done', 'undone')
       and (lease_until is null or lease_until < now())
       and (resume_at is null or resume_at <= now()
            or (deadline_at <= now() and step < $4 and status in ('running', 'parked')))
    returning *)
select found.*, extract(epoch from deadline_at - clock_timestamp())::float8 as seconds_left
  from (select true as ours, * from claimed
        union all
        select false, * from sagas
         where id = $5 and name = $1 and not exists (select from claimed)) as found
"""
CLAIM_DUE = """
update sagas
   set lease_owner = $2, lease_until = clock_timestamp() + make_interval(secs => $3),
       resume_at = null, updated_at = now(),
       status = case status when 'parked' then 'running' else status end
 where id = any(array(
    select id from sagas
     where name = $1 and status not in ('done', 'undone')
       and (lease_until is null or lease_until < now())
       and (resume_at is null or resume_at <= now()
            or (deadline_at <= now() and step < $4 and status in ('running', 'parked')))
     order by resume_at limit $5 for update skip locked))
returning *, extract(epoch from deadline_at - clock_timestamp())::float8 as seconds_left
"""
# $7 null gives the lease back.
RECORD = """
update sagas
   set status = $3, step = $4, state = $5, refusal = $6, attempts = 0, updated_at = now(),
       lease_until = clock_timestamp() + make_interval(secs => $7),
       lease_owner = case when $7::float8 is not null then lease_owner end
 where id = $1 and lease_owner = $2
"""
RECORD_FIRST = f"first as ({RECORD} returning id)"
# From the pivot on all that happens is repeated from the journal, its end last: a machine that
# fails in this moment leaves a saga that ends again, so nobody waits for the disk.
RECORD_ENDS = f"""
update sagas
   set status = 'done', step = ended.step, state = ended.state::jsonb, attempts = 0,
       updated_at = now(), lease_until = null, lease_owner = null
  from {LAZILY},
       unnest((select $1::uuid[]), (select $2::text[]), (select $3::int[]), (select $4::text[]))
           as ended (id, owner, step, state)
 where sagas.id = ended.id and lease_owner = ended.owner
returning sagas.id
"""  # noqa: S608 - a constant
# A driven saga has no `resume_at`, except when it was woken since: then it does not park.
PARK = """
update sagas
   set state = $3, step = $7, attempts = 0, updated_at = now(),
       status = case when resume_at is null then $4 else status end,
       resume_at = case when resume_at is null then $5::timestamptz end,
       lease_until = case when resume_at is not null
                          then clock_timestamp() + make_interval(secs => $6) end,
       lease_owner = case when resume_at is not null then lease_owner end
 where id = $1 and lease_owner = $2
returning lease_owner is null
"""
LATER = """
update sagas
   set attempts = $3, updated_at = now(), lease_owner = null, lease_until = null,
       resume_at = coalesce(resume_at, now() + make_interval(secs => $4))
 where id = $1 and lease_owner = $2
"""
RELEASE = """
update sagas set lease_owner = null, lease_until = null where id = $1 and lease_owner = $2
"""
RENEW = """
update sagas set lease_until = clock_timestamp() + make_interval(secs => $3)
  from unnest($1::uuid[], $2::text[]) as held (id, owner)
 where sagas.id = held.id and lease_owner = held.owner
"""
WAKE = """
update sagas set resume_at = now()
 where id = $1 and name = $2 and status in ('running', 'parked', 'confirmed')
"""


Row = tuple[Any, ...]


class LeaseLost(Exception):  # noqa: N818 - a fact
    """Somebody else is at it by now."""


class Entry(Generic[S]):
    """A saga as its driver knows it."""

    __slots__ = ("attempts", "due", "id", "owner", "refusal", "state", "status", "step")

    def __init__(self, row: Record, state: S) -> None:
        self.id: str = row["id"]
        self.status: Status = row["status"]
        self.step: int = row["step"]
        self.attempts: int = row["attempts"]
        self.owner: str = row["lease_owner"] or ""
        self.state = state
        self.refusal = refusal_of(row["refusal"])
        left: float | None = row["seconds_left"]
        self.due = float("inf") if left is None else monotonic() + left

    def go_on(self, state: S) -> None:
        """A step was done that needs no record of its own."""
        self.step, self.state, self.attempts = self.step + 1, state, 0


class Journal(Generic[S]):
    """Reads and writes the rows of one saga's kind. Each statement that records a step also
    proves that the lease is still held, and renews it."""

    def __init__(
        self, database: Database, name: str, kind: type[S], *, pivot: int, lease_seconds: float
    ) -> None:
        self.database = database
        self.name = name
        self.lease_seconds = lease_seconds
        self._pivot = pivot
        self._state = msgspec.json.Decoder(kind)
        self._end = Together(self._end_all)

    async def start(
        self, tx: Transaction, saga_id: str, state: S, owner: str, deadline: datetime
    ) -> Entry[S] | None:
        """None when it was started before."""
        started = self._beginning(saga_id, state, owner, deadline)
        sql, args = joined((ANYWAY, started), STARTED)
        row = await tx.fetchrow(sql, *args)
        return Entry(row, state) if row and row["id"] else None

    async def start_with(
        self, first: Write, saga_id: str, state: S, owner: str, deadline: datetime, *, sort_key: str
    ) -> Entry[S] | None:
        """None when the first write wrote nothing. `sort_key`: see `GroupCommit`."""
        started = self._beginning(saga_id, state, owner, deadline)
        row = await self.database.write_row(first, started, answer=STARTED, sort_key=sort_key)
        return Entry(row, state) if row and row["id"] else None

    def _beginning(self, saga_id: str, state: S, owner: str, deadline: datetime) -> Write:
        row = (saga_id, self.name, encoded(state), owner, self.lease_seconds, deadline)
        return Write(START, row)

    async def remember(
        self, tx: Transaction, saga_id: str, state: S, *, step: int, at: datetime
    ) -> None:
        """One that is done already."""
        await tx.execute(REMEMBER, saga_id, self.name, step, encoded(state), at)

    async def claim_one(self, saga_id: str, owner: str) -> tuple[Entry[S], bool]:
        """The saga, and whether it is ours to drive. Raises LookupError for an unknown one."""
        claim = (self.name, owner, self.lease_seconds, self._pivot)
        row = await self.database.fetchrow(CLAIM_ONE, *claim, saga_id)
        if row is None:
            raise LookupError(f"there is no saga {self.name} {saga_id}")
        return self._entry(row), row["ours"]

    async def claim_due(self, owner: str, limit: int) -> list[Entry[S]]:
        claim = (self.name, owner, self.lease_seconds, self._pivot)
        return [self._entry(row) for row in await self.database.fetch(CLAIM_DUE, *claim, limit)]

    async def record(
        self, entry: Entry[S], status: Status, step: int, state: S, settle: Settle[S] | None
    ) -> None:
        """With `settle` in one transaction with what it does. Raises LeaseLost."""
        row = self._row(entry, status, step, state)
        if settle is None and status == "done" and entry.status == "confirmed":
            if not await self._end(row):
                raise LeaseLost(entry.id)
        elif settle is None:
            await _record(self.database, row)
        elif isinstance(settle, AtOnce):
            writes, events = settle.of(state)
            told = outbox_rows(events)
            first = Write(RECORD_FIRST, row)
            if not await self.database.write(first, *writes, events=told, sort_key=entry.id):
                raise LeaseLost(entry.id)
        else:
            refusal = entry.refusal if status == "undone" else None
            await self.database.transact(
                _settled, row, lambda tx: settle(tx, state, status, refusal)
            )
        entry.status, entry.step, entry.state, entry.attempts = status, step, state, 0

    async def park(self, entry: Entry[S], status: Status, state: S, until: datetime) -> bool:
        """False when it was woken meanwhile, and is to be asked again. Raises LeaseLost."""
        is_parked = await self.database.fetchval(
            PARK,
            entry.id,
            entry.owner,
            encoded(state),
            status,
            until,
            self.lease_seconds,
            entry.step,
        )
        if is_parked is None:
            raise LeaseLost(entry.id)
        entry.state, entry.attempts = state, 0
        if is_parked:
            entry.status = status
        return bool(is_parked)

    async def later(self, entry: Entry[S], seconds: float) -> None:
        """Lets it go for a while."""
        await self.database.execute(LATER, entry.id, entry.owner, entry.attempts, seconds)

    async def release(self, entry: Entry[S]) -> None:
        await self.database.execute(RELEASE, entry.id, entry.owner)

    async def renew(self, entries: Iterable[Entry[S]]) -> None:
        held = [(entry.id, entry.owner) for entry in entries]
        if held:
            await self.database.execute(RENEW, *zip(*held, strict=True), self.lease_seconds)

    async def wake(self, tx: Queries, saga_id: str) -> None:
        await tx.execute(WAKE, saga_id, self.name)

    async def _end_all(self, ended: Sequence[Row]) -> list[bool]:
        """Whether the lease of each was held still."""
        ids, owners, _, steps, states, *_ = zip(*ended, strict=True)
        done = await self.database.fetch(RECORD_ENDS, ids, owners, steps, states)
        held = {row["id"] for row in done}
        return [saga_id in held for saga_id in ids]

    def _row(self, entry: Entry[S], status: Status, step: int, state: S) -> Row:
        lease_seconds = None if status in ("done", "undone") else self.lease_seconds
        refusal = refusal_row(entry.refusal)
        return (entry.id, entry.owner, status, step, encoded(state), refusal, lease_seconds)

    def _entry(self, row: Record) -> Entry[S]:
        return Entry(row, self._state.decode(row["state"]))


async def _record(db: Queries, row: Row) -> None:
    if await db.execute(RECORD, *row) != "UPDATE 1":
        raise LeaseLost(row[0])


async def _settled(
    tx: Transaction, row: Row, settle: Callable[[Transaction], Awaitable[None]]
) -> None:
    await _record(tx, row)
    await settle(tx)


def encoded(state: Any) -> str:
    return msgspec.json.encode(state).decode()
