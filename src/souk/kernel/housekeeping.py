"""What has served its time leaves the kernel's tables, a thousand rows at a time."""

from __future__ import annotations

from datetime import timedelta

from souk.kernel.database import Database
from souk.kernel.jobs import Job, Work, every

EVERY_SECONDS = 600
BATCH = 1000

# Published rows are the oldest, so the head of the table is all that need be looked at.
PUBLISHED = """
delete from outbox where seq = any(array(
    select seq from (select seq, published_at from outbox order by seq limit $2) as oldest
     where published_at < now() - $1::interval))
"""
RECEIVED = """
delete from inbox where ctid = any(array(
    select ctid from inbox where received_at < now() - $1::interval
     order by received_at limit $2))
"""
ANSWERED = """
delete from idempotency_keys where ctid = any(array(
    select ctid from idempotency_keys where created_at < now() - $1::interval
     order by created_at limit $2))
"""
KEPT = {
    "purge_outbox": (PUBLISHED, timedelta(days=3)),
    "purge_inbox": (RECEIVED, timedelta(days=14)),
    "purge_idempotency_keys": (ANSWERED, timedelta(days=7)),
}


def housekeeping(database: Database) -> tuple[Job, ...]:
    """The jobs that every service's database needs."""
    return tuple(
        every(seconds=EVERY_SECONDS, do=_purge(database, sql, age), name=name)
        for name, (sql, age) in KEPT.items()
    )


def _purge(database: Database, sql: str, age: timedelta) -> Work:
    async def purge() -> None:
        while await database.execute(sql, age, BATCH) == f"DELETE {BATCH}":
            pass

    return purge
