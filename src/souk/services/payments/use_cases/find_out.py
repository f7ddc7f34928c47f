"""What became of a payment is found out by asking the provider, never assumed."""

from __future__ import annotations

import asyncio

from souk.contracts.payments import PaymentOutcomeUnknown
from souk.kernel.failpoints import reach
from souk.kernel.refusals import Refusal
from souk.kernel.telemetry import logger
from souk.services.payments.model.payment import CAPTURED, Payment
from souk.services.payments.providers import Charge, OutcomeUnknown
from souk.services.payments.store.payments import rest, take_due
from souk.services.payments.till import Till, answer_of
from souk.services.payments.use_cases.call_off import call_off
from souk.services.payments.use_cases.write_down import read_again, write_down

LOOKUPS_MAX = 3
PAUSE_SECONDS = 0.3
RETRY_SECONDS = 2
BATCH = 50
AT_ONCE = 4

log = logger(__name__)


async def look_up(till: Till, payment: Payment) -> Charge | None:
    """The provider's word after an answer was lost. Raises PaymentOutcomeUnknown."""
    for turn in range(LOOKUPS_MAX):
        await asyncio.sleep(PAUSE_SECONDS * turn)
        try:
            return await answer_of(till.provider(payment.provider).lookup(payment.id))
        except OutcomeUnknown:
            continue
    raise PaymentOutcomeUnknown(retry_seconds=RETRY_SECONDS)


async def find_out(till: Till, payment: Payment, *, is_asked: bool) -> Payment:
    """The payment as the provider has it. Raises OutcomeUnknown."""
    if payment.status not in CAPTURED and not payment.is_free:
        charge = await answer_of(till.provider(payment.provider).lookup(payment.id))
        await reach("payments.lookup.between")
        if charge is not None:
            payment = await write_down(till, payment, charge, is_asked=is_asked)
    if payment.is_to_be_undone:
        payment = await call_off(till, payment, is_asked=is_asked)
    return payment


async def check_payments(till: Till) -> None:
    """Every payment that is in doubt, waits for its shopper, or must still be undone."""
    providers = sorted(till.providers)
    turns = asyncio.Semaphore(AT_ONCE)

    async def check(payment_id: str) -> None:
        async with turns:
            await _check(till, payment_id)

    while due := await take_due(till.database, providers, limit=BATCH):
        await asyncio.gather(*map(check, due))


async def _check(till: Till, payment_id: str) -> None:
    try:
        payment = await read_again(till, payment_id)
        payment = await find_out(till, payment, is_asked=False)
        if payment.check_seconds is None:
            await till.database.transact(rest, payment)
    except (OutcomeUnknown, Refusal) as error:  # it is due again by itself
        log.info("payment_still_in_doubt", payment_id=payment_id, reason=str(error))
