"""Pictures of products: kept by media, in the name of whoever uploads them."""

from __future__ import annotations

from contextlib import suppress

from souk.contracts.catalog import AddProductMediaRequest, Image
from souk.contracts.media import (
    DeleteMediaRequest,
    MediaNotFound,
    MediaServiceClient,
    UploadRequest,
)


class Darkroom:
    def __init__(self, media: MediaServiceClient) -> None:
        self._media = media

    async def develop(self, request: AddProductMediaRequest) -> Image:
        """Raises what media refuses."""
        kept = await self._media.upload(
            UploadRequest(
                file=request.file,
                file_name=request.file_name,
                content_type=request.content_type,
            )
        )
        return Image(url=kept.url, alt=request.alt, media_id=kept.id)

    async def discard(self, media_id: str) -> None:
        """A colleague's picture stays theirs; it only no longer hangs here."""
        with suppress(MediaNotFound):
            await self._media.delete_media(DeleteMediaRequest(media_id=media_id))
