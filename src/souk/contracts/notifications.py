"""Notifications: what people are told, and whether it reached them.

Generated from souk/notifications/v1/notifications.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.kernel.contract import Access, Empty, Http, Int32, Method, Rate
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class NotificationKind(StrEnum):
    WELCOME = "welcome"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_SHIPPED = "order_shipped"
    ORDER_DELIVERED = "order_delivered"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_REFUNDED = "order_refunded"
    # A code or a link to sign in with; it is sent and stands in no inbox.
    CODE = "code"


class Notification(Struct, frozen=True, kw_only=True):
    id: str = ""
    kind: NotificationKind | None = None
    title: str = ""
    order_id: str = ""
    is_read: bool = False
    created_at: Instant | None = None


class ListNotificationsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    unread_only: bool = False


class NotificationPage(Struct, frozen=True, kw_only=True):
    items: tuple[Notification, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    unread: Int32 = 0


class MarkReadRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    notification_id: Uuid


class MarkAllReadRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class NotificationNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such notification in your inbox."


class NotificationService(ABC):
    """The inbox of everybody, and mails."""

    NAME: ClassVar[str] = "souk.notifications.v1.NotificationService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def list_notifications(self, request: ListNotificationsRequest) -> NotificationPage:
        """What the caller was told, newest first."""

    @abstractmethod
    async def mark_read(self, request: MarkReadRequest) -> Empty: ...

    @abstractmethod
    async def mark_all_read(self, request: MarkAllReadRequest) -> Empty: ...

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class NotificationServiceClient(NotificationService):
    """Calls NotificationService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list_notifications(self, request: ListNotificationsRequest) -> NotificationPage:
        answer: NotificationPage = await self._transport.call(LIST_NOTIFICATIONS, request)
        return answer

    async def mark_read(self, request: MarkReadRequest) -> Empty:
        answer: Empty = await self._transport.call(MARK_READ, request)
        return answer

    async def mark_all_read(self, request: MarkAllReadRequest) -> Empty:
        answer: Empty = await self._transport.call(MARK_ALL_READ, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


LIST_NOTIFICATIONS = Method(
    service="souk.notifications.v1.NotificationService",
    name="ListNotifications",
    python="list_notifications",
    request=ListNotificationsRequest,
    response=NotificationPage,
    http=(Http("GET", "/api/v1/notifications"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="What the caller was told, newest first.",
)
MARK_READ = Method(
    service="souk.notifications.v1.NotificationService",
    name="MarkRead",
    python="mark_read",
    request=MarkReadRequest,
    response=Empty,
    http=(Http("PUT", "/api/v1/notifications/{notification_id}/read", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(NotificationNotFound,),
    rate=Rate.WRITE,
)
MARK_ALL_READ = Method(
    service="souk.notifications.v1.NotificationService",
    name="MarkAllRead",
    python="mark_all_read",
    request=MarkAllReadRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/notifications/mark-all-read", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.WRITE,
)
EXPORT_PERSON = Method(
    service="souk.notifications.v1.NotificationService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.notifications.v1.NotificationService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

NotificationService.METHODS = (
    LIST_NOTIFICATIONS,
    MARK_READ,
    MARK_ALL_READ,
    EXPORT_PERSON,
    ERASE_PERSON,
)
