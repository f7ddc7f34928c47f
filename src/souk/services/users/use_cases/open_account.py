"""An admin opens an account for somebody, who is told by mail."""

from __future__ import annotations

from souk.contracts.users import EmailTaken, UserRegistered
from souk.kernel.database import Transaction
from souk.kernel.mailboxes import email_key
from souk.services.users import store
from souk.services.users.model import Account
from souk.services.users.use_cases.send_code import Sending, send_code


async def open_account(tx: Transaction, account: Account, invitation: Sending) -> Account:
    """It has no password: whoever reads the mail chooses one."""
    if not await store.add_user(tx, account, email_key=email_key(account.email)):
        raise EmailTaken()
    tx.audit("users.account_opened", subject=f"user_id:{account.id}", owner_id=account.id)
    tx.publish(UserRegistered(user_id=account.id, registered_at=account.created_at))
    await send_code(tx, invitation)
    return account
