"""The keys that access tokens are signed with, as whoever checks tokens knows them."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from souk.kernel.clock import monotonic
from souk.kernel.refusals import Refusal, SignInRequired, Unavailable
from souk.kernel.telemetry import logger

REFETCH_SECONDS = 5.0
FRESH_SECONDS = 300.0  # after this the keys are asked for again: one may have been withdrawn
NOT_VALID = "The access token is not valid."
log = logger(__name__)


class Key(Protocol):
    """A public key as the contract of users has it (RFC 7517, RFC 8037)."""

    @property
    def kty(self) -> str: ...
    @property
    def crv(self) -> str: ...
    @property
    def x(self) -> str: ...
    @property
    def kid(self) -> str: ...
    @property
    def use(self) -> str: ...
    @property
    def alg(self) -> str: ...


FetchKeys = Callable[[], Awaitable[Sequence[Key]]]


class KeyRing:
    """The keys that tokens may be signed with, fetched from users and kept for a while."""

    def __init__(self, fetch: FetchKeys) -> None:
        self._fetch = fetch
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._asked_at: float | None = None
        self._failed: Refusal | None = None
        self._asking = asyncio.Lock()

    def may_have(self, kid: str) -> bool:
        """Whether what was checked with this key still holds: known, and not for too long."""
        return kid in self._keys and self._age() < FRESH_SECONDS

    async def get(self, kid: str) -> Ed25519PublicKey:
        """An unknown id makes it ask again, at most every five seconds: ids may be made up."""
        if not self.may_have(kid) and self._age() >= REFETCH_SECONDS:
            async with self._asking:
                if self._age() >= REFETCH_SECONDS:
                    await self._ask()
        key = self._keys.get(kid)
        if key is None and self._failed is not None:
            raise Unavailable(service="users") from self._failed
        if key is None:
            raise SignInRequired(reason=NOT_VALID)
        return key

    def _age(self) -> float:
        return float("inf") if self._asked_at is None else monotonic() - self._asked_at

    async def _ask(self) -> None:
        try:
            keys = await self._fetch()
        except Refusal as refusal:  # the keys we have are better than none
            self._failed = refusal
            log.warning("keys_not_fetched", reason=refusal.name)
        else:
            self._failed = None
            self._keys = {key.kid: loaded for key in keys if (loaded := load(key))}
        self._asked_at = monotonic()


def exact_base64(text: str) -> bytes:
    value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(value).rstrip(b"=").decode() != text:
        raise ValueError("not the one spelling of its value")
    return value


def load(key: Key) -> Ed25519PublicKey | None:
    is_ours = key.kty == "OKP" and key.crv == "Ed25519" and bool(key.kid)
    if not is_ours or key.use not in ("", "sig") or key.alg not in ("", "EdDSA"):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(exact_base64(key.x))
    except (ValueError, binascii.Error):
        return None
