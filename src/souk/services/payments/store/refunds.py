"""Refunds: taken from what is left of an order, sent until the provider confirms them."""

from __future__ import annotations

from souk.contracts import payments as contracts
from souk.kernel.database import Database, Queries, Transaction
from souk.services.payments.model.ledger import Refund
from souk.services.payments.model.payment import Part

LOCK_PART = """
select order_id, shop_id, currency, total_amount, shipping_amount, tax_amount, captured_amount,
       returned_amount, released_at
  from allocations where payment_id = $1 and order_id = $2 for update
"""
FIND = """
select id, payment_id, order_id, currency, amount_amount, status, created_at
  from refunds where id = $1
"""
# The lock has decided already; the guard and the table's CHECK hold even without it.
ADD = """
with taken as (
    update allocations set returned_amount = returned_amount + $5
     where order_id = $3 and payment_id = $2 and captured_amount - returned_amount >= $5
    returning order_id
)
insert into refunds (id, payment_id, order_id, currency, amount_amount, reason, status, retry_at,
                     created_at, done_at)
select $1, $2, taken.order_id, $4, $5, $6, case when $5 = 0 then 'done' else 'pending' end,
       now() + make_interval(secs => $8), $7::timestamptz, case when $5 = 0 then $7::timestamptz end
  from taken
"""
CONFIRM = """
with done as (
    update refunds set status = 'done', done_at = now() where id = $1 and status = 'pending'
    returning payment_id, amount_amount
)
update payments p
   set refunded_amount = p.refunded_amount + done.amount_amount,
       status = case when p.refunded_amount + done.amount_amount = p.captured_amount
                     then 'refunded' else 'partially_refunded' end,
       version = p.version + 1, updated_at = now()
  from done where p.id = done.payment_id
returning p.provider, p.checkout_id
"""
DUE = """
update refunds
   set attempts = attempts + 1,
       retry_at = now() + make_interval(secs => least(5 * 2 ^ least(attempts, 7), 600))
 where id in (select id from refunds where status = 'pending' and retry_at <= now()
               order by retry_at limit $1 for update skip locked)
returning id
"""


async def lock_part(tx: Transaction, *, payment_id: str, order_id: str) -> Part | None:
    return await tx.fetchrow_as(Part, LOCK_PART, payment_id, order_id)


async def find_refund(db: Queries, refund_id: str) -> contracts.Refund | None:
    return await db.fetchrow_as(contracts.Refund, FIND, refund_id)


async def add_refund(
    tx: Transaction, refund: contracts.Refund, *, reason: str, retry_seconds: int
) -> bool:
    """False when there is not as much left of the order."""
    tag = await tx.execute(
        ADD,
        refund.id,
        refund.payment_id,
        refund.order_id,
        refund.amount.currency,
        refund.amount.amount,
        reason,
        refund.created_at,
        retry_seconds,
    )
    return tag == "INSERT 0 1"


async def confirm_refund(tx: Transaction, refund: Refund) -> tuple[str, str] | None:
    """The payment's provider and checkout; None when it was confirmed before."""
    row = await tx.fetchrow(CONFIRM, refund.id)
    return (row["provider"], row["checkout_id"]) if row else None


async def take_due(database: Database, *, limit: int) -> list[str]:
    """Refunds to be sent now; they come again later if that fails."""
    return [row["id"] for row in await database.fetch(DUE, limit)]
