"""Notifications, as the gateway sees them."""

from __future__ import annotations

from souk.contracts.notifications import (
    ListNotificationsRequest,
    MarkAllReadRequest,
    MarkReadRequest,
    NotificationPage,
    NotificationService,
)
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.services.notifications import queries, store


class NotificationsRpc(NotificationService):
    """Everybody's own inbox: whose it is comes from the caller alone."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def list_notifications(self, request: ListNotificationsRequest) -> NotificationPage:
        return await queries.list_notifications(self.database, request, user_id=caller().user_id)

    async def mark_read(self, request: MarkReadRequest) -> Empty:
        await self.database.transact(
            store.read_one, request.notification_id, user_id=caller().user_id
        )
        return Empty()

    async def mark_all_read(self, request: MarkAllReadRequest) -> Empty:
        await self.database.transact(store.read_all, user_id=caller().user_id)
        return Empty()
