"""Sessions as their owner sees them, and what a token of one is still worth."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import jwt

from souk.contracts.api import Role
from souk.contracts.users import (
    EndedAccessList,
    SessionList,
    SessionNotFound,
    SignInMethods,
    UserNotFound,
    ValidatedToken,
)
from souk.kernel.ended_access import SLACK_SECONDS
from souk.kernel.identity import Verifier
from souk.kernel.refusals import SignInRequired
from souk.services.users import factor_store, queries
from souk.services.users.entrance import Grounds
from souk.services.users.use_cases.end_access import end_session


class Sessions:
    def __init__(self, on: Grounds, verifier: Verifier) -> None:
        self.on, self._verifier = on, verifier

    async def list(self, user_id: str, *, current: str, ended: bool) -> SessionList:
        seconds = self.on.settings.refresh_token_seconds
        items = await queries.list_sessions(
            self.on.database, user_id, current=current, token_seconds=seconds, ended=ended
        )
        return SessionList(items=items)

    async def end(self, session_id: str, *, user_id: str) -> None:
        """Nothing changes where it has ended already."""
        with suppress(SessionNotFound):
            await self.on.database.transact(end_session, session_id, user_id=user_id)

    async def methods(self, user_id: str) -> SignInMethods:
        found = await factor_store.methods(self.on.database, user_id)
        if found is None:
            raise UserNotFound()
        return SignInMethods(
            has_password=found.has_password,
            has_totp=found.has_totp,
            recovery_codes_left=found.recovery_codes_left,
            passkeys=await factor_store.list_passkeys(self.on.database, user_id),
            providers=found.providers,
        )

    async def validate(self, token: str) -> ValidatedToken:
        """By what is written down now, not by what has got around."""
        try:
            found = await self._verifier.verify(token)
        except SignInRequired:
            return ValidatedToken()
        version = jwt.decode(token, options={"verify_signature": False})["ver"]
        is_current = await queries.is_current(
            self.on.database, found.user_id, found.session_id, version=version
        )
        if not is_current:
            return ValidatedToken()
        return ValidatedToken(
            is_valid=True,
            user_id=found.user_id,
            roles=tuple(Role(role) for role in sorted(found.roles)),
            session_id=found.session_id,
        )

    async def ended_since(self, since: datetime | None) -> EndedAccessList:
        seconds = self.on.settings.access_token_seconds + SLACK_SECONDS
        earliest = self.on.clock.now() - timedelta(seconds=seconds)
        items = await queries.list_ended_access(self.on.database, max(since or earliest, earliest))
        return EndedAccessList(items=items)
