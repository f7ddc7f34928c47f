"""Access tokens as users issues them, and as forgers try to."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from souk.kernel.clock import Clock, SystemClock
from souk.kernel.ids import new_id


class PublicKey(Struct, frozen=True):
    """One entry of a JWKS."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    use: str = "sig"
    alg: str = "EdDSA"


class Issuer:
    """Signs tokens with a key of its own."""

    def __init__(self, kid: str = "key-1", clock: Clock | None = None) -> None:
        self.kid, self.clock = kid, clock or SystemClock()
        self._key = Ed25519PrivateKey.generate()

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.kid, encoded(self._key.public_key().public_bytes_raw()))

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Those of a good token; None takes one away."""
        now = int(self.clock.now().timestamp())
        good = {
            "sub": "0190e7a2-0000-7000-8000-000000000001",
            "roles": ["customer"],
            "sid": "session-1",
            "ver": 1,
            "iss": "souk",
            "aud": "souk",
            "iat": now,
            "exp": now + 900,
            "jti": new_id(),
        }
        return {name: value for name, value in (good | changed).items() if value is not None}

    def header(self, **changed: Any) -> dict[str, Any]:
        good = {"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid}
        return {name: value for name, value in (good | changed).items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Good, unless told otherwise."""
        return self.sign(header or self.header(), self.claims(**claims))

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        body = f"{encoded(msgspec.json.encode(header))}.{encoded(msgspec.json.encode(claims))}"
        return f"{body}.{encoded(self._key.sign(body.encode()))}"


def encoded(value: bytes) -> str:
    """Base64url without padding, as JOSE wants it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
