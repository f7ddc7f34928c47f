"""Somebody who is signed in proves once more who they are."""

from __future__ import annotations

from souk.contracts.users import (
    CodeRefused,
    PasskeyRefused,
    SteppedUp,
    StepUpRequest,
)
from souk.kernel.context import Caller
from souk.kernel.refusals import FieldError, InvalidRequest, SignInRequired
from souk.services.users import challenge_store, guess_store, queries, session_store
from souk.services.users.challenge_store import Purpose
from souk.services.users.codes import Codes
from souk.services.users.door import Door
from souk.services.users.entrance import BEARER, Entrance, Grounds
from souk.services.users.model import Account
from souk.services.users.passkeys import Passkeys
from souk.services.users.second_factor import SecondFactor
from souk.services.users.use_cases.sign_in import use_once


class StepUp:
    def __init__(
        self,
        on: Grounds,
        entrance: Entrance,
        *,
        door: Door,
        codes: Codes,
        second_factor: SecondFactor,
        passkeys: Passkeys,
    ) -> None:
        self.on, self.entrance = on, entrance
        self.door, self.codes = door, codes
        self.second_factor, self.passkeys = second_factor, passkeys

    async def step_up(self, by: Caller, request: StepUpRequest) -> SteppedUp:
        """By what the account has: its second factor or a passkey, else its password, else mail."""
        account = await queries.get_account(self.on.database, by.user_id)
        await self._must_prove(account, request)
        confirmed_at = None
        if by.session_id:
            confirmed_at = await self.on.database.transact(
                session_store.confirm, by.session_id, user_id=by.user_id
            )
        if confirmed_at is None:
            raise SignInRequired()
        return SteppedUp(
            access_token=await self.entrance.access_token(
                account, by.session_id, confirmed_at=confirmed_at
            ),
            token_type=BEARER,
            expires_in=self.on.settings.access_token_seconds,
        )

    async def _must_prove(self, account: Account, request: StepUpRequest) -> None:
        if request.credential:
            await self._by_passkey(account, request)
        elif account.has_second_factor:
            must_give("code", request.code)
            guesses = await self.second_factor.must_be_right(account.id, request.code)
            await self.on.database.transact(guess_store.take_back, guesses)
        elif account.password_hash:
            must_give("password", request.password)
            await self.door.must_know_password(account, request.password)
        else:
            must_give("code", request.code)
            await self._by_mail(account, request)

    async def _by_passkey(self, account: Account, request: StepUpRequest) -> None:
        must_give("challenge", request.challenge)
        if await self.passkeys.owner_of(request.challenge, request.credential) != account.id:
            raise PasskeyRefused()

    async def _by_mail(self, account: Account, request: StepUpRequest) -> None:
        """With the challenge that RequestOtp answered."""
        must_give("challenge", request.challenge)
        challenge = await challenge_store.try_one(
            self.on.database, request.challenge, Purpose.SIGN_IN
        )
        if challenge is None or challenge.user_id != account.id:
            raise CodeRefused()
        self.codes.must_be_right(challenge, request.code)
        await self.on.database.transact(use_once, challenge.id)


def must_give(field: str, value: str) -> None:
    if not value:
        raise InvalidRequest(FieldError(field, "is required"))
