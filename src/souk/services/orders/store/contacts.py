"""What a checkout keeps of whom it is for, opened, added to and sealed again."""

from __future__ import annotations

import msgspec
from msgspec import structs

from souk.kernel.database import Transaction
from souk.kernel.personal_data import key_of
from souk.services.orders.personal_store import Contact
from souk.services.orders.rows import CONTACT

LOCK = f"select {CONTACT} from checkouts where id = $1 for update"  # noqa: S608 - column names
SAVE = "update checkouts set sealed = $2 where id = $1"
# Those that were told before there was a place for them.
OLD_NOTES = """
select entry.id, order_id, checkout_id, note
from order_events as entry join orders on orders.id = order_id
where note <> '' and event = 'cancelled' order by entry.id limit $1
"""
EMPTY_NOTES = "update order_events set note = '' where id = any($1::bigint[])"


async def note_reason(tx: Transaction, checkout_id: str, order_id: str, reason: str) -> None:
    """Nothing is kept where whoever bought has been erased."""
    row = await tx.fetchrow(LOCK, checkout_id)
    if row is None or row["sealed"] is None:
        return
    contact = msgspec.json.decode(tx.personal.open(row["sealed"], row["_key"]), type=Contact)
    noted = structs.replace(contact, reasons=contact.reasons | {order_id: reason})
    sealed = tx.personal.seal(await key_of(tx, checkout_id), noted)
    await tx.execute(SAVE, checkout_id, sealed)


async def move_notes(tx: Transaction, *, limit: int) -> int:
    """From the timeline, where they lay open, into the contacts; how many it was."""
    rows = await tx.fetch(OLD_NOTES, limit)
    for row in rows:
        await note_reason(tx, row["checkout_id"], row["order_id"], row["note"])
    await tx.execute(EMPTY_NOTES, [row["id"] for row in rows])
    return len(rows)
