"""Somebody's access ends, here and in every token that is still on its way."""

from __future__ import annotations

from souk.contracts.users import AccessEnded, SessionNotFound
from souk.kernel.database import Transaction
from souk.services.users import session_store


async def end_access(tx: Transaction, user_id: str) -> None:
    """Everywhere: a ban, a log-out everywhere, a new password by mail."""
    await session_store.end_sessions(tx, user_id)
    await void_tokens(tx, user_id)


async def void_tokens(tx: Transaction, user_id: str) -> None:
    """Sessions go on with new tokens: for what tokens say that is true no longer, as a role."""
    version = await session_store.raise_version(tx, user_id)
    await session_store.record_ended(tx, user_id, [None], version=version)
    tx.publish(AccessEnded(user_id=user_id, version=version))


async def end_other_sessions(tx: Transaction, user_id: str, *, but: str) -> None:
    ended = await session_store.end_sessions(tx, user_id, but=but)
    await session_store.record_ended(tx, user_id, ended, version=0)
    tx.publish(*(AccessEnded(user_id=user_id, session_id=one) for one in ended))


async def end_session(tx: Transaction, session_id: str, *, user_id: str) -> None:
    """One of the user's own; raises SessionNotFound."""
    if not await session_store.end_session(tx, session_id, user_id=user_id):
        raise SessionNotFound()
    await session_store.record_ended(tx, user_id, [session_id], version=0)
    tx.publish(AccessEnded(user_id=user_id, session_id=session_id))
