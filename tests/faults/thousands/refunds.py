"""So many payments, and of each fifty partial refunds at once that are more than was paid."""

from __future__ import annotations

import asyncio

from souk.contracts.payments import ProcessPaymentRequest
from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from souk.kernel.refusals import DeadlineExceeded, Refusal, Unavailable
from souk.services.payments.providers.sandbox.book import RefundRefused
from tests.faults.sabotage import commit
from tests.faults.thousands.found import Found
from tests.services.payments.counter import Books, Counter, part, purchase
from tests.support.hosting import hosted
from tests.support.servers import Desk

PAID, PIECE = 1000, 37  # 27 pieces fit
PAYMENTS_AT_ONCE = 8
PAUSE_SECONDS = 0.2
OVER = """
select count(*) from payments p
 where (select sum(amount_amount) from refunds r where r.payment_id = p.id) > captured_amount
    or refunded_amount <> (select coalesce(sum(amount_amount), 0) from refunds r
                            where r.payment_id = p.id and r.status = 'done')
"""
CHECKS = """
select format('alter table %s drop constraint %I', conrelid::regclass, conname)
  from pg_constraint
 where contype = 'c' and conrelid in ('allocations'::regclass, 'payments'::regclass)
"""


async def refunds(servers: Desk, *, count: int, pieces: int = 50, sabotage: str = "") -> Found:
    began = monotonic()
    async with hosted("payments", servers) as host:
        counter = Counter(host)
        if sabotage:
            await _take_guards_out(counter, sabotage)
        free = asyncio.Semaphore(PAYMENTS_AT_ONCE)

        async def payment() -> list[int | str]:
            async with free:
                request = purchase(part(PAID))
                await counter.capture((await counter.pay(request)).id)
                return await asyncio.gather(*(_piece(counter, request) for _ in range(pieces)))

        given = await asyncio.gather(*(payment() for _ in range(count)))
        if not sabotage:  # the provider refuses for ever what it should never have been asked
            await counter.settle_refunds()
        over = await counter.database.fetchval(OVER)
        charges, books = await counter.charges(), await counter.books()
    right = min(pieces, PAID // PIECE) * PIECE
    told = [sum(piece for piece in pieces if isinstance(piece, int)) for pieces in given]
    found = Found(
        name="no refund above what was captured",
        figure=f"{count} payments of {PAID}, {pieces} refunds of {PIECE} at once: "
        f"{sum(told)} given back, {over} payments with more than was captured",
        seconds=monotonic() - began,
    )
    found.must(not over, f"{over} payments gave back more than they had, or not their refunds")
    found.none("payments told another sum", [back for back in told if back != right])
    found.none("charges are wrong", [charge for charge in charges if charge[2] != right])
    found.must(len(charges) == count, f"{len(charges)} charges")
    odd = {str(piece) for pieces in given for piece in pieces if isinstance(piece, str)}
    found.none("reasons to refuse that are none", odd - {"RefundTooLarge"})
    left = count * (PAID - right)
    found.must(books == Books(left, left, left), f"{books}, not {left}")
    return found


async def _piece(counter: Counter, request: ProcessPaymentRequest) -> int | str:
    """What was given back, or why nothing was; who is told to come again does."""
    refund_id = new_id()
    while True:
        try:
            return (await counter.refund(request, PIECE, id_=refund_id)).amount.amount
        except (Unavailable, DeadlineExceeded):
            await asyncio.sleep(PAUSE_SECONDS)
        except (Refusal, RefundRefused) as refusal:
            return type(refusal).__name__


async def _take_guards_out(counter: Counter, sabotage: str) -> None:
    commit(sabotage)
    for row in await counter.database.fetch(CHECKS):
        await counter.database.execute(row[0])
