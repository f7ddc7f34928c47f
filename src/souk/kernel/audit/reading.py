"""The record as it is asked for."""

from __future__ import annotations

from souk.kernel.audit.chain import ENTRY
from souk.kernel.audit.entries import Entry
from souk.kernel.statements import Queries

# Column names are the only thing put into these texts. Ids ascend with time.
LATEST = f"select {ENTRY} from audit order by id desc limit $1"  # noqa: S608
ABOUT = f"""
(select {ENTRY} from audit where owner_id = $2 and owner_id <> '' order by id desc limit $1)
union
(select {ENTRY} from audit where actor_id = $2 and actor_id <> '' order by id desc limit $1)
order by id desc limit $1
"""  # noqa: S608


async def list_entries(db: Queries, person: str = "", *, limit: int) -> list[Entry]:
    """The latest first; of one person: what they did, and what was done to what is theirs."""
    if person:
        return await db.fetch_as(Entry, ABOUT, limit, person)
    return await db.fetch_as(Entry, LATEST, limit)
