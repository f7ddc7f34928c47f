"""Guests: found by an e-mail that nobody can read, while anybody needs to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from souk.kernel.database import Queries, Transaction
from souk.kernel.mailboxes import email_key
from souk.kernel.person_keys import PersonKeys
from souk.services.orders.personal_store import Contact

GUESTS_MAX = 100
FIND = f"""
select id from checkouts where email_key = $1 order by created_at desc, id desc limit {GUESTS_MAX}
"""  # noqa: S608 - a number of ours
TO_HASH = """
select id, sealed, (select sealed_key from person_keys where person = checkouts.id) as key
from checkouts where buyer_id is null and sealed is not null and email_key is null
order by id limit $1 for update skip locked
"""
HASH = """
update checkouts set email_key = made.email_key
from unnest($1::uuid[], $2::bytea[]) as made (id, email_key) where checkouts.id = made.id
"""
# Whose last word was said before $1: the checkout's end, and all that was told of its orders.
OVER = f"""
select id, ended_at from checkouts
where buyer_id is null and sealed is not null and ended_at < $1
  and ($2::timestamptz is null or (ended_at, id) > ($2, $3::uuid))
  and not exists (
      select from orders where checkout_id = checkouts.id
      and (status in ('confirmed', 'processing', 'shipped') or exists (
          select from order_events where order_id = orders.id and at >= $1)))
order by ended_at, id limit {GUESTS_MAX}
"""  # noqa: S608 - a number of ours


def key_of_guest(personal: PersonKeys, email: str) -> bytes:
    return personal.blind("guest", email_key(email))


async def find_guests(db: Queries, email: str) -> tuple[str, ...]:
    """Their checkouts, the latest first."""
    rows = await db.fetch(FIND, key_of_guest(db.personal, email))
    return tuple(row["id"] for row in rows)


async def hash_guests(tx: Transaction, *, limit: int) -> int:
    """Those from before they could be found; how many it was."""
    rows = await tx.fetch(TO_HASH, limit)
    contacts = [
        msgspec.json.decode(tx.personal.open(row["sealed"], row["key"]), type=Contact)
        for row in rows
    ]
    keys = [key_of_guest(tx.personal, contact.email) for contact in contacts]
    await tx.execute(HASH, [row["id"] for row in rows], keys)
    return len(rows)


async def list_over(
    db: Queries, *, before: datetime, after: asyncpg.Record | None
) -> Sequence[asyncpg.Record]:
    """Id and end of checkouts of which nothing was told since; those that come after `after`."""
    place = (after["ended_at"], after["id"]) if after else (None, None)
    return await db.fetch(OVER, before, *place)
