"""The sandbox as a provider: seven ways in which a payment may go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from souk.contracts.payments import NextAction, NextActionType
from souk.kernel.money import Money
from souk.kernel.refusals import DeadlineExceeded, Unavailable
from souk.services.payments.providers import (
    Authorization,
    Charge,
    ChargeState,
    Notice,
    OutcomeUnknown,
)
from souk.services.payments.providers.sandbox.book import Book, BookedCharge
from souk.services.payments.providers.sandbox.challenges import ChallengeAddresses
from souk.services.payments.providers.sandbox.signatures import Signer

T = TypeVar("T")
SLOW_SECONDS = 5
LOST_SECONDS = 1


class Behaviour(StrEnum):
    APPROVE = "approve"
    DECLINE = "decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    CHALLENGE = "challenge"
    SLOW = "slow"
    TIMEOUT_THEN_CHARGED = "timeout_then_charged"
    TIMEOUT_NOT_CHARGED = "timeout_not_charged"


OUTCOMES = {
    Behaviour.DECLINE: (ChargeState.DECLINED, "the card was declined"),
    Behaviour.INSUFFICIENT_FUNDS: (ChargeState.DECLINED, "insufficient funds"),
    Behaviour.CHALLENGE: (ChargeState.REQUIRES_ACTION, ""),
}
APPROVED = (ChargeState.AUTHORIZED, "")
LOST = frozenset({Behaviour.TIMEOUT_THEN_CHARGED, Behaviour.TIMEOUT_NOT_CHARGED})
# Whose answer the shop may have missed. What it certainly heard is not told a second time.
TOLD = frozenset({Behaviour.SLOW, Behaviour.TIMEOUT_THEN_CHARGED})


class Sandbox:
    """A provider without a bank behind it. Fits the port `Provider`."""

    name = "sandbox"
    title = "Sandbox (no real money)"
    methods = tuple(behaviour.value for behaviour in Behaviour)

    def __init__(
        self,
        book: Book,
        addresses: ChallengeAddresses,
        signer: Signer,
        *,
        tell: Callable[[], None],
    ) -> None:
        self._book, self._addresses, self._signer = book, addresses, signer
        self._tell = tell  # there is a webhook to deliver

    def takes(self, method: str) -> bool:
        return method in self.methods

    async def authorize(self, authorization: Authorization) -> Charge:
        behaviour = Behaviour(authorization.method)
        if behaviour is Behaviour.TIMEOUT_NOT_CHARGED:
            await _lose_the_answer()
        state, reason = OUTCOMES.get(behaviour, APPROVED)
        tell = behaviour in TOLD
        booked = await _reached(self._book.make(authorization, state, reason=reason, tell=tell))
        if tell and booked.is_new:
            self._tell()
        if behaviour in LOST:
            await _lose_the_answer()
        if behaviour is Behaviour.SLOW and booked.is_new:
            await asyncio.sleep(SLOW_SECONDS)
        return self._charge(booked)

    async def capture(self, key: str) -> Charge:
        return self._known(await _reached(self._book.capture(key)))

    async def void(self, key: str) -> Charge:
        return self._known(await _reached(self._book.void(key)))

    async def refund(self, key: str, amount: Money, *, refund_key: str) -> None:
        await _reached(self._book.refund(key, amount, refund_key=refund_key))

    async def lookup(self, key: str) -> Charge | None:
        booked = await _reached(self._book.find(key))
        return self._charge(booked) if booked else None

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]
    ) -> Notice:
        del query  # nothing of ours is in the address
        return self._signer.read(headers, body)

    def _known(self, booked: BookedCharge | None) -> Charge:
        # Asked about a key it never heard of, a real provider says 404: nothing is held.
        return self._charge(booked) if booked else Charge(state=ChargeState.VOIDED)

    def _charge(self, booked: BookedCharge) -> Charge:
        action = None
        if booked.state is ChargeState.REQUIRES_ACTION:
            url = self._addresses.url_of(booked.id)
            action = NextAction(type=NextActionType.REDIRECT, url=url)
        return Charge(
            state=booked.state, reference=booked.id, reason=booked.reason, next_action=action
        )


async def _lose_the_answer() -> None:
    await asyncio.sleep(LOST_SECONDS)
    raise OutcomeUnknown("the answer was lost")


async def _reached(call: Awaitable[T]) -> T:
    """The book lies in a database; when that is away, the provider is."""
    try:
        return await call
    except (Unavailable, DeadlineExceeded) as error:
        raise OutcomeUnknown("the sandbox does not answer") from error
