"""Somebody opens an account."""

from __future__ import annotations

from souk.contracts.users import EmailTaken, UserRegistered
from souk.kernel.database import Transaction
from souk.kernel.mailboxes import email_key
from souk.services.users import store
from souk.services.users.model import Account
from souk.services.users.use_cases.send_code import Sending, send_code
from souk.services.users.use_cases.sign_in import SignIn, sign_in


async def register(
    tx: Transaction, account: Account, proof: SignIn, verification: Sending
) -> Account:
    """Signs in as well, and sends the link that verifies the e-mail address."""
    if not await store.add_user(tx, account, email_key=email_key(account.email)):
        raise EmailTaken()
    tx.publish(UserRegistered(user_id=account.id, registered_at=account.created_at))
    await sign_in(tx, proof)
    if not account.email_verified:
        await send_code(tx, verification)
    return account
