"""Messages that failed too often: kept where an operator can read them and try them again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from souk.kernel.database import Database, Queries, Transaction
from souk.kernel.events.bus import Delivery, Message, flaw
from souk.kernel.ids import new_id
from souk.kernel.telemetry import logger

if TYPE_CHECKING:
    from souk.kernel.events.consumers import Consumer

RELAY = "relay"  # in place of a consumer: what no broker would take
REASON_LENGTH_MAX = 2000
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

PARK = """
insert into dead_letters (id, consumer, subject, payload, headers, reason, deliveries,
                          first_failed_at)
values ($1, $2, $3, $4, $5, $6, $7, coalesce($8, now()))
on conflict (id, consumer) do update
   set reason = excluded.reason, deliveries = excluded.deliveries, parked_at = now(),
       replayed_at = null
"""
LIST = """
select id, consumer, subject, payload, headers, reason, deliveries, first_failed_at, parked_at
  from dead_letters
 where replayed_at is null and ($1::uuid[] is null or id = any($1))
 order by parked_at, id limit $2
"""
LOCK = """
select true from dead_letters
 where id = $1 and consumer = $2 and replayed_at is null for update skip locked
"""
REPLAYED = "update dead_letters set replayed_at = now() where id = $1 and consumer = $2"
FAILED_AGAIN = """
update dead_letters set reason = $3, deliveries = deliveries + 1 where id = $1 and consumer = $2
"""

# What is told of its aggregate and its place is in the headers already.
SEND_AGAIN = """
with again as (update outbox set published_at = null where id = $1 returning true)
insert into outbox (id, subject, aggregate, payload, headers)
select $1, $2, '', $3, $4 where not exists (select from again)
"""

log = logger(__name__)


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A message that one consumer could not handle; RELAY in its place: no broker would take it."""

    id: str
    consumer: str
    subject: str
    payload: bytes
    headers: Mapping[str, str]
    reason: str
    deliveries: int
    first_failed_at: datetime
    parked_at: datetime

    @property
    def message(self) -> Message:
        return Message(self.id, self.subject, self.payload, self.headers)


class Replay(Struct, frozen=True):
    """How many letters took effect now, or are on their way again; and how many stay."""

    done: int
    failed: int


async def park(db: Queries, delivery: Delivery, *, consumer: str, reason: str) -> None:
    message = delivery.message
    await db.execute(
        PARK,
        message.id if UUID.fullmatch(message.id) else new_id(),
        consumer,
        message.subject,
        message.payload,
        msgspec.json.encode(message.headers),
        _storable(reason),
        delivery.attempt,
        delivery.sent_at,
    )


async def list_dead_letters(
    db: Queries, ids: Sequence[str] | None = None, *, limit: int = 100
) -> list[DeadLetter]:
    """Those that wait, the oldest first."""
    return await db.fetch_as(DeadLetter, LIST, ids, limit)


async def replay_dead_letters(
    database: Database,
    ids: Sequence[str] | None,
    consumers: Sequence[Consumer],
    *,
    limit: int = 1000,
) -> Replay:
    """Hands letters (None: all that wait) to their consumers again; each takes effect once.

    One that never left is sent, if a broker would take it by now.
    """
    by_name = {consumer.name: consumer for consumer in consumers}
    done = failed = 0
    for letter in await list_dead_letters(database, ids, limit=limit):
        consumer = by_name.get(letter.consumer)
        if letter.consumer == RELAY:
            is_done = await database.transact(_send, letter)
        else:
            is_done = consumer is not None and await _replay(database, letter, consumer)
        done, failed = done + is_done, failed + (not is_done)
    return Replay(done, failed)


async def _send(tx: Transaction, letter: DeadLetter) -> bool:
    """Back to the relay, by its outbox."""
    if not await tx.fetchval(LOCK, letter.id, letter.consumer):
        return False
    if reason := flaw(letter.message):
        await tx.execute(FAILED_AGAIN, letter.id, letter.consumer, _storable(reason))
        return False
    headers = msgspec.json.encode(letter.headers)
    await tx.execute(SEND_AGAIN, letter.id, letter.subject, letter.payload, headers)
    await tx.execute(REPLAYED, letter.id, letter.consumer)
    return True


async def _replay(database: Database, letter: DeadLetter, consumer: Consumer) -> bool:
    async def effect(tx: Transaction) -> bool:
        if not await tx.fetchval(LOCK, letter.id, letter.consumer):
            return False
        await consumer.take(tx, letter.message, in_turn=False)  # its turn was long ago
        await tx.execute(REPLAYED, letter.id, letter.consumer)
        return True

    try:
        with consumer.acting_for(letter.message):
            return await database.transact(effect)
    except Exception as error:  # whatever it is, it is why the letter stays
        log.warning("replay_failed", consumer=consumer.name, message_id=letter.id, exc_info=error)
        await database.execute(FAILED_AGAIN, letter.id, letter.consumer, _storable(told(error)))
        return False


def told(error: BaseException) -> str:
    """An error as an operator reads it."""
    return f"{type(error).__name__}: {error}"


def _storable(reason: str) -> str:
    return reason.replace("\0", "")[:REASON_LENGTH_MAX]
