"""Something happened that somebody is to be told: written down now, told by the post room."""

from __future__ import annotations

from collections.abc import Callable

from souk.kernel.database import Transaction
from souk.services.notifications import store
from souk.services.notifications.model import Announcement


async def announce(tx: Transaction, news: Announcement, wake: Callable[[], None]) -> None:
    """The same news again changes nothing, under whatever message id it comes."""
    if await store.add_delivery(tx, news):
        tx.on_commit(wake)
