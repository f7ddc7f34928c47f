"""Pictures as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from souk.kernel.database import Transaction
from souk.services.media.pictures import Picture

# Whoever is about to use content is seen by the sweeper, which waits a day.
CLAIM = """
insert into contents (digest, widths, heights) values ($1, $2, $3)
on conflict (digest) do update
    set unused_since = case when contents.unused_since is null then null else now() end
    where not contents.is_swept
returning true
"""
ADD = """
with used as (
    update contents set unused_since = null where digest = $3 and not is_swept returning digest
)
insert into media (id, owner_id, digest, width, height, created_at)
select $1, $2, digest, $4, $5, $6 from used
returning true
"""
COUNT = "select count(*) from media where owner_id = $1"
DELETE = """
delete from media where id = $1 and ($2::uuid is null or owner_id = $2) returning digest
"""
# The content's row first: of two who take the last two away, the second sees that none is left.
LOCK = "select 1 from contents where digest = $1 for update"
LEAVE = """
update contents set unused_since = now()
where digest = $1 and not exists (select from media where media.digest = contents.digest)
"""
SWEEP = """
update contents set is_swept = true
where digest in (select digest from contents
                 where unused_since <= now() - make_interval(hours => $1)
                 order by unused_since limit $2 for update skip locked)
returning digest, widths
"""
FORGET = "delete from contents where digest = any($1::text[]) and is_swept"


class Content(Struct, frozen=True):
    """Files that nobody uses."""

    digest: str
    widths: tuple[int, ...]


async def claim_content(tx: Transaction, picture: Picture) -> bool:
    """False while its files are just being swept."""
    widths = [file.width for file in picture.renditions]
    heights = [file.height for file in picture.renditions]
    return bool(await tx.fetchval(CLAIM, picture.digest, widths, heights))


async def count_pictures(tx: Transaction, owner_id: str) -> int:
    count: int = await tx.fetchval(COUNT, owner_id)
    return count


async def add_picture(
    tx: Transaction, media_id: str, picture: Picture, *, owner_id: str, now: datetime
) -> bool:
    """False when the files were swept meanwhile."""
    size = picture.width, picture.height
    return bool(await tx.fetchval(ADD, media_id, owner_id, picture.digest, *size, now))


async def delete_picture(tx: Transaction, media_id: str, *, owner_id: str | None) -> str | None:
    """Its content, or None when there is no such picture; without an owner it is whoever's."""
    digest: str | None = await tx.fetchval(DELETE, media_id, owner_id)
    return digest


async def leave_content(tx: Transaction, digest: str) -> None:
    """Its files are swept later, unless somebody else has the same picture."""
    await tx.execute(LOCK, digest)
    await tx.execute(LEAVE, digest)


async def take_to_sweep(tx: Transaction, *, hours: int, limit: int) -> list[Content]:
    """From now on nobody begins to use these; those left over from a crash come again."""
    return await tx.fetch_as(Content, SWEEP, hours, limit)


async def forget_contents(tx: Transaction, digests: list[str]) -> None:
    await tx.execute(FORGET, digests)
