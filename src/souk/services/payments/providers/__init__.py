"""Who takes money for Souk: the port that every payment provider fits into."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from souk.contracts.payments import NextAction
from souk.kernel.money import Money


class OutcomeUnknown(Exception):  # noqa: N818 - says what it is: neither a yes nor a no
    """The answer was lost or late: what was asked for may have happened or not."""


class ChargeState(StrEnum):
    REQUIRES_ACTION = "requires_action"
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    CAPTURED = "captured"
    VOIDED = "voided"


class Charge(Struct, frozen=True, kw_only=True):
    """A payment as the provider has it in its book: the truth about the money."""

    state: ChargeState
    reference: str = ""  # the provider's own name for it
    reason: str = ""  # why it was declined, for the shopper
    next_action: NextAction | None = None


class Authorization(Struct, frozen=True, kw_only=True):
    """What is asked of a provider. However often a key is sent, it is one charge."""

    key: str
    amount: Money
    method: str
    return_url: str


class Notice(Struct, frozen=True, kw_only=True):
    """A webhook whose signature held. It says that something happened, the book says what."""

    id: str
    key: str


class Provider(Protocol):
    """One provider. `key` is ours, given with the authorization; amounts are never zero.

    Each call raises OutcomeUnknown when no answer came. `capture` and `void` answer with the
    charge as it is afterwards, also when it could not be done any more.
    """

    name: str
    title: str
    methods: tuple[str, ...]

    def takes(self, method: str) -> bool:
        """Whether `method` is one it can be asked for."""
        ...

    async def authorize(self, authorization: Authorization) -> Charge: ...

    async def capture(self, key: str) -> Charge:
        """Takes the authorized money, once."""
        ...

    async def void(self, key: str) -> Charge:
        """Lets go of money that was not captured."""
        ...

    async def refund(self, key: str, amount: Money, *, refund_key: str) -> None:
        """Gives captured money back, once for each `refund_key`; returns when it is certain."""
        ...

    async def lookup(self, key: str) -> Charge | None:
        """What is in the book; None when there was never such a charge."""
        ...

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, query: Mapping[str, str]
    ) -> Notice:
        """Raises WebhookRefused unless it is signed, recent and whole."""
        ...
