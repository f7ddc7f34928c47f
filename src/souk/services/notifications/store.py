"""Deliveries and notifications as rows: everything that writes or locks them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from souk.contracts.notifications import NotificationNotFound
from souk.kernel.database import Database, Transaction
from souk.kernel.events.effects import Effect
from souk.kernel.ids import new_id
from souk.kernel.patience import backoff_seconds
from souk.services.notifications.model import (
    LEASE,
    RETRY_SECONDS_FIRST,
    RETRY_SECONDS_MOST,
    TRIED_FOR,
    Announcement,
    Delivery,
)

ADD = """
news as (
    insert into deliveries
        (id, kind, subject_id, occasion, amount_amount, amount_currency, happened_at)
    select id, kind, subject_id, occasion, amount_amount, amount_currency, happened_at
    from unnest((select $1::uuid[]), (select $2::uuid[]), (select $3::text[]),
                (select $4::uuid[]), (select $5::text[]), (select $6::bigint[]),
                (select $7::text[]), (select $8::timestamptz[]))
         as told (message_id, id, kind, subject_id, occasion, amount_amount, amount_currency,
                  happened_at)
    join first using (message_id)
    on conflict (kind, subject_id, occasion) do nothing
)
"""
CLAIM = """
update deliveries set attempts = attempts + 1, due_at = now() + $1::interval
where id = any(array(select id from deliveries where status = 'waiting' and due_at <= now()
                     order by due_at limit $3 for update skip locked))
returning id, kind, subject_id, occasion, amount_amount, amount_currency, happened_at, attempts,
          sends_in_doubt, reason, created_at < now() - $2::interval as is_late
"""
ADD_NOTIFICATION = """
insert into notifications (id, user_id, kind, title, order_id, created_at)
values ($1, $2, $3, $4, nullif($5, '')::uuid, $6)
on conflict (id) do nothing
"""
BEGIN_SENDING = """
update deliveries set sends_in_doubt = sends_in_doubt + 1,
                      person_id = coalesce(begun.person_id, deliveries.person_id)
from unnest($1::uuid[], $2::int[], $3::uuid[]) as begun (id, attempts, person_id)
where deliveries.id = begun.id and deliveries.attempts = begun.attempts and status = 'waiting'
returning deliveries.id
"""
# A later attempt, begun because this one took longer than its lease, has the say from then on.
PUT_OFF = """
update deliveries set due_at = now() + make_interval(secs => $3), reason = $4,
                      sends_in_doubt = sends_in_doubt - $5
where id = $1 and attempts = $2 and status = 'waiting'
"""
GIVE_UP = """
update deliveries set status = 'failed', reason = $3
where id = $1 and attempts = $2 and status = 'waiting'
"""
SENT = """
update deliveries set status = 'sent', sent_at = now(), reason = '' where id = any($1::uuid[])
"""
OLD = """
select id from deliveries where created_at < now() - make_interval(days => $1)
and status <> 'waiting' order by created_at limit $2
"""
DROP = "delete from deliveries where id = any($1::uuid[])"
READ = "update notifications set is_read = true where id = $1 and user_id = $2 returning true"
READ_ALL = "update notifications set is_read = true where user_id = $1 and not is_read"


class Beginning(Struct, frozen=True, kw_only=True):
    """A mail that is about to be handed in. Whose it is is noted with that, where no inbox tells:
    so whatever was written to somebody can be found."""

    delivery: Delivery
    person_id: str = ""


def addition(news: Announcement, *, then: Callable[[], None]) -> Effect:
    """Of what is to be told; nothing when it is known already."""
    amount = news.amount
    row = (
        new_id(),
        news.kind,
        news.subject_id,
        news.occasion,
        amount.amount if amount else None,
        amount.currency if amount else None,
        news.happened_at,
    )
    return Effect(ADD, row, then)


async def claim_deliveries(db: Database, *, limit: int) -> list[Delivery]:
    """Those due, for whoever asks first; nobody else gets them until their lease is over."""
    return await db.fetch_as(Delivery, CLAIM, LEASE, TRIED_FOR, limit)


async def begin_sending(db: Database, beginnings: Sequence[Beginning]) -> list[bool]:
    """Whether each may be sent: not where a later attempt has taken over."""
    ids = [each.delivery.id for each in beginnings]
    attempts = [each.delivery.attempts for each in beginnings]
    persons = [each.person_id or None for each in beginnings]
    begun = {row["id"] for row in await db.fetch(BEGIN_SENDING, ids, attempts, persons)}
    return [delivery_id in begun for delivery_id in ids]


async def add_notification(db: Database, delivery: Delivery, *, user_id: str, title: str) -> None:
    await db.execute(
        ADD_NOTIFICATION,
        delivery.id,
        user_id,
        delivery.kind,
        title,
        delivery.order_id,
        delivery.happened_at,
    )


async def put_off(db: Database, delivery: Delivery, *, reason: str, ends_doubt: bool) -> None:
    """Tried again later. `ends_doubt`: it was handed in, and certainly did not go out."""
    seconds = backoff_seconds(delivery.attempts, first=RETRY_SECONDS_FIRST, most=RETRY_SECONDS_MOST)
    await db.execute(
        PUT_OFF, delivery.id, delivery.attempts, seconds, reason, 1 if ends_doubt else 0
    )


async def give_up(db: Database, delivery: Delivery, *, reason: str) -> None:
    await db.execute(GIVE_UP, delivery.id, delivery.attempts, reason)


async def record_sent(db: Database, deliveries: Sequence[Delivery]) -> list[None]:
    await db.execute(SENT, [each.id for each in deliveries])
    return [None] * len(deliveries)


async def list_old(db: Database, *, days: int, limit: int) -> list[str]:
    """What has long been sent, or given up."""
    return [row["id"] for row in await db.fetch(OLD, days, limit)]


async def drop_deliveries(tx: Transaction, delivery_ids: Sequence[str]) -> None:
    await tx.execute(DROP, delivery_ids)


async def read_one(tx: Transaction, notification_id: str, *, user_id: str) -> None:
    if not await tx.fetchval(READ, notification_id, user_id):
        raise NotificationNotFound()


async def read_all(tx: Transaction, *, user_id: str) -> None:
    await tx.execute(READ_ALL, user_id)
