"""Somebody takes a picture of theirs away, or an operator does."""

from __future__ import annotations

from souk.contracts.media import MediaDeleted, MediaNotFound
from souk.kernel.database import Transaction
from souk.services.media import store


async def delete_media(tx: Transaction, media_id: str, *, owner_id: str | None) -> None:
    """Its files go later, with the last one who has the same picture."""
    digest = await store.delete_picture(tx, media_id, owner_id=owner_id)
    if digest is None:
        raise MediaNotFound()
    await store.leave_content(tx, digest)
    tx.publish(MediaDeleted(media_id=media_id))
