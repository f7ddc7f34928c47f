"""Media, as the gateway and other services see it."""

from __future__ import annotations

import asyncio

from souk.contracts.media import (
    DeleteMediaRequest,
    GetDrawingRequest,
    GetFileRequest,
    GetMediaRequest,
    Media,
    MediaNotFound,
    MediaService,
    UploadRequest,
)
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.contract import Empty, File
from souk.kernel.database import Database
from souk.kernel.personal_data import PersonalDataRpc
from souk.services.media import queries
from souk.services.media.drawings import Look, draw
from souk.services.media.personal_store import HOLDINGS
from souk.services.media.pictures import made_anew
from souk.services.media.shelf import Shelf
from souk.services.media.use_cases.delete_media import delete_media
from souk.services.media.use_cases.upload import upload

AT_ONCE = 2  # pictures worked on by this process: each may hold 160 MB of pixels


class MediaRpc(PersonalDataRpc, MediaService):
    """Pictures: taken in, shown, taken away."""

    HOLDINGS = HOLDINGS

    def __init__(self, database: Database, shelf: Shelf, clock: Clock) -> None:
        self.database, self.shelf, self.clock = database, shelf, clock
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def upload(self, request: UploadRequest) -> Media:
        async with self._turns:
            picture = await asyncio.to_thread(made_anew, request.file)
        by, now = caller().user_id, self.clock.now()
        return (await upload(self.database, self.shelf, picture, owner_id=by, now=now)).view()

    async def get_media(self, request: GetMediaRequest) -> Media:
        return (await queries.get_media(self.database, request.media_id)).view()

    async def delete_media(self, request: DeleteMediaRequest) -> Empty:
        by = caller()
        owner_id = None if by.is_operator else by.user_id
        await self.database.transact(delete_media, request.media_id, owner_id=owner_id)
        return Empty()

    async def get_file(self, request: GetFileRequest) -> File:
        content = await self.shelf.find(request.name)
        if content is None:
            raise MediaNotFound()
        return File(content=content, content_type="image/webp")

    async def get_drawing(self, request: GetDrawingRequest) -> File:
        main, accent, view = request.look.removesuffix(".svg").split("-")
        try:
            svg = draw(request.kinds.split("."), Look(main, accent), view)
        except KeyError:
            raise MediaNotFound() from None
        return File(content=svg.encode(), content_type="image/svg+xml")
