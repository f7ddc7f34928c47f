"""Whoever bought without an account takes home what is known of them, or has it erased.

A guest proves by a link that the mailbox is theirs. Who bought with it is asked when the link is
mailed and when it is followed, never when it is asked for: so asking tells nobody anything.
"""

from __future__ import annotations

import asyncio

from souk.contracts.common import PersonalRecord
from souk.contracts.users import CodePurpose, CodeRefused, Erasure, RevealedCode
from souk.kernel.contract import File
from souk.kernel.mailboxes import email_key
from souk.services.users import challenge_store
from souk.services.users.archive import archive_file, archive_of
from souk.services.users.challenge_store import Challenge, Purpose
from souk.services.users.codes import Codes
from souk.services.users.entrance import Grounds
from souk.services.users.erasure import Erasures
from souk.services.users.neighbours import Neighbours
from souk.services.users.use_cases.sign_in import use_once
from souk.services.users.visits import Visit


class Guests:
    def __init__(
        self, on: Grounds, codes: Codes, *, neighbours: Neighbours, erasures: Erasures
    ) -> None:
        self.on, self._codes = on, codes
        self._neighbours, self._erasures = neighbours, erasures

    async def ask(self, email: str, visit: Visit) -> None:
        target = email.strip()
        await self._codes.send(Purpose.GUEST_DATA, None, email_key(target), visit, target=target)

    async def reveal(self, code_id: str) -> RevealedCode:
        """What is to be sent; nothing where it is no link of ours, or nobody has bought with it."""
        found = await challenge_store.find(self.on.database, code_id, Purpose.GUEST_DATA)
        if found is None:
            return RevealedCode()
        email = self._codes.target(found)
        checkout_ids = await self._neighbours.find_guests(email)
        if not checkout_ids:
            return RevealedCode()
        return RevealedCode(
            purpose=CodePurpose.GUEST_DATA,
            secret=self.on.vault.token(code_id),
            email=email,
            user_id=checkout_ids[0],
        )

    async def take(self, token: str) -> File:
        """The link has opened when all is at hand, so that a fault costs nobody their link."""
        challenge, checkout_ids = await self._linked(token)
        found: dict[str, list[PersonalRecord]] = {}
        for checkout_id in checkout_ids:
            for service, records in (await self._neighbours.gather(checkout_id)).items():
                found.setdefault(service, []).extend(records)
        now = self.on.clock.now()
        content = await asyncio.to_thread(archive_of, found, at=now)
        await self.on.database.transact(use_once, challenge.id)
        return archive_file(content, at=now)

    async def erase(self, token: str) -> tuple[Erasure, ...]:
        """Raises ErasureMustWait, and then the link still opens."""
        challenge, checkout_ids = await self._linked(token)
        return await self._erasures.forget(checkout_ids, challenge_id=challenge.id)

    async def _linked(self, token: str) -> tuple[Challenge, tuple[str, ...]]:
        challenge = await self._codes.linked(token, Purpose.GUEST_DATA)
        checkout_ids = await self._neighbours.find_guests(self._codes.target(challenge))
        if not checkout_ids:
            raise CodeRefused()
        return challenge, checkout_ids
