"""Somebody chooses a new password, knowing the old one or holding the link of a mail."""

from __future__ import annotations

from souk.contracts.users import CodeRefused
from souk.kernel.database import Transaction
from souk.services.users import challenge_store, store
from souk.services.users.challenge_store import Purpose
from souk.services.users.use_cases.end_access import end_access, end_other_sessions

LINKS = (Purpose.PASSWORD_RESET, Purpose.SIGN_IN, Purpose.SECOND_FACTOR)


async def change_password(
    tx: Transaction, user_id: str, password_hash: str, *, session_id: str
) -> None:
    """Whoever else is signed in to the account is not any more."""
    await store.set_password(tx, user_id, password_hash)
    await challenge_store.void(tx, user_id, LINKS)
    await end_other_sessions(tx, user_id, but=session_id)


async def reset_password(tx: Transaction, challenge_id: str, password_hash: str) -> None:
    """By a link that opens once. It came by mail, so the address is proved as well."""
    challenge = await challenge_store.use(tx, challenge_id)
    if challenge is None or not challenge.user_id:
        raise CodeRefused()
    await store.set_password(tx, challenge.user_id, password_hash)
    await store.verify_email(tx, challenge.user_id)
    await challenge_store.void(tx, challenge.user_id, LINKS)
    await end_access(tx, challenge.user_id)
