"""Counts after the storm, outside Souk: rows of every database, the broker, the provider's book."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import nats
from msgspec import Struct
from nats.js.errors import NotFoundError

from souk.devstack.placement import all_services
from souk.devstack.servers import Urls
from souk.kernel.events.nats_stream import STREAM
from souk.kernel.pools import teach
from souk.kernel.settings import database_url

IDLE = """
select count(*) from pg_stat_activity
 where application_name like 'souk-%' and state like 'idle in transaction%'
   and state_change < now() - interval '5 seconds'
"""
OPEN = "select count(*) from pg_stat_activity where application_name like 'souk-%'"
UNENDED = """
select name || ' ' || status || ' at ' || step as what, count(*) from sagas
 where status not in ('done', 'undone') group by what
"""
UNSENT = "select count(*) from outbox where published_at is null"
LETTERS = "select count(*) from dead_letters where replayed_at is null"
STOCK = "select variant_id, on_hand, reserved from stock where variant_id = any($1::uuid[])"
MOVED = """
select count(*) from stock
 where (on_hand, reserved) <> (select coalesce(sum(on_hand_change), 0),
                                      coalesce(sum(reserved_change), 0)
                                 from movements where movements.variant_id = stock.variant_id)
"""
SOLD = """
select variant_id, sum(quantity)::int as sold
  from order_items join orders on orders.id = order_id
 where status <> 'cancelled' and variant_id = any($1::uuid[]) group by variant_id
"""
ORDERS = """
select o.id, o.status, o.total_amount, o.refunded_amount, o.checkout_id, c.idempotency_key as key
  from orders o join checkouts c on c.id = o.checkout_id
"""
CHECKOUTS = "select id, idempotency_key as key, status, refusal, cart_id from checkouts"
PAYMENTS = """
select p.id, p.checkout_id, p.status, p.captured_amount as captured,
       p.refunded_amount as refunded,
       coalesce((select -sum(e.amount)::bigint from ledger_transfers t
                   join ledger_entries e on e.transfer_id = t.id
                  where t.payment_id = p.id and e.account like 'provider:%'), 0) as ledger
  from payments p
"""
SUM = "select coalesce(sum(amount), 0)::bigint from ledger_entries"
UNBALANCED = """
select count(*) from (select transfer_id from ledger_entries
                       group by transfer_id, currency having sum(amount) <> 0) as off
"""
TRANSFER_BY_TRANSFER_EVERY = 20  # reads: it costs more, the longer the ledger is
IN_STOCK = "select id, in_stock from variants where id = any($1::uuid[])"
TOLD = "select kind, subject_id, count(*) as times from deliveries group by kind, subject_id"


class Unsettled(Struct, frozen=True, kw_only=True):
    """What is not at its end yet."""

    sagas: Mapping[str, int]
    checkouts: int
    holds: int
    unsent: int
    undelivered: int
    refunds: int
    doubts: int

    @property
    def is_over(self) -> bool:
        return not (
            self.sagas or self.checkouts or self.holds or self.unsent or self.undelivered
            or self.refunds or self.doubts
        )  # fmt: skip


class Counter:
    """Reads what there is. A connection each time: whoever counts leaves nothing behind."""

    def __init__(self, urls: Urls) -> None:
        self.urls = urls

    async def rows(self, service: str, sql: str, *args: Any) -> list[asyncpg.Record]:
        async with self._connected(service) as connection:
            found: list[asyncpg.Record] = await connection.fetch(sql, *args)
            return found

    async def value(self, service: str, sql: str, *args: Any) -> Any:
        (row,) = await self.rows(service, sql, *args)
        return row[0]

    async def run(self, service: str, statements: str) -> None:
        """For sabotage only."""
        async with self._connected(service) as connection:
            await connection.execute(statements)

    async def everywhere(self, sql: str) -> dict[str, int]:
        """A count by service, where it is not zero."""
        counts = [(service, await self.value(service, sql)) for service in all_services()]
        return {service: count for service, count in counts if count}

    async def unsettled(self) -> Unsettled:
        sagas = await self.rows("orders", UNENDED)
        return Unsettled(
            sagas={row["what"]: row["count"] for row in sagas},
            checkouts=await self.value(
                "orders", "select count(*) from checkouts where status = 'running'"
            ),
            holds=await self.value("inventory", "select count(*) from holds where status = 'held'"),
            unsent=sum((await self.everywhere(UNSENT)).values()),
            undelivered=await self.undelivered(),
            refunds=await self.value(
                "payments", "select count(*) from refunds where status = 'pending'"
            ),
            doubts=await self.value(
                "payments",
                "select count(*) from payments"
                " where status in ('pending', 'requires_action', 'authorized')",
            ),
        )

    async def undelivered(self) -> int:
        """Messages that a consumer has not done with, as the broker has it."""
        with suppress(nats.errors.Error, OSError, TimeoutError):
            client = await nats.connect(
                self.urls.nats, allow_reconnect=False, connect_timeout=2, error_cb=_quiet
            )
            try:
                return await _pending(client)
            finally:
                await client.close()
        return 1  # whoever cannot be asked has not said that he is done

    async def connections(self) -> int:
        """That Souk's processes have open, as PostgreSQL has it."""
        count: int = await self.value("orders", OPEN)
        return count

    @asynccontextmanager
    async def _connected(self, service: str) -> AsyncIterator[asyncpg.Connection]:
        url = database_url(self.urls.postgres, service)
        connection = await asyncpg.connect(url, timeout=10)
        try:
            await teach(connection)
            yield connection
        finally:
            await connection.close(timeout=10)


async def _pending(client: nats.NATS) -> int:
    stream = client.jetstream()
    try:
        consumers = await stream.consumers_info(STREAM)
    except NotFoundError:
        return 0
    return sum((one.num_pending or 0) + (one.num_ack_pending or 0) for one in consumers)


async def _quiet(_: Exception) -> None:
    return None


class LedgerWatch:
    """Reads the sum of the ledger again and again, all through the storm."""

    def __init__(self, urls: Urls, *, pause_seconds: float) -> None:
        self.reads = 0
        self.off: list[int] = []  # what it said when it was not zero
        self._url = database_url(urls.postgres, "payments")
        self._pause_seconds = pause_seconds

    async def watch(self) -> None:
        """Until cancelled; PostgreSQL comes and goes meanwhile."""
        while True:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection = await asyncpg.connect(self._url, timeout=5)
                try:
                    await self._read(connection)
                finally:
                    connection.terminate()
            await asyncio.sleep(self._pause_seconds)

    async def _read(self, connection: asyncpg.Connection) -> None:
        while True:
            whole = self.reads % TRANSFER_BY_TRANSFER_EVERY == 0
            found = await connection.fetchval(UNBALANCED if whole else SUM, timeout=10)
            self.reads += 1
            if found:
                self.off.append(found)
            await asyncio.sleep(self._pause_seconds)


def by(column: str, rows: Sequence[Any]) -> dict[str, Any]:
    return {row[column]: row for row in rows}
