"""The keys that access tokens are signed with: kept sealed in the database, and rotated so that
nobody is logged out."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from souk.contracts.users import Key, KeySet
from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.kernel.identity import AUDIENCE, ISSUER
from souk.kernel.ids import new_id
from souk.kernel.key_ring import FRESH_SECONDS
from souk.services.users import queries, store
from souk.services.users.model import Account
from souk.services.users.queries import KeyRow

NONCE_BYTES = 12
LOOK_SECONDS = 10.0  # how long a process may sign with a key after another one took over
# Everybody who verifies knows a new key before it signs: our processes ask anew every
# FRESH_SECONDS, and what a cache on the way keeps is as old.
LEAD_SECONDS = 3 * FRESH_SECONDS


class Keys:
    """Signs access tokens with the newest active key; tells the public halves of all that count."""

    def __init__(self, database: Database, *, master_key: str, token_seconds: int) -> None:
        self._database = database
        self._box = AESGCM(hashlib.sha256(f"signing keys:{master_key}".encode()).digest())
        self._token_seconds = token_seconds
        self._signing: tuple[str, Ed25519PrivateKey] | None = None
        self._until = 0.0
        self._making = asyncio.Lock()

    async def public(self) -> KeySet:
        await self._newest()
        rows = await queries.list_keys(self._database)
        return KeySet(keys=tuple(public_key(row) for row in rows))

    async def token(
        self, account: Account, *, session_id: str, now: datetime, confirmed_at: datetime
    ) -> str:
        """An access token of this account and session, good for `token_seconds`."""
        kid, key = await self._newest()
        claims = {
            "sub": account.id,
            "roles": list(account.roles),
            "sid": session_id,
            "ver": account.version,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self._token_seconds)).timestamp()),
            "auth_time": int(confirmed_at.timestamp()),
            "jti": new_id(),
        }
        headers = {"kid": kid, "typ": "at+jwt"}
        return jwt.encode(claims, key, algorithm="EdDSA", headers=headers)

    async def rotate(self, *, lead_seconds: float = LEAD_SECONDS) -> str:
        """Makes a key that signs from `lead_seconds` on; the kid. The others verify until the last
        token that they signed is over."""
        key = self._new_key()
        others_seconds = lead_seconds + LOOK_SECONDS + self._token_seconds
        await self._database.transact(
            store.rotate_keys, key, lead_seconds=lead_seconds, others_seconds=others_seconds
        )
        self._until = 0.0
        return key.kid

    async def replace(self) -> str:
        """For a key that has leaked: a new one signs now, and what the others signed is void.
        Clients refresh their tokens; nobody has to sign in."""
        key = self._new_key()
        await self._database.transact(store.rotate_keys, key, lead_seconds=0, others_seconds=0)
        self._until = 0.0
        return key.kid

    async def rotate_when_old(self, *, days: int, now: datetime) -> None:
        await self._newest()
        newest = (await queries.list_keys(self._database))[0].active_from
        if newest and newest < now - timedelta(days=days):
            await self.rotate()

    async def _newest(self) -> tuple[str, Ed25519PrivateKey]:
        """The key to sign with, looked up now and then: another process may have made a newer."""
        if self._signing and monotonic() < self._until:
            return self._signing
        async with self._making:
            if self._signing and monotonic() < self._until:
                return self._signing
            rows = [row for row in await queries.list_keys(self._database) if row.is_active]
            if not rows:
                rows = [await self._database.transact(store.add_first_key, self._new_key())]
            newest = rows[0]
            secret = newest.sealed_private_key
            private = self._box.decrypt(
                secret[:NONCE_BYTES], secret[NONCE_BYTES:], newest.kid.encode()
            )
            self._signing = newest.kid, Ed25519PrivateKey.from_private_bytes(private)
            self._until = monotonic() + LOOK_SECONDS
            return self._signing

    def _new_key(self) -> KeyRow:
        private, kid = Ed25519PrivateKey.generate(), new_id()
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._box.encrypt(nonce, private.private_bytes_raw(), kid.encode())
        public = private.public_key().public_bytes_raw()
        return KeyRow(kid=kid, public_key=public, sealed_private_key=sealed)


def public_key(row: KeyRow) -> Key:
    """As RFC 8037 writes it."""
    x = base64.urlsafe_b64encode(row.public_key).rstrip(b"=").decode()
    return Key(kty="OKP", crv="Ed25519", x=x, kid=row.kid, use="sig", alg="EdDSA")
