"""The relay: what a transaction wanted told leaves its database for the broker, in order."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec

from souk.kernel.context import Call, acting, within
from souk.kernel.database import Database, Transaction
from souk.kernel.events.bus import (
    AFTER,
    AGGREGATE,
    PLACE,
    Bus,
    BusUnavailable,
    Delivery,
    Message,
    flaw,
)
from souk.kernel.events.dead_letters import RELAY, park
from souk.kernel.failpoints import reach
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import events_published, outbox_waiting

BATCH = 100
BATCH_SECONDS_MAX = 20
POLL_SECONDS = 1.0
TURN_SECONDS = 0.02
PACE_SECONDS = 0.2  # after a batch: the first event leaves at once, those right behind it together
AWAY_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0)
TURN = 0x736F756B6F757462  # an advisory lock: one relay at a time in a database

# Rows that the last holder of the lock marked after this statement began are left out by
# `for update`, which looks at them as they are now.
CLAIM = """
with turn as materialized (
    -- A batch whose mark is lost is sent again, with the same ids: nobody waits for the disk.
    select pg_try_advisory_xact_lock($1) as ours, set_config('synchronous_commit', 'off', true)
)
select seq, id, subject, aggregate, payload, headers, follows
  from outbox, turn
 where turn.ours and published_at is null
 order by seq limit $2
   for update of outbox skip locked
"""
# The sub-select hides the length: one plan serves all batches.
MARK = """
update outbox set published_at = now() where seq = any(array(select unnest($1::bigint[])))
"""
# Counts what a gauge should show; nobody needs to know whether it is more than that.
WAITING = """
select count(*) from (select from outbox where published_at is null limit 10000) as waiting
"""

log = logger(__name__)


async def relay(database: Database, bus: Bus) -> None:
    """Publishes what waits, until it is cancelled; any number of processes may do so.

    It is woken by this process's commits. Polling only finds what a dead process left behind.
    """
    failures, woken = 0, True
    while True:
        try:
            if woken or await _waiting(database):
                await _drain(database, bus)
            failures = 0
        except (BusUnavailable, Refusal) as error:
            if failures == 0:
                log.warning("relay_waits", database=database.name, reason=str(error))
            await asyncio.sleep(AWAY_SECONDS[min(failures, len(AWAY_SECONDS) - 1)])
            failures += 1
            continue
        except Exception:  # a bug in one batch must not end the relay: nobody would start it again
            log.exception("relay_failed", database=database.name)
            await asyncio.sleep(AWAY_SECONDS[-1])
            continue
        woken = await _rest(database)


async def relay_once(database: Database, bus: Bus) -> int:
    """Publishes one batch and marks it, once the broker has it on disk; how many it was.

    When the process dies in between, the same messages are sent again with the same ids. Raises
    BusUnavailable; then nothing is marked.
    """
    with acting(Call(deadline=within(BATCH_SECONDS_MAX))):
        async with database.transaction() as tx:
            rows = await tx.fetch(CLAIM, TURN, BATCH)
            if rows:
                messages = [_message(row) for row in rows]
                await bus.publish([message for message in messages if not flaw(message)])
                await reach(f"relay.{database.name}.published")
                await _park_flawed(tx, messages)
                await tx.execute(MARK, [row["seq"] for row in rows])
    if rows:
        events_published.add(database.name, amount=len(rows))
    return len(rows)


async def _drain(database: Database, bus: Bus) -> None:
    """Publishes until nothing waits."""
    found = False
    while True:
        database.published.clear()
        sent = await relay_once(database, bus)
        found = found or bool(sent)
        if not sent and await _waiting(database):
            await asyncio.sleep(TURN_SECONDS)  # another process is at it
            continue
        if sent < BATCH:
            break
    if found:
        await asyncio.sleep(PACE_SECONDS)


async def _waiting(database: Database) -> int:
    with acting(Call(deadline=within(BATCH_SECONDS_MAX))):
        count: int = await database.fetchval(WAITING)
    outbox_waiting.set(count, database.name)
    return count


async def _rest(database: Database) -> bool:
    """Whether a commit of this process ended it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(POLL_SECONDS):
            await database.published.wait()
    return database.published.is_set()


async def _park_flawed(tx: Transaction, messages: list[Message]) -> None:
    for message in messages:
        if reason := flaw(message):
            log.error("event_unpublishable", message_id=message.id, reason=reason)
            await park(tx, Delivery(message), consumer=RELAY, reason=reason)


def _message(row: Any) -> Message:
    headers = msgspec.json.decode(row["headers"], type=dict[str, str])
    if row["aggregate"]:
        headers |= {AGGREGATE: row["aggregate"], PLACE: str(row["seq"])}
    if row["follows"]:
        headers[AFTER] = row["follows"]
    return Message(row["id"], row["subject"], row["payload"], headers)
