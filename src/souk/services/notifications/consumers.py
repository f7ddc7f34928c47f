"""What people are told: each event leaves one delivery, and the post room hears of it."""

from __future__ import annotations

from collections.abc import Callable

from souk.contracts.notifications import NotificationKind
from souk.contracts.orders import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderRefunded,
    OrderShipped,
)
from souk.contracts.users import CodeRequested, UserRegistered
from souk.kernel.clock import Clock
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.notifications.model import Announcement
from souk.services.notifications.use_cases.announce import announce

Wake = Callable[[], None]


@on(UserRegistered)
async def user_is_welcome(tx: Transaction, event: UserRegistered, clock: Clock, wake: Wake) -> None:
    news = Announcement(
        kind=NotificationKind.WELCOME,
        subject_id=event.user_id,
        happened_at=event.registered_at or clock.now(),
    )
    await announce(tx, news, wake)


@on(CodeRequested)
async def code_is_wanted(tx: Transaction, event: CodeRequested, clock: Clock, wake: Wake) -> None:
    news = Announcement(
        kind=NotificationKind.CODE, subject_id=event.code_id, happened_at=clock.now()
    )
    await announce(tx, news, wake)


@on(OrderConfirmed)
async def order_is_confirmed(
    tx: Transaction, event: OrderConfirmed, clock: Clock, wake: Wake
) -> None:
    news = Announcement(
        kind=NotificationKind.ORDER_CONFIRMED,
        subject_id=event.order_id,
        happened_at=event.at or clock.now(),
    )
    await announce(tx, news, wake)


@on(OrderShipped)
async def order_is_on_its_way(
    tx: Transaction, event: OrderShipped, clock: Clock, wake: Wake
) -> None:
    news = Announcement(
        kind=NotificationKind.ORDER_SHIPPED,
        subject_id=event.order_id,
        occasion=event.tracking_number,  # an order may leave in several parcels
        happened_at=event.at or clock.now(),
    )
    await announce(tx, news, wake)


@on(OrderDelivered)
async def order_has_arrived(
    tx: Transaction, event: OrderDelivered, clock: Clock, wake: Wake
) -> None:
    news = Announcement(
        kind=NotificationKind.ORDER_DELIVERED,
        subject_id=event.order_id,
        happened_at=event.at or clock.now(),
    )
    await announce(tx, news, wake)


@on(OrderCancelled)
async def order_is_cancelled(
    tx: Transaction, event: OrderCancelled, clock: Clock, wake: Wake
) -> None:
    news = Announcement(
        kind=NotificationKind.ORDER_CANCELLED,
        subject_id=event.order_id,
        happened_at=event.at or clock.now(),
    )
    await announce(tx, news, wake)


@on(OrderRefunded)
async def order_is_refunded(
    tx: Transaction, event: OrderRefunded, clock: Clock, wake: Wake
) -> None:
    news = Announcement(
        kind=NotificationKind.ORDER_REFUNDED,
        subject_id=event.order_id,
        occasion=event.refund_id,  # an order may be refunded in parts
        amount=event.amount,
        happened_at=event.at or clock.now(),
    )
    await announce(tx, news, wake)
