"""How guesses are slowed down: counted by account, address, pair and device, each wait longer.

Counted in PostgreSQL and before the guess is looked at, so that neither a flushed cache nor a
thousand guesses at once let more of them through.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from souk.kernel.database import Database, Transaction
from souk.kernel.refusals import TooManyRequests
from souk.kernel.settings import Settings
from souk.services.users import guess_store
from souk.services.users.guess_store import Count, Held
from souk.services.users.vault import Vault, is_same


class Guessing:
    def __init__(self, database: Database, vault: Vault, settings: Settings) -> None:
        self._database, self._vault, self._settings = database, vault, settings

    def password(self, email_key: str, *, address: str, device_token: str) -> tuple[Count, ...]:
        """A known device is counted alone, so that whoever guesses elsewhere locks nobody out."""
        free = self._settings.guess_pair_free
        if nonce := self._known_device(email_key, device_token):
            return (self._count("device", f"{email_key}\0{nonce}", free, is_cleared=True),)
        by_account = self._count("account", email_key, self._settings.guess_account_free)
        if not address:
            return (by_account,)
        return (
            by_account,
            self._count("pair", f"{email_key}\0{address}", free, is_cleared=True),
            self._count("address", address, self._settings.guess_address_free),
        )

    def second_factor(self, user_id: str) -> tuple[Count, ...]:
        free = self._settings.guess_pair_free
        return (self._count("second factor", user_id, free, is_cleared=True),)

    def sending(self, target: str, *, address: str, device_token: str = "") -> tuple[Count, ...]:
        """Codes and links sent to an e-mail address or a number, whether somebody has it or not."""
        if nonce := self._known_device(target, device_token):
            free = self._settings.guess_pair_free
            return (self._count("sent to device", f"{target}\0{nonce}", free),)
        counts = [self._count("sent", target, self._settings.code_free)]
        if address:
            free = self._settings.guess_address_free
            counts.append(self._count("sent by", address, free))
        return tuple(counts)

    def device_token(self, email_key: str, nonce: str) -> str:
        """Tells this device from others at this account's next sign-in."""
        proof = self._vault.text("device", f"{email_key}\0{nonce}")
        return f"{nonce}.{proof}"

    async def begin(self, counts: Sequence[Count]) -> None:
        """Counts a guess as wrong, before it is looked at. Raises TooManyRequests."""
        self._must_not_wait(counts, await guess_store.held(self._database, counts))
        await self._database.transact(self._begin, counts)

    async def _begin(self, tx: Transaction, counts: Sequence[Count]) -> None:
        await guess_store.lock(tx, counts)
        self._must_not_wait(counts, await guess_store.held(tx, counts))
        await guess_store.count(tx, counts)

    def _must_not_wait(self, counts: Sequence[Count], known: dict[bytes, Held]) -> None:
        most = self._settings.guess_wait_seconds_max
        waits = [
            wait_seconds(one.failures, free=count.free, age=one.age_seconds, most=most)
            for count in counts
            if (one := known.get(count.key))
        ]
        if (wait := max(waits, default=0.0)) > 0:
            raise TooManyRequests(retry_seconds=math.ceil(wait))

    def _known_device(self, email_key: str, device_token: str) -> str:
        """The nonce of a token that we gave to this account; else nothing."""
        nonce = device_token.partition(".")[0]
        right = self.device_token(email_key, nonce)
        return nonce if nonce and is_same(device_token, right) else ""

    def _count(self, kind: str, name: str, free: int, *, is_cleared: bool = False) -> Count:
        key = self._vault.derived(f"count {kind}", name)
        return Count(key=key, free=free, is_cleared=is_cleared)


def wait_seconds(failures: int, *, free: int, age: float, most: float) -> float:
    """How long still, `age` seconds after the latest of so many wrong guesses."""
    if failures < free:
        return 0.0
    doublings = min(failures - free, 32)
    return max(min(2.0**doublings, most) - age, 0.0)
