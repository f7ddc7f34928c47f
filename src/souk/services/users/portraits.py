"""The picture that people show of themselves: kept by media, in their name."""

from __future__ import annotations

from contextlib import suppress

from souk.contracts.media import (
    DeleteMediaRequest,
    Media,
    MediaServiceClient,
    UploadRequest,
)
from souk.contracts.users import SetAvatarRequest
from souk.kernel.database import Database, Transaction
from souk.kernel.refusals import Refusal
from souk.services.users import store
from souk.services.users.model import Account


class Portraits:
    def __init__(self, database: Database, media: MediaServiceClient) -> None:
        self._database, self._media = database, media

    async def hang(self, request: SetAvatarRequest, *, user_id: str) -> Account:
        """Raises what media refuses."""
        picture = await self._media.upload(
            UploadRequest(
                file=request.file,
                file_name=request.file_name,
                content_type=request.content_type,
            )
        )
        return await self._change(user_id, picture)

    async def take_down(self, *, user_id: str) -> Account:
        return await self._change(user_id, None)

    async def _change(self, user_id: str, picture: Media | None) -> Account:
        account, old = await self._database.transact(_change, user_id, picture)
        if old:
            # It hangs nowhere any more; that media are away must not keep the new one from hanging.
            with suppress(Refusal):
                await self._media.delete_media(DeleteMediaRequest(media_id=old))
        return account


async def _change(
    tx: Transaction, user_id: str, picture: Media | None
) -> tuple[Account, str | None]:
    await store.lock_account(tx, user_id)
    return await store.set_avatar(tx, user_id, picture)
