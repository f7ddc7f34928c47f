"""Whose request it is: access tokens of people, and the seal between Souk's own processes."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from souk.kernel.clock import Clock, monotonic
from souk.kernel.context import NOBODY, Caller
from souk.kernel.refusals import Refusal, SignInRequired, Unavailable
from souk.kernel.telemetry import logger

ISSUER = AUDIENCE = "souk"
TOKEN_CHARACTERS_MAX = 4000
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
REMEMBERED_MAX = 10_000
SKEW_SECONDS = 30  # between our processes' clocks, where people's tokens are concerned
REFETCH_SECONDS = 5.0
FRESH_SECONDS = 300.0  # after this the keys are asked for again: one may have been withdrawn
NOT_VALID = "The access token is not valid."
EXPIRED = "The access token has expired."
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


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """All that a token's header may hold: `jku`, `x5u`, `jwk`, `crit` are refused, not obeyed."""

    alg: str
    typ: str
    kid: str


class Claims(Struct, frozen=True):
    sub: str
    iss: str
    aud: str
    exp: int
    iat: int
    jti: str
    sid: str
    ver: int
    roles: tuple[str, ...] = ()
    nbf: int = 0


class Seen(Struct, frozen=True):
    """What a token said when its signature was checked."""

    caller: Caller
    expires_at: float
    kid: str


class Verifier:
    """Checks access tokens; those seen before cost a look into a dictionary."""

    def __init__(
        self, fetch_keys: FetchKeys, clock: Clock, *, remembered_max: int = REMEMBERED_MAX
    ) -> None:
        self._clock = clock
        self._keys = KeyRing(fetch_keys)
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._remembered_max = remembered_max

    async def verify(self, token: str) -> Caller:
        """Raises SignInRequired, or Unavailable when the keys cannot be had."""
        seen = self._seen.get(token)
        if seen is None or not self._keys.may_have(seen.kid):
            seen = await self._check(token)
            self._remember(token, seen)
        elif seen.expires_at <= self._clock.now().timestamp():
            del self._seen[token]
            raise SignInRequired(reason=EXPIRED)
        else:
            self._seen.move_to_end(token)
        return seen.caller

    async def verify_bearer(self, authorization: str) -> Caller:
        """Reads an Authorization header; raises SignInRequired when it holds no good token."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise SignInRequired()
        return await self.verify(token.strip())

    async def _check(self, token: str) -> Seen:
        header = _header(token)
        key = await self._keys.get(header.kid)
        try:
            payload = jwt.api_jws.decode(token, key, algorithms=["EdDSA"])
            claims = msgspec.json.decode(payload, type=Claims)
        except (jwt.InvalidTokenError, msgspec.DecodeError, UnicodeDecodeError):
            raise SignInRequired(reason=NOT_VALID) from None
        now = self._clock.now().timestamp()
        if claims.exp <= now:
            raise SignInRequired(reason=EXPIRED)
        early = max(claims.nbf, claims.iat) > now + SKEW_SECONDS
        if early or claims.iss != ISSUER or claims.aud != AUDIENCE or not claims.sub:
            raise SignInRequired(reason=NOT_VALID)
        caller = Caller(claims.sub, frozenset(claims.roles), claims.sid)
        return Seen(caller, claims.exp, header.kid)

    def _remember(self, token: str, seen: Seen) -> None:
        self._seen[token] = seen
        while len(self._seen) > self._remembered_max:
            self._seen.popitem(last=False)


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
            self._keys = {key.kid: loaded for key in keys if (loaded := _load(key))}
        self._asked_at = monotonic()


class SealedCaller(Struct, frozen=True, array_like=True):
    """A caller as it travels between Souk's processes."""

    user_id: str
    roles: tuple[str, ...]
    session_id: str
    service: str
    address: str
    sealed_at: float


class Seal:
    """Signs the caller between processes with the secret they share (HMAC-SHA256).

    A seal is made for one method and holds for a minute, so one that leaked is of little use.
    Machines' clocks may be minutes apart, hence the allowance on both sides; a list of used seals
    would need a store that all processes ask, on every call, for a secret that never leaves them.
    """

    SECONDS = 60
    SKEW_SECONDS = 600

    def __init__(self, secret: str, clock: Clock) -> None:
        # Derived, so that the secret is good for other purposes as well.
        self._key = hmac.digest(secret.encode(), b"souk caller seal 1", "sha256")
        self._clock = clock

    def close(self, caller: Caller, path: str) -> bytes:
        """The caller with the signature that makes it believed at the method `path`."""
        sealed = SealedCaller(
            caller.user_id,
            tuple(caller.roles),
            caller.session_id,
            caller.service,
            caller.address,
            self._clock.now().timestamp(),
        )
        body = msgspec.msgpack.encode(sealed)
        return self._signature(body, path) + body

    def open(self, sealed: bytes, path: str) -> Caller:
        """Raises SignInRequired when it was not sealed by us, for this method, a moment ago."""
        signature, body = sealed[:32], sealed[32:]
        if not hmac.compare_digest(signature, self._signature(body, path)):
            raise SignInRequired(reason="The caller's seal is not valid.")
        found = msgspec.msgpack.decode(body, type=SealedCaller)
        age = self._clock.now().timestamp() - found.sealed_at
        if not -self.SKEW_SECONDS <= age <= self.SECONDS + self.SKEW_SECONDS:
            raise SignInRequired(reason="The caller's seal has expired.")
        caller = Caller(
            found.user_id, frozenset(found.roles), found.session_id, found.service, found.address
        )
        return NOBODY if caller == NOBODY else caller

    def _signature(self, body: bytes, path: str) -> bytes:
        return hmac.digest(self._key, path.encode() + b"\0" + body, hashlib.sha256)


def _header(token: str) -> Header:
    """Reads strictly what a lenient decoder would mend, so that a token has one spelling only."""
    if len(token) > TOKEN_CHARACTERS_MAX or not TOKEN.fullmatch(token):
        raise SignInRequired(reason=NOT_VALID)
    try:
        parts = [_base64(part) for part in token.split(".")]
        header = msgspec.json.decode(parts[0], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise SignInRequired(reason=NOT_VALID) from None
    if header.alg != "EdDSA" or header.typ.lower() != "at+jwt":
        raise SignInRequired(reason=NOT_VALID)
    return header


def _base64(text: str) -> bytes:
    value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(value).rstrip(b"=").decode() != text:
        raise ValueError("not the one spelling of its value")
    return value


def _load(key: Key) -> Ed25519PublicKey | None:
    is_ours = key.kty == "OKP" and key.crv == "Ed25519" and bool(key.kid)
    if not is_ours or key.use not in ("", "sig") or key.alg not in ("", "EdDSA"):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(_base64(key.x))
    except (ValueError, binascii.Error):
        return None
