"""Passwords, hashed with argon2id; as many at once as there are cores, so that a flood of sign-ins
cannot starve the rest."""

from __future__ import annotations

import asyncio
import os

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from souk.kernel.ids import new_secret
from souk.kernel.settings import Settings


class Passwords:
    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
        )
        self._turns = asyncio.Semaphore(os.cpu_count() or 1)
        # What an unknown e-mail is checked against, so that it takes as long as a known one.
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, known_hash: str | None) -> bool:
        """None stands for an account that does not exist; it never verifies, and takes as long."""
        if known_hash is None:
            self._nobody = self._nobody or await self.hash(new_secret())
        async with self._turns:
            fits = await asyncio.to_thread(self._fits, password, known_hash or self._nobody or "")
        return fits and known_hash is not None

    def is_outdated(self, known_hash: str) -> bool:
        """Whether the settings have grown since it was hashed."""
        return self._hasher.check_needs_rehash(known_hash)

    def _fits(self, password: str, known_hash: str) -> bool:
        try:
            return self._hasher.verify(known_hash, password)
        except (VerificationError, InvalidHashError):
            return False
