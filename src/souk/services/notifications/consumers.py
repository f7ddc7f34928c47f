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
from souk.kernel.events.consumers import on
from souk.kernel.events.effects import Effect
from souk.services.notifications.model import Announcement
from souk.services.notifications.use_cases.announce import announced

Wake = Callable[[], None]


@on(UserRegistered)
def user_is_welcome(event: UserRegistered, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.WELCOME,
        subject_id=event.user_id,
        happened_at=event.registered_at or clock.now(),
    )
    return announced(news, wake)


@on(CodeRequested)
def code_is_wanted(event: CodeRequested, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.CODE, subject_id=event.code_id, happened_at=clock.now()
    )
    return announced(news, wake)


@on(OrderConfirmed)
def order_is_confirmed(event: OrderConfirmed, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.ORDER_CONFIRMED,
        subject_id=event.order_id,
        happened_at=event.at or clock.now(),
    )
    return announced(news, wake)


@on(OrderShipped)
def order_is_on_its_way(event: OrderShipped, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.ORDER_SHIPPED,
        subject_id=event.order_id,
        occasion=event.tracking_number,  # an order may leave in several parcels
        happened_at=event.at or clock.now(),
    )
    return announced(news, wake)


@on(OrderDelivered)
def order_has_arrived(event: OrderDelivered, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.ORDER_DELIVERED,
        subject_id=event.order_id,
        happened_at=event.at or clock.now(),
    )
    return announced(news, wake)


@on(OrderCancelled)
def order_is_cancelled(event: OrderCancelled, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.ORDER_CANCELLED,
        subject_id=event.order_id,
        happened_at=event.at or clock.now(),
    )
    return announced(news, wake)


@on(OrderRefunded)
def order_is_refunded(event: OrderRefunded, clock: Clock, wake: Wake) -> Effect:
    news = Announcement(
        kind=NotificationKind.ORDER_REFUNDED,
        subject_id=event.order_id,
        occasion=event.refund_id,  # an order may be refunded in parts
        amount=event.amount,
        happened_at=event.at or clock.now(),
    )
    return announced(news, wake)
