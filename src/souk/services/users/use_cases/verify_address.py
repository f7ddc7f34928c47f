"""Somebody proves that a mailbox or a phone is theirs."""

from __future__ import annotations

from souk.contracts.users import CodeRefused
from souk.kernel.database import Transaction
from souk.kernel.mailboxes import email_key
from souk.services.users import challenge_store, store
from souk.services.users.challenge_store import Purpose

LINKS = (Purpose.EMAIL_VERIFICATION, Purpose.EMAIL_CHANGE, Purpose.PASSWORD_RESET)


async def verify_email(tx: Transaction, challenge_id: str, *, new_email: str) -> None:
    """A new address becomes the account's; links that went to the old one open nothing more."""
    challenge = await challenge_store.use(tx, challenge_id)
    if challenge is None or not challenge.user_id:
        raise CodeRefused()
    if not new_email:
        await store.verify_email(tx, challenge.user_id)
        return
    await store.set_email(tx, challenge.user_id, new_email, email_key=email_key(new_email))
    await challenge_store.void(tx, challenge.user_id, LINKS)


async def verify_phone(
    tx: Transaction, challenge_id: str, number: str, *, phone_key: bytes
) -> None:
    challenge = await challenge_store.use(tx, challenge_id)
    if challenge is None:
        raise CodeRefused()
    await store.set_phone(tx, challenge.user_id, number, phone_key=phone_key)
