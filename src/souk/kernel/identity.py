"""Whose request it is: access tokens of people, and the seal between Souk's own processes."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict

import jwt
import msgspec
from msgspec import Struct, structs

from souk.kernel.clock import Clock
from souk.kernel.context import NOBODY, Caller
from souk.kernel.ended_access import EndedAccess
from souk.kernel.key_ring import NOT_VALID, FetchKeys, KeyRing, exact_base64
from souk.kernel.refusals import SignInRequired

ISSUER = AUDIENCE = "souk"
TOKEN_CHARACTERS_MAX = 4000
TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
REMEMBERED_MAX = 10_000
SKEW_SECONDS = 30  # between our processes' clocks, where people's tokens are concerned
STEP_UP_SECONDS = 300  # for so long a sign-in or a step-up is proof enough
EXPIRED = "The access token has expired."
ENDED = "This session has ended; sign in again."


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
    auth_time: int = 0  # when they last proved who they are


class Seen(Struct, frozen=True):
    """What a token said when its signature was checked."""

    caller: Caller
    expires_at: float
    kid: str
    version: int
    issued_at: int
    confirmed_until: float


class Verifier:
    """Checks access tokens; those seen before cost a look into a dictionary."""

    def __init__(
        self,
        fetch_keys: FetchKeys,
        clock: Clock,
        *,
        ended: EndedAccess | None = None,
        remembered_max: int = REMEMBERED_MAX,
    ) -> None:
        self._clock = clock
        self._ended = ended
        self._keys = KeyRing(fetch_keys)
        self._seen: OrderedDict[str, Seen] = OrderedDict()
        self._remembered_max = remembered_max

    async def verify(self, token: str) -> Caller:
        """Raises SignInRequired, or Unavailable when the keys cannot be had."""
        seen = self._seen.get(token)
        if seen is None or not self._keys.may_have(seen.kid):
            seen = await self._check(token)
            self._remember(token, seen)
        now = self._clock.now().timestamp()
        if seen.expires_at <= now:
            del self._seen[token]
            raise SignInRequired(reason=EXPIRED)
        by = seen.caller
        if self._ended is not None and self._ended.refuses(
            by.user_id, by.session_id, version=seen.version, issued_at=seen.issued_at
        ):
            raise SignInRequired(reason=ENDED)
        self._seen.move_to_end(token)
        if not seen.confirmed_until:
            return by
        return self._confirmed(token, seen, now)

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
        until = claims.auth_time + STEP_UP_SECONDS if claims.auth_time <= now + SKEW_SECONDS else 0
        return Seen(caller, claims.exp, header.kid, claims.ver, claims.iat, until)

    def _confirmed(self, token: str, seen: Seen, now: float) -> Caller:
        """The caller with what their latest proof is still worth."""
        is_confirmed = now < seen.confirmed_until
        caller = seen.caller
        if caller.is_confirmed is not is_confirmed:
            caller = structs.replace(caller, is_confirmed=is_confirmed)
            until = seen.confirmed_until if is_confirmed else 0.0
            self._seen[token] = structs.replace(seen, caller=caller, confirmed_until=until)
        return caller

    def _remember(self, token: str, seen: Seen) -> None:
        self._seen[token] = seen
        while len(self._seen) > self._remembered_max:
            self._seen.popitem(last=False)


class SealedCaller(Struct, frozen=True, array_like=True):
    """A caller as it travels between Souk's processes."""

    user_id: str
    roles: tuple[str, ...]
    session_id: str
    service: str
    address: str
    sealed_at: float
    is_confirmed: bool = False


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
            caller.is_confirmed,
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
            found.user_id,
            frozenset(found.roles),
            found.session_id,
            found.service,
            found.address,
            is_confirmed=found.is_confirmed,
        )
        return NOBODY if caller == NOBODY else caller

    def _signature(self, body: bytes, path: str) -> bytes:
        return hmac.digest(self._key, path.encode() + b"\0" + body, hashlib.sha256)


def _header(token: str) -> Header:
    """Reads strictly what a lenient decoder would mend, so that a token has one spelling only."""
    if len(token) > TOKEN_CHARACTERS_MAX or not TOKEN.fullmatch(token):
        raise SignInRequired(reason=NOT_VALID)
    try:
        parts = [exact_base64(part) for part in token.split(".")]
        header = msgspec.json.decode(parts[0], type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise SignInRequired(reason=NOT_VALID) from None
    if header.alg != "EdDSA" or header.typ.lower() != "at+jwt":
        raise SignInRequired(reason=NOT_VALID)
    return header
