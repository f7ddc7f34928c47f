"""The door behind all the ways in: a proof was right, and a session opens or one more is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.users import ProviderRequired, SecondFactorRequired, SignedIn, Tokens
from souk.kernel.clock import Clock
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_id, new_secret
from souk.kernel.mailboxes import email_key
from souk.kernel.settings import Settings
from souk.services.users import challenge_store, guess_store
from souk.services.users.challenge_store import Challenge, Purpose
from souk.services.users.guess_store import Count
from souk.services.users.guessing import Guessing
from souk.services.users.identity import Place
from souk.services.users.keys import Keys
from souk.services.users.model import STAFF, Account, hash_of
from souk.services.users.passwords import Passwords
from souk.services.users.providers.client import domain_of, staff_doors
from souk.services.users.session_store import NewSession
from souk.services.users.use_cases.sign_in import SignIn, sign_in, use_once
from souk.services.users.vault import Vault
from souk.services.users.visits import Visit

SECOND_FACTOR_SECONDS = 600
DEVICE_NONCE_BYTES = 16
BEARER = "Bearer"
STAFFED = STAFF | {Role.STAFF}


class Grounds(Struct, frozen=True, kw_only=True, eq=False):
    """What every way in stands on; built once by the wiring."""

    database: Database
    keys: Keys
    vault: Vault
    guessing: Guessing
    passwords: Passwords
    clock: Clock
    settings: Settings


class Entrance:
    def __init__(self, on: Grounds) -> None:
        self.on = on
        self._staff_doors = staff_doors(on.settings)

    async def let_in(
        self,
        account: Account,
        visit: Visit,
        *,
        is_whole: bool = False,
        guesses: Sequence[Count] = (),
        new_hash: str = "",
        challenge_id: str = "",
        proves_email: bool = False,
        provider: str = "",
    ) -> SignedIn:
        """`is_whole`: nothing more is to be proved. `challenge_id`: the proof opens once.
        `provider`: who vouches for them.

        Raises SecondFactorRequired; ProviderRequired, once the proof was found right.
        """
        if door := self._staff_door(account):
            if provider != door:
                raise ProviderRequired(provider=door)
            is_whole = True  # second factors are that provider's business
        if account.has_second_factor and not is_whole:
            challenge = Challenge(id=new_id(), purpose=Purpose.SECOND_FACTOR, user_id=account.id)
            await self.on.database.transact(
                ask_for_second_factor, challenge, guesses, instead_of=challenge_id
            )
            raise SecondFactorRequired(challenge=challenge.id)
        token = new_secret()
        proof = SignIn(
            session=self.session(account, visit, token=token),
            guesses=guesses,
            new_hash=new_hash,
            cart_token_hash=hex_hash(visit.cart_token),
            challenge_id=challenge_id,
            proves_email=proves_email,
        )
        await self.on.database.transact(sign_in, proof)
        return await self.signed_in(account, visit, session_id=proof.session.id, token=token)

    def _staff_door(self, account: Account) -> str:
        """The provider by which alone this account is entered; none for who is not of staff."""
        if STAFFED.isdisjoint(account.roles):
            return ""
        return self._staff_doors.get(domain_of(account.email), "")

    def session(self, account: Account | None, visit: Visit, *, token: str) -> NewSession:
        return NewSession(
            id=new_id(),
            user_id=account.id if account else "",
            version=account.version if account else 0,
            device=visit.device,
            place=Place(address=visit.address),
            key=account.key if account else None,
            token_hash=hash_of(token),
            token_seconds=self.on.settings.refresh_token_seconds,
        )

    async def signed_in(
        self, account: Account, visit: Visit, *, session_id: str, token: str
    ) -> SignedIn:
        now = self.on.clock.now()
        name = email_key(account.email)
        device_token = visit.device_token or self.on.guessing.device_token(
            name, new_secret(DEVICE_NONCE_BYTES)
        )
        return SignedIn(
            user=account.view(),
            access_token=await self.access_token(account, session_id, confirmed_at=now),
            refresh_token=token,
            token_type=BEARER,
            expires_in=self.on.settings.access_token_seconds,
            device_token=device_token,
        )

    async def tokens(
        self, account: Account, *, session_id: str, token: str, confirmed_at: datetime
    ) -> Tokens:
        return Tokens(
            access_token=await self.access_token(account, session_id, confirmed_at=confirmed_at),
            refresh_token=token,
            token_type=BEARER,
            expires_in=self.on.settings.access_token_seconds,
        )

    async def access_token(
        self, account: Account, session_id: str, *, confirmed_at: datetime
    ) -> str:
        return await self.on.keys.token(
            account, session_id=session_id, now=self.on.clock.now(), confirmed_at=confirmed_at
        )


async def ask_for_second_factor(
    tx: Transaction, challenge: Challenge, guesses: Sequence[Count], *, instead_of: str
) -> None:
    await use_once(tx, instead_of)
    await guess_store.take_back(tx, guesses)
    await challenge_store.add(tx, challenge, seconds=SECOND_FACTOR_SECONDS)


def hex_hash(text: str) -> str:
    """Of a token, so that it stands in no event; nothing of nothing."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
