"""A payment and its parts: the states they go through, and what the provider's word changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts import payments as contracts
from souk.contracts.payments import (
    EscrowStatus,
    NextAction,
    PaymentAuthorized,
    PaymentCaptured,
    PaymentDeclined,
    PaymentFailed,
    PaymentStatus,
    PaymentWasVoided,
    RefundTooLarge,
)
from souk.kernel.context import Caller
from souk.kernel.contract import Event
from souk.kernel.money import Money
from souk.services.payments.providers import Charge, ChargeState

S = PaymentStatus
CAPTURED = frozenset({S.CAPTURED, S.PARTIALLY_REFUNDED, S.REFUNDED})
ENDED = frozenset({S.DECLINED, S.VOIDED})
LIVE = frozenset({S.PENDING, S.REQUIRES_ACTION, S.AUTHORIZED})

ATTEMPTS_MAX = 2
NO_ANSWER = Charge(state=ChargeState.DECLINED, reason="the provider did not answer")
NEVER_MADE = Charge(state=ChargeState.VOIDED)

CHECK_PENDING_SECONDS = 5
CHECK_ACTION_SECONDS = 30
CHECK_LATE_SECONDS = 15
CHECK_CALLED_OFF_SECONDS = 3


class Part(Struct, frozen=True, kw_only=True):
    """One order's part of a payment."""

    order_id: str
    shop_id: str
    currency: str
    total_amount: int
    shipping_amount: int = 0
    tax_amount: int = 0
    captured_amount: int = 0
    returned_amount: int = 0  # given back, or on its way back
    released_at: datetime | None = None

    @property
    def total(self) -> Money:
        return Money(self.total_amount, self.currency)

    @property
    def left(self) -> Money:
        """What can still be refunded, and until the release lies in escrow."""
        return Money(self.captured_amount - self.returned_amount, self.currency)

    def to_give_back(self, asked: Money | None) -> Money:
        """How much of `asked`, or of all, can be given back. Raises RefundTooLarge."""
        wanted = self.left if asked is None else asked
        if wanted.amount > self.left.amount:
            raise RefundTooLarge(left=str(self.left))
        return wanted

    @property
    def escrow(self) -> EscrowStatus:
        if not self.captured_amount:
            return EscrowStatus.NONE
        if self.released_at:
            return EscrowStatus.RELEASED
        return EscrowStatus.HELD if self.left else EscrowStatus.REFUNDED


class Payment(Struct, frozen=True, kw_only=True):
    """The money of one checkout, as far as Souk knows."""

    id: str
    checkout_id: str
    status: PaymentStatus
    provider: str
    method: str
    amount: Money
    captured: Money
    refunded: Money
    payer_id: str | None
    guest_token_hash: str
    reference: str = ""
    reason: str = ""
    next_action: NextAction | None = None
    attempts: int = 0
    called_off_at: datetime | None = None
    version: int = 1
    created_at: datetime
    parts: tuple[Part, ...] = ()

    @property
    def is_free(self) -> bool:
        """Nothing to pay: the provider is never asked."""
        return not self.amount

    @property
    def is_tombstone(self) -> bool:
        """Called off before anybody asked for its money."""
        return not self.provider

    @property
    def is_called_off(self) -> bool:
        return self.called_off_at is not None

    @property
    def is_to_be_undone(self) -> bool:
        """Called off, and money is held or taken nevertheless."""
        if not self.is_called_off:
            return False
        return self.status in LIVE or any(part.left for part in self.parts)

    @property
    def check_seconds(self) -> int | None:
        """When the provider's book is to be looked at again; None: all is known."""
        if self.is_free:
            return None
        if self.is_to_be_undone:
            return CHECK_CALLED_OFF_SECONDS
        if self.status is S.PENDING:
            return CHECK_PENDING_SECONDS
        if self.status is S.REQUIRES_ACTION:
            return CHECK_ACTION_SECONDS
        # Ended without the provider's word: an authorization may still be on its way.
        return CHECK_LATE_SECONDS if self.status in ENDED and not self.reference else None

    def learn(self, charge: Charge, now: datetime) -> Payment:
        """As it is once the provider's word is known. Old news changes nothing."""
        if self.status in CAPTURED or (charge.state, self.status) in OLD_NEWS:
            return self
        status = PaymentStatus(charge.state.value)
        if status is S.DECLINED and self.is_called_off:
            status = S.VOIDED
        late = self.status in ENDED and status not in ENDED
        return structs.replace(
            self,
            status=status,
            reference=charge.reference or self.reference,
            reason=charge.reason or self.reason,
            next_action=charge.next_action if status is S.REQUIRES_ACTION else None,
            captured=self.amount if status is S.CAPTURED else self.captured,
            called_off_at=self.called_off_at or (now if late else None),
            parts=tuple(map(_captured, self.parts)) if status is S.CAPTURED else self.parts,
        )

    def must_stand(self) -> None:
        """Refuses whoever asks for money that was declined or called off."""
        if self.is_called_off or self.status is S.VOIDED:
            raise PaymentWasVoided
        if self.status is S.DECLINED:
            raise PaymentDeclined(reason=self.reason)

    def is_visible_to(self, by: Caller, *, guest_token_hash: str) -> bool:
        if self.is_tombstone:
            return False
        if by.is_operator:
            return True
        if self.payer_id:
            return by.user_id == self.payer_id
        return bool(guest_token_hash) and guest_token_hash == self.guest_token_hash

    def view(self) -> contracts.Payment:
        return contracts.Payment(
            id=self.id,
            checkout_id=self.checkout_id,
            status=self.status,
            provider=self.provider,
            amount=self.amount,
            captured=self.captured,
            refunded=self.refunded,
            escrow=escrow_of(self.parts),
            next_action=self.next_action,
            created_at=self.created_at,
        )


# A charge read before somebody else wrote down what came after it.
OLD_NEWS = frozenset(
    {(ChargeState.REQUIRES_ACTION, status) for status in (S.AUTHORIZED, S.DECLINED, S.VOIDED)}
    | {(ChargeState.DECLINED, status) for status in (S.AUTHORIZED, S.DECLINED, S.VOIDED)}
    | {(ChargeState.VOIDED, S.VOIDED), (ChargeState.VOIDED, S.DECLINED)}
    | {(ChargeState.AUTHORIZED, S.AUTHORIZED)}
    | {(ChargeState.REQUIRES_ACTION, S.REQUIRES_ACTION)}
)


def _captured(part: Part) -> Part:
    return structs.replace(part, captured_amount=part.total_amount)


def escrow_of(parts: Sequence[Part]) -> EscrowStatus:
    """What the escrow of all parts amounts to."""
    states = {part.escrow for part in parts} - {EscrowStatus.NONE}
    if not states:
        return EscrowStatus.NONE
    if len(states) > 1:
        states.discard(EscrowStatus.REFUNDED)
    return states.pop() if len(states) == 1 else EscrowStatus.PARTIALLY_RELEASED


def news_of(before: Payment, after: Payment, *, is_asked: bool) -> list[Event]:
    """What the others must hear. `is_asked`: whoever waits for the decision is answered."""
    ids = {"payment_id": after.id, "checkout_id": after.checkout_id}
    if after.captured and not before.captured:
        return [PaymentCaptured(**ids, amount=after.captured)]
    if is_asked or before.status is after.status:
        return []
    if after.status is S.AUTHORIZED and not after.is_called_off:
        return [PaymentAuthorized(**ids)]
    if after.status in ENDED:
        return [PaymentFailed(**ids, reason=after.reason or "the payment was called off")]
    return []
