"""The inbox of webhooks: what providers said, each event once."""

from __future__ import annotations

import re

from souk.kernel.database import Database, Transaction
from souk.services.payments.providers import Notice

KEPT_DAYS = 30
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A new event makes its payment due, so what it tells is found out even if this process dies now.
TAKE_IN = """
with fresh as (
    insert into webhooks (provider, event_id, payment_id, body)
    values ($1, $2, (select id from payments where id = $3), $4)
    on conflict do nothing
    returning payment_id
)
update payments set check_at = now(), checks = 0 from fresh where id = fresh.payment_id
returning id
"""
PURGE = "delete from webhooks where received_at < now() - make_interval(days => $1)"


async def take_in(tx: Transaction, provider: str, notice: Notice, body: bytes) -> str | None:
    """The payment it is about; None when there is none, or the event was told before."""
    key = notice.key if UUID.fullmatch(notice.key) else None  # another shop's on a shared account
    payment_id: str | None = await tx.fetchval(TAKE_IN, provider, notice.id, key, body)
    return payment_id


async def purge_webhooks(database: Database) -> None:
    """Forgets what is older than any provider would send again."""
    await database.execute(PURGE, KEPT_DAYS)
