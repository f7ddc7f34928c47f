"""Passwords, hashed with argon2id; as many at once as there are cores, so that a flood of sign-ins
cannot starve the rest."""

from __future__ import annotations

import asyncio
import math
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from souk.kernel.clock import monotonic
from souk.kernel.ids import new_secret
from souk.kernel.refusals import Unavailable
from souk.kernel.settings import Settings

WAIT_SECONDS_MAX = 1.0  # whoever would wait longer is sent away, and told to come again
NICENESS = 10
USUAL_SECONDS = 0.03  # what a hash takes, until we have seen some
Work = Callable[[str, str], tuple[str, float]]  # the answer, and how long it took


class Passwords:
    """The cores are shared with the machine's other workers, each of which has hands of its own.

    Hashing runs at a lower priority: whenever somebody else's request needs the core, it has it.
    """

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
        )
        self._hands = max((os.cpu_count() or 1) // settings.workers, 1)
        self._pool = ThreadPoolExecutor(self._hands, "argon2", initializer=_step_back)
        self._waiting = 0
        self._seconds = USUAL_SECONDS
        # What an unknown e-mail is checked against, so that it takes as long as a known one.
        self._nobody = self._hasher.hash(new_secret())

    async def hash(self, password: str) -> str:
        """Raises Unavailable when more wait already than can be served in a second."""
        return await self._do(self._hash, password, "")

    async def verify(self, password: str, known_hash: str | None) -> bool:
        """None or nothing stands for an account without a password; it never verifies, and takes
        as long. Raises Unavailable as `hash` does."""
        answer = await self._do(self._fits, password, known_hash or self._nobody)
        return bool(answer) and bool(known_hash)

    def is_outdated(self, known_hash: str) -> bool:
        """Whether the settings have grown since it was hashed."""
        return self._hasher.check_needs_rehash(known_hash)

    async def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _do(self, work: Work, password: str, known_hash: str) -> str:
        expected = (self._waiting + 1) / self._hands * self._seconds
        if self._waiting >= self._hands and expected > WAIT_SECONDS_MAX:
            raise Unavailable(service="sign-in", retry_seconds=math.ceil(expected))
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            answer, seconds = await loop.run_in_executor(self._pool, work, password, known_hash)
        finally:
            self._waiting -= 1
        self._seconds += (seconds - self._seconds) / 8
        return answer

    def _hash(self, password: str, _: str) -> tuple[str, float]:
        begin = monotonic()
        return self._hasher.hash(password), monotonic() - begin

    def _fits(self, password: str, known_hash: str) -> tuple[str, float]:
        begin = monotonic()
        fits = ""
        with suppress(VerificationError, InvalidHashError):
            fits = "yes" if self._hasher.verify(known_hash, password) else ""
        return fits, monotonic() - begin


def _step_back() -> None:
    """Only Linux has priorities for single threads; elsewhere this number is another process."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
