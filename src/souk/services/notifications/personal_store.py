"""What notifications hold of people: their inbox, and mails where a folder stands for a server."""

from __future__ import annotations

from souk.kernel.database import Queries
from souk.kernel.personal_data import Holding

MAILS = """
select id from notifications where user_id = $1
union select id from deliveries where person_id = $1 limit 100000
"""
HOLDINGS = (
    Holding(
        part="notifications",
        export="select id, kind, title, order_id, is_read, created_at from notifications"
        " where user_id = $1 order by created_at, id",
        erase="delete from notifications where user_id = $1",
    ),
    Holding(
        part="mails",  # codes, and whatever guests are told
        export="select id, status, created_at, sent_at from deliveries where person_id = $1"
        " order by created_at, id",
        erase="update deliveries set person_id = null where person_id = $1",
    ),
)


async def list_mails(db: Queries, person_id: str) -> list[str]:
    """The names of what was written to somebody."""
    return [row["id"] for row in await db.fetch(MAILS, person_id)]
