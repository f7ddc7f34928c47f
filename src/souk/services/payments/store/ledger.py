"""The ledger written: transfers are only ever added, and escrow is released once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_id
from souk.kernel.writes import ANYWAY, Write
from souk.services.payments.model.ledger import Transfer
from souk.services.payments.model.payment import Part

# Accounts in the order of their names, so that two postings never wait for each other in a circle.
POST = """
accounts as (
    insert into ledger_accounts (name, currency)
    select distinct account, currency
      from first, unnest((select $6::text[]), (select $7::text[])) as e (account, currency)
     order by 1, 2
    on conflict do nothing
), transfers as (
    insert into ledger_transfers (id, kind, reference, payment_id, order_id)
    select given.* from first,
           unnest((select $1::uuid[]), (select $2::text[]), (select $3::uuid[]),
                  (select $4::uuid[]), (select $5::uuid[])) as given
), entries as (
    insert into ledger_entries (account, currency, transfer_id, amount)
    select given.* from first,
           unnest((select $6::text[]), (select $7::text[]), (select $8::uuid[]),
                  (select $9::bigint[])) as given
)
"""
HELD_OF_ORDER = """
select e.account, sum(e.amount)::bigint as held
  from ledger_transfers t join ledger_entries e on e.transfer_id = t.id
 where t.order_id = $1 and t.kind in ('release', 'refund')
   and split_part(e.account, ':', 1) not in ('escrow', 'refunds')
 group by e.account having sum(e.amount) > 0
 order by e.account
"""
TO_RELEASE = """
select a.order_id, a.shop_id, a.currency, a.total_amount, a.shipping_amount, a.tax_amount,
       a.captured_amount, a.returned_amount, a.released_at
  from allocations a
 where a.order_id = $1 and a.released_at is null and a.release_at <= now()
   and a.captured_amount > a.returned_amount
   for update
"""
RELEASED = """
update allocations set released_at = now()
  from payments p
 where order_id = $1 and p.id = payment_id
returning p.id, p.checkout_id
"""
DUE = """
select order_id from allocations
 where released_at is null and release_at <= now() and captured_amount > returned_amount
 order by release_at limit $1
"""


async def post(tx: Transaction, transfers: Sequence[Transfer]) -> None:
    """All of them in one statement, at whose end each must sum to zero."""
    await tx.write(ANYWAY, *posted(transfers))


def posted(transfers: Sequence[Transfer]) -> tuple[Write, ...]:
    """The same as a part of a statement; nothing to post is no part."""
    args = _arguments(transfers)
    return (Write(POST, args),) if args else ()


def _arguments(transfers: Sequence[Transfer]) -> tuple[Any, ...]:
    rows = [(new_id(), transfer) for transfer in transfers]
    entries = [
        (transfer_id, account, amount)
        for transfer_id, transfer in rows
        for account, amount in transfer.entries.items()
        if amount
    ]
    if not entries:
        return ()
    return (
        [transfer_id for transfer_id, _ in rows],
        [transfer.kind for _, transfer in rows],
        [transfer.reference for _, transfer in rows],
        [transfer.payment_id for _, transfer in rows],
        [transfer.order_id for _, transfer in rows],
        [account for _, account, _ in entries],
        [amount.currency for _, _, amount in entries],
        [transfer_id for transfer_id, _, _ in entries],
        [amount.amount for _, _, amount in entries],
    )


async def held_of_order(tx: Transaction, order_id: str) -> list[tuple[str, int]]:
    """Who still holds how much of an order's released money."""
    return [(row["account"], row["held"]) for row in await tx.fetch(HELD_OF_ORDER, order_id)]


async def lock_part_to_release(tx: Transaction, order_id: str) -> Part | None:
    """None unless it is due, captured, and not yet released."""
    return await tx.fetchrow_as(Part, TO_RELEASE, order_id)


async def mark_released(tx: Transaction, order_id: str) -> tuple[str, str]:
    """The payment and its checkout."""
    row = await tx.fetchrow(RELEASED, order_id)
    assert row is not None
    return row["id"], row["checkout_id"]


async def due_for_release(database: Database, *, limit: int) -> list[str]:
    return [row["order_id"] for row in await database.fetch(DUE, limit)]
