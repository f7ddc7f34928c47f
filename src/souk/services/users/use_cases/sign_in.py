"""Somebody signs in, and stays signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.users import CodeRefused, GuestSignedIn, WrongCredentials
from souk.kernel.database import Transaction
from souk.services.users import challenge_store, guess_store, queries, session_store, store
from souk.services.users.guess_store import Count
from souk.services.users.model import Account, hash_of
from souk.services.users.session_store import NewSession
from souk.services.users.use_cases.end_access import end_session


class SignIn(Struct, frozen=True, kw_only=True):
    """A proof that was found right, and what comes with it."""

    session: NewSession
    guesses: Sequence[Count] = ()  # counted as wrong beforehand
    new_hash: str = ""  # of the password, where the settings have grown
    cart_token_hash: str = ""
    challenge_id: str = ""  # where the proof answers one
    proves_email: bool = False  # it came by mail


class Refreshed(Struct, frozen=True, kw_only=True):
    """Who goes on, in which session; nobody when the token was refused."""

    account: Account | None
    session_id: str = ""
    confirmed_at: datetime | None = None


async def sign_in(tx: Transaction, proof: SignIn) -> None:
    session = proof.session
    await use_once(tx, proof.challenge_id)
    await guess_store.take_back(tx, proof.guesses)
    if proof.new_hash:
        await store.set_password(tx, session.user_id, proof.new_hash)
    if not await session_store.open_session(tx, session):
        raise WrongCredentials()
    if proof.proves_email:
        await store.verify_email(tx, session.user_id)
    if proof.cart_token_hash:
        tx.publish(GuestSignedIn(user_id=session.user_id, cart_token_hash=proof.cart_token_hash))


async def use_once(tx: Transaction, challenge_id: str) -> None:
    """Raises CodeRefused when somebody was faster."""
    if challenge_id and await challenge_store.use(tx, challenge_id) is None:
        raise CodeRefused()


async def refresh(
    tx: Transaction, token: str, session: NewSession, *, grace_seconds: int
) -> Refreshed:
    """One successor a token, and always the same one, so tabs that refresh together all have it.

    A token used again later, or after its successor was, has been stolen: the family ends. That
    ending must be committed, so a refused token is an answer here and a refusal outside.
    """
    row = await session_store.lock_token(tx, hash_of(token), grace_seconds=grace_seconds)
    if row is None or row.is_expired or row.is_ended:
        return Refreshed(account=None)
    if row.is_used:
        is_a_tab = row.is_fresh and await session_store.is_unused(tx, session.token_hash)
        if not is_a_tab:
            await end_session(tx, row.session_id, user_id=row.user_id)
            return Refreshed(account=None)
    account = await queries.get_account(tx, row.user_id)
    if not account.is_active:
        return Refreshed(account=None)
    if not row.is_used:
        going_on = structs.replace(session, id=row.session_id, user_id=account.id, key=account.key)
        await session_store.rotate(tx, hash_of(token), going_on)
    return Refreshed(account=account, session_id=row.session_id, confirmed_at=row.confirmed_at)
