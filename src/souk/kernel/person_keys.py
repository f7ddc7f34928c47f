"""A key for each person: without it, what was sealed with it is noise, wherever copies lie."""

from __future__ import annotations

import hmac
import os
from functools import lru_cache

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

PURPOSE, BLIND_PURPOSE = b"souk person keys 1", b"souk blind index 1"
NONCE_BYTES, KEY_BYTES = 12, 32
KEYS_IN_MEMORY = 4096
# What is not sealed yet is JSON as it is; sealed content begins with this.
SEALED, OPEN = b"\x01", b"{"
NOTHING = b"{}"


class PersonKeys:
    """Seals what is somebody's. Keys travel with the rows they open, themselves under the master
    key (`person_keys.sealed_key`), so that a deleted one opens nothing in any process."""

    def __init__(self, master_key: str) -> None:
        self._blind = hmac.digest(master_key.encode(), BLIND_PURPOSE, "sha256")
        self._box = AESGCM(hmac.digest(master_key.encode(), PURPOSE, "sha256"))
        self._unwrapped = lru_cache(maxsize=KEYS_IN_MEMORY)(self._unwrap)

    def new(self) -> bytes:
        """A new key as the database keeps it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, os.urandom(KEY_BYTES), PURPOSE)

    def seal(self, key: bytes, value: Struct) -> bytes:
        return self.seal_bytes(key, msgspec.json.encode(value))

    def seal_bytes(self, key: bytes, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return SEALED + nonce + self._unwrapped(key).encrypt(nonce, plain, None)

    def open(self, sealed: bytes | None, key: bytes | None) -> bytes:
        """The JSON that was sealed; of whoever was erased, nothing: `{}`."""
        if sealed is None:
            return NOTHING
        if sealed[:1] == OPEN:
            return sealed
        if key is None:
            return NOTHING
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return self._unwrapped(key).decrypt(nonce, body, None)

    def blind(self, purpose: str, text: str) -> bytes:
        """32 bytes to look a text up by: the same for the same words, nothing without the key."""
        return hmac.digest(self._blind, f"{purpose}\0{text}".encode(), "sha256")

    def _unwrap(self, key: bytes) -> AESGCM:
        return AESGCM(self._box.decrypt(key[:NONCE_BYTES], key[NONCE_BYTES:], PURPOSE))
