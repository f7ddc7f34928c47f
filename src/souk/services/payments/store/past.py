"""Payments of before as rows: with their own dates, and only if they are not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from souk.contracts.payments import PastPayment
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_id
from souk.services.payments.model.ledger import Transfer
from souk.services.payments.model.payment import Part

ADD_CHARGES = """
insert into sandbox.charges (id, key, state, method, currency, amount_amount, captured_amount,
                             return_url, created_at)
select id, key, 'captured', 'approve', currency, amount, amount, $6, at
from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    as c (id, key, currency, amount, at)
where amount > 0
on conflict (key) do nothing
"""
ADD_PAYMENTS = """
insert into payments (id, checkout_id, status, provider, method, currency, amount_amount,
                      captured_amount, payer_id, guest_token_hash, attempts, attempt_until,
                      created_at, updated_at)
select id, checkout_id, 'captured', provider, 'approve', currency, amount, amount, payer_id,
       guest, 1, at, at, at
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::uuid[], $7::text[],
            $8::timestamptz[])
    as p (id, checkout_id, provider, currency, amount, payer_id, guest, at)
on conflict do nothing
returning id
"""
ADD_PARTS = """
insert into allocations (order_id, payment_id, shop_id, currency, total_amount, shipping_amount,
                         tax_amount, captured_amount, release_at, released_at)
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[],
                     $7::bigint[], $8::bigint[], $9::timestamptz[], $10::timestamptz[])
"""
POST = """
with accounts as (
    insert into ledger_accounts (name, currency)
    select distinct account, currency from unnest($7::text[], $8::text[]) as e (account, currency)
     order by 1, 2
    on conflict do nothing
), transfers as (
    insert into ledger_transfers (id, kind, reference, payment_id, order_id, at)
    select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::uuid[],
                         $6::timestamptz[])
)
insert into ledger_entries (account, currency, transfer_id, amount)
select * from unnest($7::text[], $8::text[], $9::uuid[], $10::bigint[])
"""


async def add_charges(
    database: Database, payments: Sequence[PastPayment], *, return_url: str
) -> None:
    """The sandbox's own book; other providers keep theirs themselves."""
    own = [payment for payment in payments if payment.provider == "sandbox"]
    await database.execute(
        ADD_CHARGES,
        [new_id() for _ in own],
        [payment.payment_id for payment in own],
        [payment.amount.currency for payment in own],
        [payment.amount.amount for payment in own],
        [payment.paid_at for payment in own],
        return_url,
    )


async def add_payments(tx: Transaction, payments: Sequence[PastPayment]) -> set[str]:
    """Those that were not there."""
    rows = await tx.fetch(
        ADD_PAYMENTS,
        [payment.payment_id for payment in payments],
        [payment.checkout_id for payment in payments],
        [payment.provider for payment in payments],
        [payment.amount.currency for payment in payments],
        [payment.amount.amount for payment in payments],
        [payment.payer_id or None for payment in payments],
        [payment.guest_token_hash for payment in payments],
        [payment.paid_at for payment in payments],
    )
    return {row["id"] for row in rows}


async def add_parts(tx: Transaction, parts: Sequence[tuple[str, datetime | None, Part]]) -> None:
    """Of a payment, with the end of its inspection window."""
    await tx.execute(
        ADD_PARTS,
        [part.order_id for _, _, part in parts],
        [payment_id for payment_id, _, _ in parts],
        [part.shop_id for _, _, part in parts],
        [part.currency for _, _, part in parts],
        [part.total_amount for _, _, part in parts],
        [part.shipping_amount for _, _, part in parts],
        [part.tax_amount for _, _, part in parts],
        [part.captured_amount for _, _, part in parts],
        [release_at for _, release_at, _ in parts],
        [part.released_at for _, _, part in parts],
    )


async def post(tx: Transaction, transfers: Sequence[tuple[datetime, Transfer]]) -> None:
    """All of them in one statement, at whose end each must sum to zero."""
    rows = [(new_id(), at, transfer) for at, transfer in transfers]
    entries = [
        (transfer_id, account, amount)
        for transfer_id, _, transfer in rows
        for account, amount in transfer.entries.items()
        if amount
    ]
    if not entries:
        return
    await tx.execute(
        POST,
        [transfer_id for transfer_id, _, _ in rows],
        [transfer.kind for _, _, transfer in rows],
        [transfer.reference for _, _, transfer in rows],
        [transfer.payment_id for _, _, transfer in rows],
        [transfer.order_id for _, _, transfer in rows],
        [at for _, at, _ in rows],
        [account for _, account, _ in entries],
        [amount.currency for _, _, amount in entries],
        [transfer_id for transfer_id, _, _ in entries],
        [amount.amount for _, _, amount in entries],
    )
