"""Who visits: the access token in a cookie, renewed here when it has run out."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from msgspec import Struct, structs

from souk.contracts.users import RefreshTokenRefused, RefreshTokenRequest, Tokens, UserServiceClient
from souk.gateway.callers import Verifier
from souk.kernel.cache import Cache
from souk.kernel.clock import monotonic
from souk.kernel.context import Caller
from souk.kernel.refusals import SignInRequired, Unavailable
from souk.web.cookies import ACCESS, REFRESH, Jar

TELL_SECONDS = 30.0  # how long those who come with the old token are given the new one
WAIT_SECONDS = 5.0
LOOK_SECONDS = 0.05
TOKEN_CHARACTERS_MAX = 200


class Session(Struct, frozen=True):
    """`is_lost` when the browser brought a session that is over."""

    caller: Caller
    is_lost: bool = False


class Sessions:
    """Reads sessions from cookies. A refresh token works once, and a browser may send it several
    times at once, from several tabs to several processes: one renews, the others are told."""

    def __init__(self, users: UserServiceClient, verifier: Verifier, cache: Cache) -> None:
        self._users, self._verifier, self._cache = users, verifier, cache
        self._going: dict[str, asyncio.Task[Tokens | None]] = {}

    async def find(self, jar: Jar, address: str) -> Session:
        """Raises Unavailable when the session cannot be renewed just now."""
        access, refresh = jar.get(ACCESS), jar.get(REFRESH)
        if access:
            try:
                return Session(self._at(address, await self._verifier.verify(access)))
            except SignInRequired:
                jar.drop(ACCESS)
        if not refresh or len(refresh) > TOKEN_CHARACTERS_MAX:
            return Session(Caller(address=address), is_lost=bool(access))
        tokens = await self._renewed(refresh)
        if tokens is None:
            jar.sign_out()
            return Session(Caller(address=address), is_lost=True)
        jar.sign_in(tokens.access_token, tokens.refresh_token)
        return Session(self._at(address, await self._verifier.verify(tokens.access_token)))

    async def read(self, access_token: str) -> Caller:
        """Whose token it is; raises SignInRequired."""
        return await self._verifier.verify(access_token)

    @staticmethod
    def _at(address: str, known: Caller) -> Caller:
        return structs.replace(known, address=address)

    async def _renewed(self, token: str) -> Tokens | None:
        going = self._going.get(token)
        if going is None:
            going = asyncio.create_task(self._renew(token))
            self._going[token] = going
            going.add_done_callback(lambda _: self._going.pop(token, None))
        return await asyncio.shield(going)

    async def _renew(self, token: str) -> Tokens | None:
        """The next tokens; nothing when the session is over."""
        key = hashlib.sha256(token.encode()).hexdigest()
        if not await self._cache.add(f"renewing:{key}", b"1", seconds=TELL_SECONDS):
            return await self._told(key, token)
        try:
            tokens = await self._users.refresh_token(RefreshTokenRequest(refresh_token=token))
        except RefreshTokenRefused:
            await self._cache.set(f"renewed:{key}", b"", seconds=TELL_SECONDS)
            return None
        except BaseException:
            await self._cache.delete(f"renewing:{key}")
            raise
        # Only whoever has the old token can read the new one.
        sealed = envelope(token).encrypt(msgspec.json.encode(tokens))
        await self._cache.set(f"renewed:{key}", sealed, seconds=TELL_SECONDS)
        return tokens

    async def _told(self, key: str, token: str) -> Tokens | None:
        """What another process was given for the same token, a moment ago or soon."""
        until = monotonic() + WAIT_SECONDS
        while monotonic() < until:
            sealed = await self._cache.get(f"renewed:{key}")
            if sealed is not None:
                return opened(sealed, token)
            await asyncio.sleep(LOOK_SECONDS)
        raise Unavailable(service="users")


def envelope(token: str) -> Fernet:
    digest = hashlib.sha256(b"souk successor " + token.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def opened(sealed: bytes, token: str) -> Tokens | None:
    try:
        return msgspec.json.decode(envelope(token).decrypt(sealed), type=Tokens)
    except (InvalidToken, msgspec.DecodeError):
        return None
