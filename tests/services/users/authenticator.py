"""An authenticator made of software: keys on P-256, answers as browsers hand them over."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.tokens import encoded

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    def __init__(self, origin: str) -> None:
        self.origin, self.site = origin, urlsplit(origin).hostname or ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id, self.count = os.urandom(32), 0

    def create(self, options: str) -> str:
        """As `navigator.credentials.create` answers."""
        client_data = self._client_data("webauthn.create", json.loads(options)["challenge"], None)
        held = len(self.credential_id).to_bytes(2) + self.credential_id + self._public_key()
        data = self._data(self.site, PRESENT | VERIFIED | ATTESTED) + bytes(16) + held
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            self.credential_id, clientDataJSON=client_data, attestationObject=attestation
        )

    def get(self, options: str, **changed: Any) -> str:
        """As `navigator.credentials.get` answers, unless something is `changed`."""
        self.count += 1
        challenge = changed.get("challenge") or json.loads(options)["challenge"]
        kind = changed.get("kind", "webauthn.get")
        client_data = self._client_data(kind, challenge, changed.get("origin"))
        flags = PRESENT * changed.get("is_present", True)
        flags |= VERIFIED * changed.get("is_verified", True)
        data = self._data(changed.get("site", self.site), flags)
        signed = data + hashlib.sha256(client_data).digest()
        key = ec.generate_private_key(ec.SECP256R1()) if changed.get("is_forged") else self.key
        return self._answer(
            changed.get("credential_id", self.credential_id),
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=key.sign(signed, ec.ECDSA(SHA256())),
        )

    def _client_data(self, kind: str, challenge: str, origin: str | None) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": origin or self.origin}
        return json.dumps(said).encode()

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        point = {-2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        return cbor2.dumps({1: 2, 3: -7, -1: 1} | point)

    def _answer(self, credential_id: bytes, **response: bytes) -> str:
        name = encoded(credential_id)
        said = {key: encoded(value) for key, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})
