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
from souk.kernel.personal_data import PersonalDataRpc
from souk.services.notifications import queries, store
from souk.services.notifications.mailers import Mailer
from souk.services.notifications.personal_store import HOLDINGS, list_mails


class NotificationsRpc(PersonalDataRpc, NotificationService):
    """Everybody's own inbox: whose it is comes from the caller alone."""

    HOLDINGS = HOLDINGS

    def __init__(self, database: Database, *mailers: Mailer) -> None:
        self.database, self.mailers = database, mailers

    async def forget_files(self, person_id: str) -> None:
        mail_ids = await list_mails(self.database, person_id)
        for mailer in self.mailers:
            await mailer.forget(mail_ids)

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
