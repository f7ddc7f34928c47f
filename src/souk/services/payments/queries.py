"""What payments are asked: straight from SQL to structs."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts import payments as contracts
from souk.kernel.database import Queries
from souk.kernel.money import Money
from souk.services.payments.model.payment import Payment

PAYMENT = """
select p.id, p.checkout_id, p.status, p.provider, p.method, p.currency, p.amount_amount,
       p.captured_amount, p.refunded_amount, p.payer_id, p.guest_token_hash, p.reference,
       p.reason, p.next_action, p.attempts, p.called_off_at, p.version, p.created_at,
       coalesce((select jsonb_agg(to_jsonb(a) order by a.order_id)
                   from allocations a where a.payment_id = p.id), '[]') as parts
  from payments p
"""
BY_IDS = f"{PAYMENT} where p.id = any(array(select unnest($1::uuid[])))"
BY_CHECKOUT = f"{PAYMENT} where p.checkout_id = $1"
BY_PAYER = f"{PAYMENT} where p.payer_id = $1 order by p.id desc limit $2 offset $3"
ALL = f"""
{PAYMENT} where p.provider <> '' and ($3::text is null or p.status = $3)
 order by p.id desc limit $1 offset $2
"""

BALANCES = """
select e.account, sum(e.amount)::bigint as balance_amount, e.currency as balance_currency
  from ledger_entries e
  join ledger_accounts a on a.name = e.account and a.currency = e.currency
 where $1 = '' or a.kind = $1
 group by e.account, e.currency
 order by abs(sum(e.amount)) desc, e.account
 limit 1000
"""
SUMS = """
select currency, sum(amount)::bigint as amount from ledger_entries
 group by currency order by currency
"""
TRANSFERS = """
select t.id, t.kind, t.payment_id, t.order_id, t.at,
       (select jsonb_agg(jsonb_build_object('account', e.account, 'amount',
               jsonb_build_object('amount', e.amount, 'currency', e.currency)) order by e.account)
          from ledger_entries e where e.transfer_id = t.id) as entries
  from ledger_transfers t
 where $1::uuid is null or t.payment_id = $1
 order by t.id desc limit $2 offset $3
"""


async def find_payment(db: Queries, payment_id: str) -> Payment | None:
    (found,) = await find_payments(db, [payment_id])
    return found


async def find_payments(db: Queries, payment_ids: Sequence[str]) -> list[Payment | None]:
    found = {payment.id: payment for payment in await db.fetch_as(Payment, BY_IDS, payment_ids)}
    return [found.get(payment_id) for payment_id in payment_ids]


async def find_payment_of(db: Queries, *, checkout_id: str) -> Payment | None:
    """Tombstones too."""
    return await db.fetchrow_as(Payment, BY_CHECKOUT, checkout_id)


async def list_payments(
    db: Queries, *, payer_id: str, page: int, page_size: int
) -> contracts.PaymentPage:
    page, page_size = page or 1, page_size or 20
    offset = (page - 1) * page_size
    payments = await db.fetch_as(Payment, BY_PAYER, payer_id, page_size, offset)
    items = tuple(payment.view() for payment in payments)
    return contracts.PaymentPage(items=items, page=page, page_size=page_size)


async def list_all_payments(
    db: Queries, request: contracts.ListAllPaymentsRequest
) -> contracts.PaymentPage:
    """Tombstones are no payments."""
    page, size = request.page or 1, request.page_size or 20
    status = request.status.value if request.status else None
    found = await db.fetch_as(Payment, ALL, size, (page - 1) * size, status)
    items = tuple(payment.view() for payment in found)
    return contracts.PaymentPage(items=items, page=page, page_size=size)


async def read_ledger(db: Queries, *, kind: str) -> contracts.Ledger:
    balances = await db.fetch_as(contracts.Balance, BALANCES, kind)
    sums = await db.fetch_as(Money, SUMS)
    return contracts.Ledger(items=tuple(balances), sums=tuple(sums))


async def list_transfers(
    db: Queries, *, payment_id: str, page: int, page_size: int
) -> contracts.TransferPage:
    page, page_size = page or 1, page_size or 20
    offset = (page - 1) * page_size
    found = await db.fetch_as(contracts.Transfer, TRANSFERS, payment_id or None, page_size, offset)
    return contracts.TransferPage(items=tuple(found), page=page, page_size=page_size)
