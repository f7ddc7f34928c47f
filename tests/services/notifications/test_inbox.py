"""The inbox: everybody's own."""

from __future__ import annotations

from datetime import timedelta

import pytest

from souk.contracts.notifications import (
    ListNotificationsRequest,
    MarkAllReadRequest,
    MarkReadRequest,
    NotificationKind,
    NotificationNotFound,
    NotificationServiceClient,
)
from souk.contracts.orders import OrderConfirmed, OrderDelivered
from souk.contracts.users import UserRegistered
from souk.kernel.ids import new_id
from souk.kernel.refusals import SignInRequired
from tests.services.notifications.neighbours import ADA, BOB, NOON, Office, facts, money
from tests.services.notifications.smtp_server import SmtpServer
from tests.support.people import as_, customer


def client(office: Office) -> NotificationServiceClient:
    return office.host.client(NotificationServiceClient)


async def told(office: Office) -> str:
    """Ada has two notifications, Bob has one; the order's id."""
    order_id = office.neighbours.has(facts())
    await office.host.deliver(UserRegistered(user_id=ADA, registered_at=NOON))
    await office.host.deliver(UserRegistered(user_id=BOB, registered_at=NOON))
    at = NOON + timedelta(minutes=5)
    await office.host.deliver(OrderConfirmed(order_id=order_id, total=money(11453), at=at))
    await office.turn()
    return order_id


async def test_the_inbox_lists_what_somebody_was_told_newest_first(office: Office):
    order_id = await told(office)

    with as_(customer(ADA)):
        page = await client(office).list_notifications(ListNotificationsRequest())

    newest, oldest = page.items
    assert newest.kind is NotificationKind.ORDER_CONFIRMED
    assert newest.title == "Order S-260314-K7QX is confirmed"
    assert newest.order_id == order_id
    assert newest.created_at == NOON + timedelta(minutes=5)
    assert (oldest.kind, oldest.order_id) == (NotificationKind.WELCOME, "")
    assert (page.page, page.page_size, page.unread) == (1, 20, 2)


async def test_pages_follow_one_another(office: Office):
    await told(office)

    with as_(customer(ADA)):
        pages = [
            await client(office).list_notifications(
                ListNotificationsRequest(page=number, page_size=1)
            )
            for number in (1, 2, 3)
        ]

    assert [[one.kind for one in page.items] for page in pages] == [
        [NotificationKind.ORDER_CONFIRMED],
        [NotificationKind.WELCOME],
        [],
    ]


async def test_what_is_read_leaves_the_unread(office: Office):
    await told(office)
    with as_(customer(ADA)):
        first = (await client(office).list_notifications(ListNotificationsRequest())).items[0]
        await client(office).mark_read(MarkReadRequest(notification_id=first.id))
        await client(office).mark_read(MarkReadRequest(notification_id=first.id))
        unread = await client(office).list_notifications(ListNotificationsRequest(unread_only=True))
        both = await client(office).list_notifications(ListNotificationsRequest())

    assert [one.kind for one in unread.items] == [NotificationKind.WELCOME]
    assert unread.unread == 1
    assert [one.is_read for one in both.items] == [True, False]


async def test_nobody_reads_or_marks_the_inbox_of_another(office: Office):
    await told(office)
    with as_(customer(ADA)):
        own = (await client(office).list_notifications(ListNotificationsRequest())).items[0]

    with as_(customer(BOB)):
        page = await client(office).list_notifications(ListNotificationsRequest())
        assert own.id not in {one.id for one in page.items}
        with pytest.raises(NotificationNotFound):
            await client(office).mark_read(MarkReadRequest(notification_id=own.id))
        await client(office).mark_all_read(MarkAllReadRequest())

    with as_(customer(ADA)):
        assert (await client(office).list_notifications(ListNotificationsRequest())).unread == 2
    with pytest.raises(SignInRequired):
        await client(office).list_notifications(ListNotificationsRequest())


async def test_a_notification_that_does_not_exist_is_not_found(office: Office):
    with as_(customer(ADA)), pytest.raises(NotificationNotFound):
        await client(office).mark_read(MarkReadRequest(notification_id=new_id()))


async def test_all_can_be_marked_at_once(office: Office):
    await told(office)
    with as_(customer(ADA)):
        await client(office).mark_all_read(MarkAllReadRequest())
        page = await client(office).list_notifications(ListNotificationsRequest())

    assert page.unread == 0
    assert all(one.is_read for one in page.items)


async def test_guests_get_the_mail_alone(office: Office):
    order_id = office.neighbours.has(facts(buyer_id="", email="guest@example.com"))
    await office.host.deliver(OrderDelivered(order_id=order_id, at=NOON))
    await office.turn()

    assert len(office.files) == 1
    assert await office.host.database.fetchval("select count(*) from notifications") == 0


async def test_the_inbox_does_not_wait_for_the_mail_server(post: tuple[Office, SmtpServer]):
    office, server = post
    server.replies["MAIL"] = "451 later"
    await office.host.deliver(UserRegistered(user_id=ADA, registered_at=NOON))
    await office.turn()
    await office.turn()

    with as_(customer(ADA)):
        page = await client(office).list_notifications(ListNotificationsRequest())
    assert [one.kind for one in page.items] == [NotificationKind.WELCOME]
    assert server.mails == []


async def test_no_table_and_no_event_holds_a_name_or_an_address(office: Office):
    await told(office)

    for table in ("deliveries", "notifications", "outbox", "inbox"):
        rows = await office.host.database.fetchval(f"select jsonb_agg(one)::text from {table} one")
        for personal in ("Ada", "Lovelace", "@", "London"):
            assert personal not in (rows or ""), table
