"""The provider's word about a payment is written down, with what follows from it."""

from __future__ import annotations

import msgspec

from souk.kernel.database import Transaction
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import Payment, news_of
from souk.services.payments.providers import Charge
from souk.services.payments.queries import find_payment
from souk.services.payments.store.ledger import post
from souk.services.payments.store.payments import save_payment
from souk.services.payments.till import Till

TRIES_MAX = 20


class _Overtaken(Exception):  # noqa: N818 - no error: somebody else wrote first
    pass


async def write_down(till: Till, payment: Payment, charge: Charge, *, is_asked: bool) -> Payment:
    """The payment as it is then. Whoever wrote meanwhile is read again, and the word weighed anew.

    `is_asked`: the caller hears the decision as an answer, so no event tells it.
    """
    for _ in range(TRIES_MAX):
        after = payment.learn(charge, till.clock.now())
        if after is payment:
            return payment
        try:
            return await till.database.transact(_save, payment, after, is_asked=is_asked)
        except _Overtaken:
            payment = await read_again(till, payment.id)
    raise RuntimeError(f"payment {payment.id} never stands still")


async def read_again(till: Till, payment_id: str) -> Payment:
    found = await find_payment(till.database, payment_id)
    assert found is not None  # payments are never deleted
    return found


async def _save(tx: Transaction, before: Payment, after: Payment, *, is_asked: bool) -> Payment:
    if not await save_payment(tx, after):
        raise _Overtaken
    if after.captured and not before.captured:
        await post(tx, ledger.capture(after))
    tx.publish(*news_of(before, after, is_asked=is_asked))
    return msgspec.structs.replace(after, version=after.version + 1)
