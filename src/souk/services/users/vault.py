"""What the master key is good for here: secrets made of ids, hashes nobody can try out, a box."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
CODE_DIGITS = 8


class Vault:
    """Secrets that are computed need not be kept: a copy of the database holds none of them."""

    def __init__(self, master_key: str) -> None:
        self._key = hmac.digest(master_key.encode(), b"souk users vault 1", "sha256")
        self._box = AESGCM(self.derived("box", ""))

    def derived(self, purpose: str, text: str) -> bytes:
        """32 bytes, the same for the same words, and not to be guessed without the key."""
        return hmac.digest(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256)

    def text(self, purpose: str, text: str) -> str:
        return base64.urlsafe_b64encode(self.derived(purpose, text)).rstrip(b"=").decode()

    def code(self, challenge_id: str) -> str:
        """For people to type."""
        number = int.from_bytes(self.derived("code", challenge_id)[:8]) % 10**CODE_DIGITS
        return f"{number:0{CODE_DIGITS}d}"

    def token(self, challenge_id: str) -> str:
        """For a link."""
        return f"{challenge_id}.{self.text('token', challenge_id)}"

    def challenge_of(self, token: str) -> str:
        """The id in a token that we made; empty for any other text."""
        challenge_id = token.partition(".")[0]
        is_ours = hmac.compare_digest(self.token(challenge_id).encode(), token.encode())
        return challenge_id if is_ours else ""

    def seal(self, text: str, *, of: str) -> bytes:
        """Opens with the same `of` alone, so that nothing can be put in another's place."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, text.encode(), of.encode())

    def open(self, sealed: bytes, *, of: str) -> str:
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self._box.decrypt(nonce, body, of.encode()).decode()


def is_same(given: str, right: str) -> bool:
    """Takes as long however much of it is right."""
    return hmac.compare_digest(given.encode(), right.encode())
