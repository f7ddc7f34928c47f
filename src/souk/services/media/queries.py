"""Pictures, as they are asked for."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from souk.contracts.media import Media, MediaNotFound, Rendition
from souk.kernel.database import Queries

FILES = "/api/v1/media/files"
GET = """
select id, digest, width, height, widths, heights, created_at
from media join contents using (digest) where id = $1
"""


class StoredMedia(Struct, frozen=True, kw_only=True):
    """A picture as it is kept."""

    id: str
    digest: str
    width: int
    height: int
    widths: tuple[int, ...]
    heights: tuple[int, ...]
    created_at: datetime

    def view(self) -> Media:
        renditions = tuple(
            Rendition(width=width, height=height, url=f"{FILES}/{file_name(self.digest, width)}")
            for width, height in zip(self.widths, self.heights, strict=True)
        )
        return Media(
            id=self.id,
            url=renditions[-1].url,
            width=self.width,
            height=self.height,
            renditions=renditions,
            created_at=self.created_at,
        )


def file_name(digest: str, width: int) -> str:
    return f"{digest}-{width:02}.webp"


async def get_media(db: Queries, media_id: str) -> StoredMedia:
    found = await db.fetchrow_as(StoredMedia, GET, media_id)
    if found is None:
        raise MediaNotFound()
    return found
