"""The provider's word about a payment is written down, with what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from souk.kernel.contract import Event
from souk.kernel.database import Database
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import Payment, news_of
from souk.services.payments.providers import Charge
from souk.services.payments.queries import find_payment
from souk.services.payments.store.ledger import posted
from souk.services.payments.store.payments import saved_payment
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
            await _save(till.database, payment, after, news_of(payment, after, is_asked=is_asked))
        except _Overtaken:
            payment = await read_again(till, payment.id)
        else:
            return msgspec.structs.replace(after, version=after.version + 1)
    raise RuntimeError(f"payment {payment.id} never stands still")


async def read_again(till: Till, payment_id: str) -> Payment:
    found = await find_payment(till.database, payment_id)
    assert found is not None  # payments are never deleted
    return found


async def _save(database: Database, before: Payment, after: Payment, news: Sequence[Event]) -> None:
    """The payment, its transfers and what is told of it, at once."""
    transfers = ledger.capture(after) if after.captured and not before.captured else ()
    if not await database.write(saved_payment(after), *posted(transfers), events=news):
        raise _Overtaken
