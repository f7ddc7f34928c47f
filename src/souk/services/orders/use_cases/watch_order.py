"""Somebody looks on while an order goes its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import msgspec
from msgspec import Struct

from souk.contracts.orders import OrderUpdate
from souk.kernel.database import Database
from souk.kernel.events.live import Live
from souk.services.orders import queries

SUBJECT = "souk.orders.*"


class Told(Struct, frozen=True):
    """As much of an order's event as a watcher needs."""

    order_id: str = ""
    at: datetime | None = None


async def watch_order(database: Database, live: Live, order_id: str) -> AsyncIterator[OrderUpdate]:
    """How it stands, then each change; until the watcher goes."""
    # Listening begins before the order is read, so that no change falls between the two.
    async with live.watch(SUBJECT) as messages:
        order = await queries.get_order(database, order_id)
        latest = order.timeline[-1]
        yield OrderUpdate(event=latest.event, order_id=order_id, status=order.status, at=latest.at)
        told = {(entry.event, entry.at) for entry in order.timeline}
        async for message in messages:
            change = msgspec.json.decode(message.payload, type=Told)
            event = message.subject.rpartition(".")[2]
            if change.order_id != order_id or (event, change.at) in told:
                continue
            told.add((event, change.at))
            status = await queries.get_status(database, order_id)
            yield OrderUpdate(event=event, order_id=order_id, status=status, at=change.at)
