"""Media, as those see it who have pictures kept."""

from __future__ import annotations

from souk.contracts.media import DeleteMediaRequest, Media, MediaNotFound, UploadRequest
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.kernel.ids import new_id


class Pictures:
    """Media that keeps whatever it is given, by whom."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}

    async def upload(self, request: UploadRequest) -> Media:
        media_id = new_id()
        self.owners[media_id] = caller().user_id
        digest = request.file.hex().ljust(32, "0")[:32]
        return Media(id=media_id, url=f"/api/v1/media/files/{digest}-960.webp")

    async def delete_media(self, request: DeleteMediaRequest) -> Empty:
        if self.owners.get(request.media_id) != caller().user_id:
            raise MediaNotFound()
        del self.owners[request.media_id]
        return Empty()
