"""The provider's word about a payment is written down, with what follows from it."""

from __future__ import annotations

import msgspec

from souk.kernel.context import call
from souk.kernel.outbox_rows import outbox_rows
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import Payment, news_of
from souk.services.payments.providers import Charge
from souk.services.payments.queries import find_payment
from souk.services.payments.store.changes import Change, save
from souk.services.payments.till import Till

TRIES_MAX = 20


async def write_down(till: Till, payment: Payment, charge: Charge, *, is_asked: bool) -> Payment:
    """The payment as it is then. Whoever wrote meanwhile is read again, and the word weighed anew.

    `is_asked`: the caller hears the decision as an answer, so no event tells it.
    """
    for turn in range(TRIES_MAX):
        after = payment.learn(charge, till.clock.now())
        if after is payment:
            return payment
        change = _change(payment, after, is_asked=is_asked)
        # What staff do is recorded beside it; and whom the others were in the way of goes alone.
        if turn or call().deed:
            (is_saved,) = await save(till.database, [change])
        else:
            is_saved = await till.save(change)
        if is_saved:
            return msgspec.structs.replace(after, version=after.version + 1)
        payment = await read_again(till, payment.id)
    raise RuntimeError(f"payment {payment.id} never stands still")


async def read_again(till: Till, payment_id: str) -> Payment:
    found = await find_payment(till.database, payment_id)
    assert found is not None  # payments are never deleted
    return found


def _change(before: Payment, after: Payment, *, is_asked: bool) -> Change:
    return Change(
        after=after,
        transfers=ledger.capture(after) if after.captured and not before.captured else (),
        told=outbox_rows(news_of(before, after, is_asked=is_asked)),
    )
