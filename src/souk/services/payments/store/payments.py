"""Payments and their parts: opened once, saved by version, called off for ever."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from souk.kernel.database import Database, Queries, Transaction
from souk.kernel.writes import Write
from souk.services.payments.model.payment import Payment

# One statement: whoever meets another's row, a tombstone included, writes nothing.
OPEN = """
with opened as (
    insert into payments (id, checkout_id, status, provider, method, currency, amount_amount,
                          payer_id, guest_token_hash, attempts, attempt_until, check_at,
                          created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
            now() + make_interval(secs => $11), now() + make_interval(secs => $12), $13)
    on conflict (checkout_id) do nothing
    returning id
), parts as (
    insert into allocations (order_id, payment_id, shop_id, currency, total_amount,
                             shipping_amount, tax_amount)
    select part.order_id, opened.id, part.shop_id, $6, part.total, part.shipping, part.tax
      from opened,
           unnest($14::uuid[], $15::uuid[], $16::bigint[], $17::bigint[], $18::bigint[])
               as part (order_id, shop_id, total, shipping, tax)
)
select exists (select from opened)
"""
CLAIM_ATTEMPT = """
update payments
   set attempts = attempts + 1, attempt_until = now() + make_interval(secs => $2),
       version = version + 1, updated_at = now()
 where id = $1 and status = 'pending' and called_off_at is null and attempt_until <= now()
"""
END_ATTEMPT = """
update payments set attempt_until = now(), updated_at = now()
 where id = $1 and status = 'pending'
"""
# Of one payment, or of several: all of them or none. One goes without arrays, for those cost it
# more than the statement that they save.
PARTS = """
parts as (
    update allocations set captured_amount = total_amount
      from saved
     where payment_id = saved.id and saved.captured_amount > 0 and allocations.captured_amount = 0
)
"""
SAVE_ONE = f"""
saved as (
    update payments
       set status = $3, reference = $4, reason = $5, next_action = $6, captured_amount = $7,
           called_off_at = $8, check_at = now() + make_interval(secs => $9), checks = 0,
           version = version + 1, updated_at = now()
     where id = $1 and version = $2
    returning id, captured_amount
), first as (
    select from saved
), {PARTS}
"""  # noqa: S608 - a constant
# A lock is waited for and its row then seen as it is: when all are locked and still as they were
# read, nothing is in the way of any. Locks are taken in key order. Arrays from sub-selects, and one
# row looked up for each: one plan serves all lengths.
SAVE_MANY = f"""
locked as materialized (
    select given.*
      from (select *
              from unnest((select $1::uuid[]), (select $2::int[]), (select $3::text[]),
                          (select $4::text[]), (select $5::text[]), (select $6::text[]),
                          (select $7::bigint[]), (select $8::timestamptz[]), (select $9::int[]))
                as row (id, version, status, reference, reason, next_action, captured_amount,
                        called_off_at, check_seconds)
             order by id) as given,
           lateral (select version from payments where id = given.id for no key update) as found
     where found.version = given.version
), first as (
    select where (select count(*) from locked) = cardinality($1)
), saved as (
    update payments p
       set status = l.status, reference = l.reference, reason = l.reason,
           next_action = l.next_action::jsonb, captured_amount = l.captured_amount,
           called_off_at = l.called_off_at,
           check_at = now() + make_interval(secs => l.check_seconds), checks = 0,
           version = p.version + 1, updated_at = now()
      from first, locked l
     where p.id = l.id
    returning p.id, p.captured_amount
), {PARTS}
"""  # noqa: S608 - a constant
CALL_OFF = """
insert into payments (id, checkout_id, status, provider, currency, amount_amount, called_off_at,
                      created_at)
values ($1, $2, 'voided', '', 'XXX', 0, $3, $3)
on conflict (checkout_id) do update
   set called_off_at = coalesce(payments.called_off_at, excluded.called_off_at),
       version = payments.version + 1, updated_at = now(),
       check_at = case when payments.status in ('pending', 'requires_action', 'authorized',
                                                'captured', 'partially_refunded')
                       then now() + make_interval(secs => $4) else payments.check_at end
"""
# What ended without the provider's word is looked at three times, the rest until it is known.
DUE = """
update payments
   set checks = checks + 1,
       check_at = case when status in ('declined', 'voided') and checks >= 2 then null
                       else now() + make_interval(secs => least(5 * 2 ^ least(checks, 6), 300)) end
 where id in (select id from payments
               where check_at <= now() and provider = any($1::text[])
               order by check_at limit $2 for update skip locked)
returning id
"""
REST = "update payments set check_at = null where id = $1 and version = $2"
EXPECT_RELEASE = """
update allocations set release_at = now() + make_interval(days => $2)
 where order_id = $1 and release_at is null
"""


async def open_payment(db: Queries, payment: Payment, *, attempt_seconds: int) -> bool:
    """False when the checkout has a payment, or was called off, already."""
    parts = payment.parts
    (opened,) = await db.fetchrow_grouped(
        OPEN,
        payment.id,
        payment.checkout_id,
        payment.status,
        payment.provider,
        payment.method,
        payment.amount.currency,
        payment.amount.amount,
        payment.payer_id,
        payment.guest_token_hash,
        payment.attempts,
        attempt_seconds,
        payment.check_seconds,
        payment.created_at,
        [part.order_id for part in parts],
        [part.shop_id for part in parts],
        [part.total_amount for part in parts],
        [part.shipping_amount for part in parts],
        [part.tax_amount for part in parts],
        sort_key=payment.checkout_id,
    )
    return bool(opened)


async def claim_attempt(tx: Transaction, payment_id: str, *, seconds: int) -> bool:
    """Whether it is now for us to ask the provider; the others wait meanwhile."""
    return await tx.execute(CLAIM_ATTEMPT, payment_id, seconds) == "UPDATE 1"


async def end_attempt(tx: Transaction, payment_id: str) -> None:
    await tx.execute(END_ATTEMPT, payment_id)


def saved_payments(payments: Sequence[Payment]) -> Write:
    """Writes nothing when somebody else has saved one of them since it was read."""
    rows = [
        (
            payment.id,
            payment.version,
            payment.status,
            payment.reference,
            payment.reason,
            msgspec.json.encode(payment.next_action).decode() if payment.next_action else None,
            payment.captured.amount,
            payment.called_off_at,
            payment.check_seconds,
        )
        for payment in payments
    ]
    if len(rows) == 1:
        return Write(SAVE_ONE, rows[0])
    return Write(SAVE_MANY, tuple(zip(*rows, strict=True)))


async def call_off(tx: Transaction, tombstone: Payment, *, check_seconds: int) -> None:
    """Marks the checkout's payment, or leaves the tombstone in its place."""
    await tx.execute(
        CALL_OFF, tombstone.id, tombstone.checkout_id, tombstone.called_off_at, check_seconds
    )


async def take_due(database: Database, providers: list[str], *, limit: int) -> list[str]:
    """Payments whose truth is to be found out now; they come again later if that fails."""
    return [row["id"] for row in await database.fetch(DUE, providers, limit)]


async def rest(tx: Transaction, payment: Payment) -> None:
    """All is known, so nobody looks again; unless somebody has changed it since."""
    await tx.execute(REST, payment.id, payment.version)


async def expect_release(tx: Transaction, order_id: str, *, days: int) -> None:
    await tx.execute(EXPECT_RELEASE, order_id, days)
