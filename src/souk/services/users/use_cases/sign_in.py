"""Somebody signs in, stays signed in, and signs out."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from souk.contracts.users import GuestSignedIn
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id, new_secret
from souk.services.users import queries, store
from souk.services.users.model import Account, hash_of


class NewSession(Struct, frozen=True, kw_only=True):
    """A session to be: its id and its first refresh token, of which only the hash is kept."""

    id: str
    refresh_token: str
    now: datetime
    token_seconds: int


class Refreshed(Struct, frozen=True, kw_only=True):
    """Who goes on, in which session; nobody when the token was refused."""

    account: Account | None
    session_id: str = ""


def new_session(*, now: datetime, token_seconds: int) -> NewSession:
    return NewSession(id=new_id(), refresh_token=new_secret(), now=now, token_seconds=token_seconds)


async def open_session(tx: Transaction, user_id: str, session: NewSession) -> None:
    await store.open_session(
        tx,
        session.id,
        user_id=user_id,
        token_hash=hash_of(session.refresh_token),
        now=session.now,
        token_seconds=session.token_seconds,
    )


async def sign_in(
    tx: Transaction, account: Account, session: NewSession, *, cart_token_hash: str, new_hash: str
) -> None:
    """`new_hash` is the password hashed anew, where the settings have grown."""
    if new_hash:
        await store.set_password(tx, account.id, new_hash)
    await open_session(tx, account.id, session)
    if cart_token_hash:
        tx.publish(GuestSignedIn(user_id=account.id, cart_token_hash=cart_token_hash))


async def refresh(tx: Transaction, token: str, session: NewSession) -> Refreshed:
    """One successor a token. A token used twice was stolen or its answer lost: the family ends.

    That ending must be committed, so a refused token is an answer here and a refusal outside.
    """
    row = await store.lock_token(tx, hash_of(token), now=session.now)
    if row is None or row.is_expired or row.is_ended:
        return Refreshed(account=None)
    if row.is_used:
        await store.end_session(tx, row.session_id, now=session.now)
        return Refreshed(account=None)
    account = await queries.get_account(tx, row.user_id)
    if not account.is_active:
        return Refreshed(account=None)
    await store.rotate_token(
        tx,
        old_hash=hash_of(token),
        new_hash=hash_of(session.refresh_token),
        session_id=row.session_id,
        now=session.now,
        token_seconds=session.token_seconds,
    )
    return Refreshed(account=account, session_id=row.session_id)


async def sign_out(
    tx: Transaction, user_id: str, *, session_id: str, everywhere: bool, now: datetime
) -> None:
    if everywhere:
        await store.end_sessions(tx, user_id, but="", now=now)
        await store.raise_version(tx, user_id)
    elif session_id:
        await store.end_session(tx, session_id, now=now)


async def change_password(
    tx: Transaction, user_id: str, password_hash: str, *, session_id: str, now: datetime
) -> None:
    """Whoever else is signed in to the account is not any more."""
    await store.set_password(tx, user_id, password_hash)
    await store.end_sessions(tx, user_id, but=session_id, now=now)
