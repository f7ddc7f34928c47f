"""Staff look at somebody's account, and that stays known."""

from __future__ import annotations

from souk.kernel.database import Transaction


async def note_a_look(tx: Transaction, *user_ids: str) -> None:
    for user_id in user_ids:
        tx.audit("users.account_seen", subject=f"user_id:{user_id}", owner_id=user_id)
