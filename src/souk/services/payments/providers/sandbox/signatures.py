"""How the sandbox signs its webhooks, and how a webhook proves that it is the sandbox's."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from souk.contracts.payments import WebhookRefused
from souk.kernel.clock import Clock
from souk.services.payments.providers import Notice

HEADER = "souk-signature"
FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
SKEW_SECONDS_MAX = 300


class WebhookBody(Struct, frozen=True, kw_only=True):
    """What is sent: that something happened to a charge, for the shop to look it up."""

    id: str
    type: str
    key: str
    reference: str
    created_at: str


def derived_key(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that none can be used for another."""
    if not secret:
        raise ValueError("the sandbox signs with a key derived from a secret, and there is none")
    return hmac.digest(secret.encode(), f"souk payments sandbox {purpose}".encode(), "sha256")


class Signer:
    """HMAC-SHA256 over the time of sending and the body."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key, self._clock = key, clock

    def headers_for(self, body: bytes) -> dict[str, str]:
        moment = str(self._seconds())
        return {HEADER: f"t={moment},v1={self._mark(moment, body)}"}

    def read(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Raises WebhookRefused unless it is ours, whole and not older than five minutes."""
        given = FORM.fullmatch(headers.get(HEADER, ""))
        if given is None or not hmac.compare_digest(given[2], self._mark(given[1], body)):
            raise WebhookRefused
        if abs(self._seconds() - int(given[1])) > SKEW_SECONDS_MAX:
            raise WebhookRefused
        try:
            told = msgspec.json.decode(body, type=WebhookBody)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise WebhookRefused from error
        return Notice(id=told.id, key=told.key)

    def _mark(self, moment: str, body: bytes) -> str:
        return hmac.new(self._key, moment.encode() + b"." + body, hashlib.sha256).hexdigest()

    def _seconds(self) -> int:
        return int(self._clock.now().timestamp())
