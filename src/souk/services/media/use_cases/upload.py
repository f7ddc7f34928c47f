"""Somebody uploads a picture."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.media import TooManyPictures
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_id
from souk.kernel.refusals import Unavailable
from souk.services.media import store
from souk.services.media.pictures import Picture
from souk.services.media.queries import StoredMedia, file_name, get_media
from souk.services.media.shelf import Shelf

PICTURES_MAX = 5_000  # of one person


async def upload(
    database: Database, shelf: Shelf, picture: Picture, *, owner_id: str, now: datetime
) -> StoredMedia:
    """Content is claimed, its files are written, and only then is there a picture."""
    await database.transact(claim, picture, owner_id=owner_id)
    for file in picture.renditions:
        await shelf.put(file_name(picture.digest, file.width), file.content)
    return await database.transact(keep, picture, owner_id=owner_id, now=now)


async def claim(tx: Transaction, picture: Picture, *, owner_id: str) -> None:
    if await store.count_pictures(tx, owner_id) >= PICTURES_MAX:
        raise TooManyPictures(max=PICTURES_MAX)
    if not await store.claim_content(tx, picture):
        raise Unavailable(service="media", retry_seconds=1)


async def keep(tx: Transaction, picture: Picture, *, owner_id: str, now: datetime) -> StoredMedia:
    media_id = new_id()
    if not await store.add_picture(tx, media_id, picture, owner_id=owner_id, now=now):
        raise Unavailable(service="media", retry_seconds=1)
    return await get_media(tx, media_id)
