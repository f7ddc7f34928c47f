"""The inbox, as it is read."""

from __future__ import annotations

from souk.contracts.notifications import (
    ListNotificationsRequest,
    Notification,
    NotificationPage,
)
from souk.kernel.database import Queries

ALL = """
select id, kind, title, order_id, is_read, created_at from notifications
where user_id = $1 order by created_at desc, id desc limit $2 offset $3
"""
UNREAD = """
select id, kind, title, order_id, is_read, created_at from notifications
where user_id = $1 and not is_read order by created_at desc, id desc limit $2 offset $3
"""
COUNT_UNREAD = "select count(*)::int from notifications where user_id = $1 and not is_read"


async def list_notifications(
    db: Queries, request: ListNotificationsRequest, *, user_id: str
) -> NotificationPage:
    page, size = request.page or 1, request.page_size or 20
    sql = UNREAD if request.unread_only else ALL
    items = await db.fetch_as(Notification, sql, user_id, size, (page - 1) * size)
    return NotificationPage(
        items=tuple(items),
        page=page,
        page_size=size,
        unread=await db.fetchval(COUNT_UNREAD, user_id),
    )
