"""Files that nobody has used for a day are removed."""

from __future__ import annotations

from souk.kernel.database import Database
from souk.services.media import store
from souk.services.media.queries import file_name
from souk.services.media.shelf import Shelf

UNUSED_HOURS = 24  # longer than any upload takes, and than anybody keeps a page open
AT_ONCE = 100


async def sweep_files(database: Database, shelf: Shelf, *, hours: int = UNUSED_HOURS) -> None:
    """Marked, removed, forgotten: a crash between them is finished by the next sweep."""
    while True:
        found = await database.transact(store.take_to_sweep, hours=hours, limit=AT_ONCE)
        for content in found:
            await shelf.remove(file_name(content.digest, width) for width in content.widths)
        await database.transact(store.forget_contents, [content.digest for content in found])
        if len(found) < AT_ONCE:
            return
