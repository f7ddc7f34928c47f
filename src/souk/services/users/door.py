"""The way in by password: checked, counted, changed."""

from __future__ import annotations

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
from souk.kernel.context import Caller
from souk.kernel.ids import new_id, new_secret
from souk.kernel.mailboxes import email_key
from souk.kernel.refusals import StepUpRequired
from souk.services.users import guess_store, queries, texts
from souk.services.users.codes import verification_of
from souk.services.users.entrance import Entrance, Grounds, hex_hash
from souk.services.users.model import Account, must_be_hard_to_guess
from souk.services.users.use_cases.change_password import change_password
from souk.services.users.use_cases.register import register
from souk.services.users.use_cases.sign_in import SignIn, refresh
from souk.services.users.visits import Visit


class Door:
    """Where people come in, and are told the same whether or not there is such an account."""

    def __init__(self, on: Grounds, entrance: Entrance) -> None:
        self.on, self.entrance = on, entrance

    async def register(self, request: RegisterRequest, visit: Visit) -> SignedIn:
        must_be_hard_to_guess(request.password, email=request.email)
        account = new_account(
            self.on,
            email=request.email,
            first_name=texts.name("first_name", request.first_name),
            last_name=texts.line("last_name", request.last_name),
            password_hash=await self.on.passwords.hash(request.password),
        )
        token = new_secret()
        proof = SignIn(
            session=self.entrance.session(account, visit, token=token),
            cart_token_hash=hex_hash(visit.cart_token),
        )
        await self.on.database.transact(register, account, proof, verification_of(account))
        return await self.entrance.signed_in(
            account, visit, session_id=proof.session.id, token=token
        )

    async def sign_in(self, request: LoginRequest, visit: Visit) -> SignedIn:
        name = email_key(request.email)
        guesses = self.on.guessing.password(
            name, address=visit.address, device_token=visit.device_token
        )
        account = await queries.find_by_email(self.on.database, name)
        await self.on.guessing.begin(guesses)
        account = await self._must_be_right(request.password, account)
        new_hash = ""
        if self.on.passwords.is_outdated(account.password_hash):
            new_hash = await self.on.passwords.hash(request.password)
        return await self.entrance.let_in(account, visit, guesses=guesses, new_hash=new_hash)

    async def refresh(self, token: str, visit: Visit) -> Tokens:
        successor = self.on.vault.text("refresh", token)
        session = self.entrance.session(None, visit, token=successor)
        went_on = await self.on.database.transact(
            refresh, token, session, grace_seconds=self.on.settings.refresh_grace_seconds
        )
        if went_on.account is None or went_on.confirmed_at is None:
            raise RefreshTokenRefused()
        return await self.entrance.tokens(
            went_on.account,
            session_id=went_on.session_id,
            token=successor,
            confirmed_at=went_on.confirmed_at,
        )

    async def change_password(self, by: Caller, request: ChangePasswordRequest) -> None:
        """The right password proves enough, unless the account asks for a second factor."""
        account = await queries.get_account(self.on.database, by.user_id)
        if not by.is_confirmed and (account.has_second_factor or not account.password_hash):
            raise StepUpRequired()
        if account.password_hash:
            await self.must_know_password(account, request.current_password)
        must_be_hard_to_guess(request.new_password, email=account.email)
        new_hash = await self.on.passwords.hash(request.new_password)
        await self.on.database.transact(
            change_password, account.id, new_hash, session_id=by.session_id
        )

    async def must_know_password(self, account: Account, password: str) -> None:
        """Asked of somebody who is signed in; guesses count all the same."""
        guesses = self.on.guessing.second_factor(account.id)
        await self.on.guessing.begin(guesses)
        await self._must_be_right(password, account)
        await self.on.database.transact(guess_store.take_back, guesses)

    async def _must_be_right(self, password: str, account: Account | None) -> Account:
        """Same answer, same time, whether the account or the password is wrong."""
        known = account if account and account.is_active else None
        is_right = await self.on.passwords.verify(password, known.password_hash if known else None)
        if not is_right or known is None:
            raise WrongCredentials()
        return known


def new_account(
    on: Grounds,
    *,
    email: str,
    first_name: str,
    last_name: str,
    password_hash: str = "",
    email_verified: bool = False,
) -> Account:
    return Account(
        id=new_id(),
        email=email.strip(),
        password_hash=password_hash,
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        roles=(Role.CUSTOMER,),
        email_verified=email_verified,
        created_at=on.clock.now(),
        key=on.database.personal.new(),
    )
