"""Money of an order goes back to the shopper: never more than was taken, each refund once."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.payments import PaymentNotFound, PaymentRefunded, Refund, RefundStatus
from souk.kernel.database import Transaction
from souk.kernel.failpoints import reach
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import FieldError, InvalidRequest, Refusal
from souk.kernel.telemetry import logger
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import Part, Payment
from souk.services.payments.providers import OutcomeUnknown
from souk.services.payments.store import ledger as ledger_store
from souk.services.payments.store import refunds as store
from souk.services.payments.till import Till, answer_of
from souk.services.payments.use_cases.write_down import read_again

RETRY_SECONDS = 5
BATCH = 50

log = logger(__name__)


class Wish(Struct, frozen=True, kw_only=True):
    """A refund as it is asked for; without an amount, all that is left."""

    refund_id: str
    order_id: str
    amount: Money | None
    reason: str


async def begin_refund(tx: Transaction, payment: Payment, wish: Wish, now: datetime) -> Refund:
    """Sets the money aside; sending it follows. The same id again gives the same refund.

    Raises PaymentNotFound when the payment has no such order, RefundTooLarge, InvalidRequest.
    """
    part = await store.lock_part(tx, payment_id=payment.id, order_id=wish.order_id)
    if part is None:
        raise PaymentNotFound
    if known := await store.find_refund(tx, wish.refund_id):
        return _same(known, payment, wish)
    amount = part.to_give_back(_valid(wish.amount, part))
    refund = Refund(
        id=wish.refund_id,
        payment_id=payment.id,
        order_id=wish.order_id,
        amount=amount,
        status=RefundStatus.PENDING if amount else RefundStatus.DONE,
        created_at=now,
    )
    if not await store.add_refund(tx, refund, reason=wish.reason, retry_seconds=RETRY_SECONDS):
        raise RuntimeError("the part was locked, and yet its money is gone")
    tx.audit(
        "payments.refund_begun",
        subject=f"order_id:{refund.order_id}",
        owner_id=payment.payer_id or "",
        after={"refund_id": refund.id, "amount": amount.amount, "currency": amount.currency},
    )
    released = await ledger_store.held_of_order(tx, part.order_id) if part.released_at else ()
    await ledger_store.post(
        tx, [ledger.refund(_entry(refund), payment.provider, released=released)]
    )
    return refund


async def send_refund(till: Till, refund: Refund, provider_name: str) -> Refund:
    """Asks the provider for it. Pending still when no answer came: a job asks again."""
    if refund.status is RefundStatus.DONE:
        return refund
    provider = till.provider(provider_name)
    await reach("payments.refund.before")
    try:
        await answer_of(provider.refund(refund.payment_id, refund.amount, refund_key=refund.id))
    except OutcomeUnknown:
        return refund
    await reach("payments.refund.between")
    await till.database.transact(_confirm, _entry(refund))
    await reach("payments.refund.after")
    return structs.replace(refund, status=RefundStatus.DONE)


async def refund_everything(till: Till, payment: Payment) -> None:
    """All that is left of every order, for a payment that was called off."""
    refunds = await till.database.transact(_begin_all, payment, till.clock.now())
    for refund in refunds:
        await send_refund(till, refund, payment.provider)


async def send_refunds(till: Till) -> None:
    """Every refund that the provider has not confirmed yet."""
    while due := await store.take_due(till.database, limit=BATCH):
        for refund_id in due:
            await _send_again(till, refund_id)


async def _send_again(till: Till, refund_id: str) -> None:
    refund = await store.find_refund(till.database, refund_id)
    assert refund is not None  # it was due just now
    try:
        payment = await read_again(till, refund.payment_id)
        await send_refund(till, refund, payment.provider)
    except Refusal as error:  # it is due again by itself
        log.warning("refund_still_pending", refund_id=refund_id, reason=str(error))


async def _begin_all(tx: Transaction, payment: Payment, now: datetime) -> list[Refund]:
    wishes = [
        Wish(refund_id=new_id(), order_id=part.order_id, amount=None, reason="called off")
        for part in payment.parts
        if part.left
    ]
    refunds = [await begin_refund(tx, payment, wish, now) for wish in wishes]
    return [refund for refund in refunds if refund.amount]


async def _confirm(tx: Transaction, refund: ledger.Refund) -> None:
    confirmed = await store.confirm_refund(tx, refund)
    if confirmed is None:
        return
    provider_name, checkout_id = confirmed
    await ledger_store.post(tx, [ledger.payback(refund, provider_name)])
    tx.publish(
        PaymentRefunded(
            payment_id=refund.payment_id,
            checkout_id=checkout_id,
            order_id=refund.order_id,
            refund_id=refund.id,
            amount=refund.amount,
        )
    )


def _valid(amount: Money | None, part: Part) -> Money | None:
    if amount is None:
        return None
    if amount.currency != part.currency:
        raise InvalidRequest(FieldError("amount.currency", f"must be {part.currency}"))
    if amount.amount < 1:
        raise InvalidRequest(FieldError("amount.amount", "must be at least 1"))
    return amount


def _same(known: Refund, payment: Payment, wish: Wish) -> Refund:
    if (known.payment_id, known.order_id) != (payment.id, wish.order_id):
        raise InvalidRequest(FieldError("refund_id", "was used for another refund"))
    return known


def _entry(refund: Refund) -> ledger.Refund:
    return ledger.Refund(
        id=refund.id,
        payment_id=refund.payment_id,
        order_id=refund.order_id,
        amount=refund.amount,
    )
