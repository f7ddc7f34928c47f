"""The page on which a shopper approves or declines, found by an address nobody can guess."""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid
from collections.abc import Callable

from souk.contracts.payments import ChallengeAnswer, ChallengeNotFound
from souk.kernel.contract import File
from souk.services.payments.providers import ChargeState
from souk.services.payments.providers.sandbox.book import EXPIRED, Book, BookedCharge
from souk.services.payments.providers.sandbox.page import render

PATH = "/api/v1/payments/sandbox/challenges"
MARK_BYTES = 16
OWN_PAGE = "text/html; page=own"  # lets the gateway run the script that it carries
DECLINED = "you declined the payment"


class ChallengeAddresses:
    """A charge's id with a mark that only the sandbox can make; nothing needs to be stored."""

    def __init__(self, key: bytes, *, public_url: str) -> None:
        self._key, self._public_url = key, public_url

    def url_of(self, charge_id: str) -> str:
        raw = uuid.UUID(charge_id).bytes
        secret = base64.urlsafe_b64encode(raw + self._mark(raw)).decode().rstrip("=")
        return f"{self._public_url}{PATH}/{secret}"

    def charge_of(self, challenge_id: str) -> str:
        """Raises ChallengeNotFound."""
        try:
            raw = base64.urlsafe_b64decode(challenge_id + "=" * (-len(challenge_id) % 4))
        except (binascii.Error, ValueError) as error:
            raise ChallengeNotFound from error
        charge, mark = raw[:16], raw[16:]
        if len(charge) < 16 or not hmac.compare_digest(mark, self._mark(charge)):
            raise ChallengeNotFound
        return str(uuid.UUID(bytes=charge))

    def _mark(self, charge: bytes) -> bytes:
        return hmac.digest(self._key, charge, "sha256")[:MARK_BYTES]


class Challenges:
    """What a shopper sees and says."""

    def __init__(
        self, book: Book, addresses: ChallengeAddresses, *, tell: Callable[[], None]
    ) -> None:
        self._book, self._addresses, self._tell = book, addresses, tell

    async def show(self, challenge_id: str) -> File:
        """Raises ChallengeNotFound."""
        booked = await self._find(challenge_id)
        page = render(
            booked.amount,
            challenge_id=challenge_id,
            outcome=outcome_of(booked),
            return_url=booked.return_url,
        )
        return File(content=page, content_type=OWN_PAGE)

    async def answer(self, challenge_id: str, *, approve: bool) -> ChallengeAnswer:
        """The first answer counts; later ones are told what it was. Raises ChallengeNotFound."""
        charge_id = self._addresses.charge_of(challenge_id)
        state = ChargeState.AUTHORIZED if approve else ChargeState.DECLINED
        reason = "" if approve else DECLINED
        booked = await self._book.decide(charge_id, state, reason=reason)
        if booked is not None:
            self._tell()
        else:
            booked = await self._find(challenge_id)
        return ChallengeAnswer(status=outcome_of(booked))

    async def expire(self) -> None:
        """Declines what nobody answered in time."""
        while await self._book.expire():
            self._tell()

    async def _find(self, challenge_id: str) -> BookedCharge:
        booked = await self._book.find_by_id(self._addresses.charge_of(challenge_id))
        if booked is None or booked.method != "challenge":
            raise ChallengeNotFound
        return booked


def outcome_of(booked: BookedCharge) -> str:
    """`authorized`, `declined`, `expired`, or nothing while it waits."""
    if booked.state in (ChargeState.AUTHORIZED, ChargeState.CAPTURED):
        return "authorized"
    if booked.state is ChargeState.VOIDED or booked.reason == EXPIRED or booked.is_over:
        return "expired"
    return "declined" if booked.state is ChargeState.DECLINED else ""
