"""The way in: passwords checked, attempts counted, tokens handed out."""

from __future__ import annotations

import hashlib

from souk.contracts.api import Role
from souk.contracts.users import (
    ChangePasswordRequest,
    LoginRequest,
    RefreshTokenRefused,
    RegisterRequest,
    SignedIn,
    Tokens,
    WrongCredentials,
)
from souk.kernel.clock import Clock
from souk.kernel.context import Caller
from souk.kernel.database import Database
from souk.kernel.ids import new_id
from souk.kernel.limits import Limiter
from souk.kernel.settings import Settings
from souk.services.users import queries
from souk.services.users.keys import Keys
from souk.services.users.model import Account, email_key, must_be_hard_to_guess
from souk.services.users.passwords import Passwords
from souk.services.users.use_cases import sign_in
from souk.services.users.use_cases.register import register
from souk.services.users.use_cases.sign_in import NewSession, new_session

# Wrong passwords an account bears in a quarter of an hour before further tries must wait.
WRONG_MAX, WRONG_SECONDS = 20, 900


class Door:
    """Where people come in, and are told the same whether or not there is such an account."""

    def __init__(
        self, database: Database, keys: Keys, limiter: Limiter, clock: Clock, settings: Settings
    ) -> None:
        self.database, self.keys, self.limiter = database, keys, limiter
        self.clock, self.settings = clock, settings
        self.passwords = Passwords(settings)

    async def register(self, request: RegisterRequest) -> SignedIn:
        must_be_hard_to_guess(request.password, email=request.email)
        session = self._session()
        account = Account(
            id=new_id(),
            email=request.email.strip(),
            password_hash=await self.passwords.hash(request.password),
            first_name=request.first_name.strip(),
            last_name=request.last_name.strip(),
            phone_number="",
            roles=(Role.CUSTOMER,),
            is_active=True,
            email_verified=False,
            version=1,
            created_at=session.now,
        )
        await self.database.transact(
            register, account, session, cart_token_hash=hex_hash(request.cart_token)
        )
        return await self._signed_in(account, session)

    async def sign_in(self, request: LoginRequest) -> SignedIn:
        name = email_key(request.email)
        account = await queries.find_by_email(self.database, name)
        await self._must_be_right(request.password, account, name)
        assert account is not None, "nobody's password is right"
        new_hash = ""
        if self.passwords.is_outdated(account.password_hash):
            new_hash = await self.passwords.hash(request.password)
        session = self._session()
        await self.database.transact(
            sign_in.sign_in,
            account,
            session,
            cart_token_hash=hex_hash(request.cart_token),
            new_hash=new_hash,
        )
        return await self._signed_in(account, session)

    async def refresh(self, refresh_token: str) -> Tokens:
        session = self._session()
        went_on = await self.database.transact(sign_in.refresh, refresh_token, session)
        if went_on.account is None:
            raise RefreshTokenRefused()
        token = await self.keys.token(
            went_on.account, session_id=went_on.session_id, now=session.now
        )
        return Tokens(
            access_token=token,
            refresh_token=session.refresh_token,
            token_type="Bearer",  # noqa: S106 - the kind of token, as RFC 6750 names it
            expires_in=self.settings.access_token_seconds,
        )

    async def sign_out(self, by: Caller, *, everywhere: bool) -> None:
        await self.database.transact(
            sign_in.sign_out,
            by.user_id,
            session_id=by.session_id,
            everywhere=everywhere,
            now=self.clock.now(),
        )

    async def change_password(self, by: Caller, request: ChangePasswordRequest) -> None:
        account = await queries.get_account(self.database, by.user_id)
        await self._must_be_right(request.current_password, account, email_key(account.email))
        must_be_hard_to_guess(request.new_password, email=account.email)
        new_hash = await self.passwords.hash(request.new_password)
        await self.database.transact(
            sign_in.change_password,
            account.id,
            new_hash,
            session_id=by.session_id,
            now=self.clock.now(),
        )

    async def _must_be_right(self, password: str, account: Account | None, name: str) -> None:
        """Same answer, same time, whether the account or the password is wrong."""
        key = f"wrong-password:{hex_hash(name)}"
        await self.limiter.look(key, limit=WRONG_MAX, window_seconds=WRONG_SECONDS, closed=True)
        known_hash = account.password_hash if account and account.is_active else None
        if not await self.passwords.verify(password, known_hash):
            await self.limiter.hit(key, limit=WRONG_MAX, window_seconds=WRONG_SECONDS, closed=True)
            raise WrongCredentials()

    def _session(self) -> NewSession:
        return new_session(now=self.clock.now(), token_seconds=self.settings.refresh_token_seconds)

    async def _signed_in(self, account: Account, session: NewSession) -> SignedIn:
        return SignedIn(
            user=account.view(),
            access_token=await self.keys.token(account, session_id=session.id, now=session.now),
            refresh_token=session.refresh_token,
            token_type="Bearer",  # noqa: S106 - the kind of token, as RFC 6750 names it
            expires_in=self.settings.access_token_seconds,
        )


def hex_hash(text: str) -> str:
    """Of a token or an e-mail, so that neither stands in events or counters; nothing of nothing."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
