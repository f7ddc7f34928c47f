"""Guests are forgotten when nobody needs to reach them any more."""

from __future__ import annotations

from datetime import timedelta

from souk.contracts.users import ErasureMustWait, ForgetGuestsRequest, UserServiceClient
from souk.kernel.clock import Clock
from souk.kernel.database import Database
from souk.services.orders.store.guests import list_over


async def forget_guests(
    database: Database, users: UserServiceClient, clock: Clock, *, days: int
) -> None:
    """Erased as if they had asked, so that a restored backup knows of it. What is under way
    elsewhere (a refund) is looked at again the next time."""
    before, last = clock.now() - timedelta(days=days), None
    while rows := await list_over(database, before=before, after=last):
        for row in rows:
            try:
                await users.forget_guests(ForgetGuestsRequest(checkout_ids=(row["id"],)))
            except ErasureMustWait:
                continue
        last = rows[-1]
