"""Somebody opens an account."""

from __future__ import annotations

from souk.contracts.users import EmailTaken, GuestSignedIn, UserRegistered
from souk.kernel.database import Transaction
from souk.services.users import store
from souk.services.users.model import Account, email_key
from souk.services.users.use_cases.sign_in import NewSession, open_session


async def register(
    tx: Transaction, account: Account, session: NewSession, *, cart_token_hash: str
) -> Account:
    if not await store.add_user(tx, account, email_key=email_key(account.email)):
        raise EmailTaken()
    await open_session(tx, account.id, session)
    tx.publish(UserRegistered(user_id=account.id, registered_at=account.created_at))
    if cart_token_hash:
        tx.publish(GuestSignedIn(user_id=account.id, cart_token_hash=cart_token_hash))
    return account
