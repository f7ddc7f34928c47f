"""What a client shows at the edge: an access token or an API key, and what staff roles add."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Generic, TypeVar

from msgspec import Struct, structs

from souk.kernel.clock import Clock, monotonic
from souk.kernel.context import Caller
from souk.kernel.identity import Verifier
from souk.kernel.ids import new_secret
from souk.kernel.refusals import SignInRequired

API_KEY = re.compile(r"souk_([A-Za-z0-9_-]{43})([0-9a-f]{8})")
STAFF = "staff"
FRESH_SECONDS = 30.0  # how long a revoked key or a withdrawn staff role may still be believed
REMEMBERED_MAX = 10_000
NOT_VALID = "The API key is not valid."

T = TypeVar("T")


class Grant(Struct, frozen=True):
    """Whose an API key is, and until when."""

    caller: Caller
    expires_at: datetime | None = None


CheckKey = Callable[[str], Awaitable[Grant | None]]  # given the SHA-256 in hex
ListPermissions = Callable[[str], Awaitable[frozenset[str]]]  # of a person's staff roles


def new_api_key() -> str:
    """`souk_`, a secret, and a check that tells a mistyped or made-up key without asking anyone.

    The prefix is what scanners of leaked secrets look for.
    """
    secret = new_secret(32)
    return f"souk_{secret}{_check_of(secret)}"


def _check_of(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"


class Credentials:
    """Knows callers by what they show; what was looked up is believed for half a minute."""

    def __init__(
        self, tokens: Verifier, check_key: CheckKey, permissions_of: ListPermissions, clock: Clock
    ) -> None:
        self._tokens, self._clock = tokens, clock
        self._keys = Remembered(check_key)
        self._permissions = Remembered(permissions_of)

    async def verify(self, token: str) -> Caller:
        """Raises SignInRequired, or Unavailable when nobody can be asked."""
        if token.startswith("souk_"):
            caller = await self._of_key(token)
        else:
            caller = await self._tokens.verify(token)
        if STAFF in caller.roles:
            permissions = await self._permissions.get(caller.user_id)
            caller = structs.replace(caller, permissions=permissions)
        return caller

    async def verify_bearer(self, authorization: str) -> Caller:
        """Reads an Authorization header; raises SignInRequired when it holds nothing good."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise SignInRequired()
        return await self.verify(token.strip())

    async def _of_key(self, key: str) -> Caller:
        parts = API_KEY.fullmatch(key)
        if parts is None or _check_of(parts[1]) != parts[2]:
            raise SignInRequired(reason=NOT_VALID)
        grant = await self._keys.get(hashlib.sha256(key.encode()).hexdigest())
        if grant is None or (grant.expires_at and grant.expires_at <= self._clock.now()):
            raise SignInRequired(reason=NOT_VALID)
        return grant.caller


class Remembered(Generic[T]):
    """Answers that may be half a minute old."""

    def __init__(self, ask: Callable[[str], Awaitable[T]]) -> None:
        self._ask = ask
        self._known: OrderedDict[Hashable, tuple[T, float]] = OrderedDict()

    async def get(self, key: str) -> T:
        known = self._known.get(key)
        if known is not None and monotonic() < known[1]:
            return known[0]
        answer = await self._ask(key)
        self._known[key] = answer, monotonic() + FRESH_SECONDS
        self._known.move_to_end(key)
        while len(self._known) > REMEMBERED_MAX:
            self._known.popitem(last=False)
        return answer
