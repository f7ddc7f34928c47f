"""Headers that every answer carries, and what pages of other origins may do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from souk.kernel.settings import Settings

Header = tuple[bytes, bytes]

API_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ASKED = (
    b"authorization, content-type, idempotency-key, if-none-match, last-event-id, traceparent,"
    b" x-api-key, x-cart-token, x-request-id"
)
SHOWN = b"etag, location, retry-after, traceparent, x-request-id, content-disposition"
PREFLIGHT_SECONDS = b"7200"


def digest(content: bytes) -> str:
    """How a content policy names a script or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"


class Security:
    """Fixed headers by what is answered: data, a file, a page."""

    def __init__(self, settings: Settings) -> None:
        every: list[Header] = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]
        if settings.public_address.startswith("https://"):
            every.append((b"strict-transport-security", b"max-age=31536000"))
        closed: Header = (b"x-frame-options", b"DENY")
        self.data: tuple[Header, ...] = (*every, closed, (b"content-security-policy", API_POLICY))
        self.file: tuple[Header, ...] = tuple(every)
        self._page = (*every, closed, (b"cross-origin-opener-policy", b"same-origin"))

    def page(self, policy: bytes) -> tuple[Header, ...]:
        return (*self._page, (b"content-security-policy", policy))


class Cors:
    """Which origins' pages may read our answers. Tokens are sent by hand, so no credentials."""

    def __init__(self, origins: Iterable[str], headers: Iterable[str] = ()) -> None:
        allowed = [origin.rstrip("/").lower().encode() for origin in origins]
        self._any = b"*" in allowed
        self._allowed = frozenset(allowed)
        self.is_on = bool(allowed)
        known = set(ASKED.decode().split(", ")) | {name.lower() for name in headers}
        self._asked = ", ".join(sorted(known)).encode()

    def allows(self, origin: bytes) -> bool:
        return self._any or origin.lower() in self._allowed

    def on_answer(self, origin: bytes) -> list[Header]:
        if not self.allows(origin):
            return []
        return [
            (b"access-control-allow-origin", b"*" if self._any else origin),
            (b"access-control-expose-headers", SHOWN),
        ]

    def on_preflight(self, origin: bytes, verbs: bytes) -> list[Header]:
        if not self.allows(origin):
            return []
        return [
            (b"access-control-allow-origin", b"*" if self._any else origin),
            (b"access-control-allow-methods", verbs),
            (b"access-control-allow-headers", self._asked),
            (b"access-control-max-age", PREFLIGHT_SECONDS),
        ]
