"""The chain: every entry bound to all before it, and the proof that nothing was changed since."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator

import msgspec
from asyncpg import Record
from msgspec import Struct

from souk.kernel.audit.entries import Entry
from souk.kernel.database import Database, Transaction
from souk.kernel.rows import structs_from
from souk.kernel.statements import Queries

BATCH = 500
PAGE = 2000
ONE_AT_A_TIME = 0x736F756B61756469  # an advisory lock: one process chains in a database
FIRST = bytes(32)

IS_MINE = "select pg_try_advisory_xact_lock($1)"
HEAD = "select number, hash from audit where number is not null order by number desc limit 1"
ENTRY = """id, at, action, actor_id, roles, service, session_id, address, trace_id, subject,
       owner_id, before, after"""
WAITING = "select id, mac from audit where number is null order by seq limit $1"
CHAIN = """
update audit set number = linked.number, hash = linked.hash
  from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as linked (id, number, hash)
 where audit.id = linked.id
"""
# Column names are the only thing put into these texts.
LINKED = f"""
select {ENTRY}, mac as _mac, number as _number, hash as _hash
  from audit where number > $1 order by number limit $2
"""  # noqa: S608
UNLINKED = f"""
select {ENTRY}, mac as _mac, seq as _seq
  from audit where number is null and seq > $1 order by seq limit $2
"""  # noqa: S608


class Head(Struct, frozen=True):
    """Where a chain ends: who knows this knows whether any of it has been cut off."""

    number: int = 0
    hash: bytes = FIRST


class Finding(Struct, frozen=True, kw_only=True):
    """Something that cannot have come about in the usual way."""

    number: int
    what: str


class Proof(Struct, frozen=True, kw_only=True):
    """What a walk along the whole chain came to."""

    head: Head
    waiting: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return not self.findings


async def head_of(db: Queries) -> Head:
    row = await db.fetchrow(HEAD)
    return Head(row["number"], row["hash"]) if row else Head()


async def link_waiting(tx: Transaction, key: bytes) -> int:
    """Chains what has been committed since, in order; how many it was.

    Writers never wait for one another: they add their entries, and this gives them their places.
    """
    if not await tx.fetchval(IS_MINE, ONE_AT_A_TIME):
        return 0
    head = await head_of(tx)
    rows = await tx.fetch(WAITING, BATCH)
    ids, numbers, hashes = [], [], []
    for row in rows:
        head = after(head, row["mac"], key)
        ids.append(row["id"])
        numbers.append(head.number)
        hashes.append(head.hash)
    if rows:
        await tx.execute(CHAIN, ids, numbers, hashes)
    return len(rows)


def after(head: Head, mac: bytes, key: bytes) -> Head:
    """The next link."""
    number = head.number + 1
    return Head(number, hmac.digest(key, head.hash + number.to_bytes(8) + mac, "sha256"))


async def prove(database: Database, anchor: Head) -> Proof:
    """Walks along the chain. `anchor` is a head that was written down outside of the database."""
    findings: list[Finding] = []
    key = database.audit_key
    head = Head()
    async for row in _walk(database, LINKED, "_number"):
        number: int = row["_number"]
        if number != head.number + 1:
            findings.append(Finding(number=head.number + 1, what="is missing"))
            head = Head(number - 1, head.hash)
        if not _is_sound(row, key):
            findings.append(Finding(number=number, what="was changed"))
        head = after(head, row["_mac"], key)
        if not hmac.compare_digest(head.hash, row["_hash"]):
            findings.append(Finding(number=number, what="is not where it was"))
            head = Head(number, row["_hash"])  # so that what follows is judged by itself
        if number == anchor.number and head.hash != anchor.hash:
            findings.append(Finding(number=number, what="is not what was written down elsewhere"))
    if head.number < anchor.number:
        findings.append(Finding(number=head.number + 1, what="and all after it were cut off"))
    waiting = 0
    async for row in _walk(database, UNLINKED, "_seq"):
        waiting += 1
        if not _is_sound(row, key):
            findings.append(Finding(number=0, what=f"the waiting entry {row['id']} is not ours"))
    return Proof(head=head, waiting=waiting, findings=tuple(findings))


def _is_sound(row: Record, key: bytes) -> bool:
    try:
        (entry,) = structs_from(Entry, (row,))
        return hmac.compare_digest(entry.mac(key), row["_mac"])
    except (msgspec.MsgspecError, TypeError, ValueError):  # what we never write cannot be read
        return False


async def _walk(database: Database, sql: str, by: str) -> AsyncIterator[Record]:
    last = 0
    while rows := await database.fetch(sql, last, PAGE):
        for row in rows:
            yield row
        last = rows[-1][by]
