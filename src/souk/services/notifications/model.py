"""A mail on its way: when it is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from souk.contracts.notifications import NotificationKind
from souk.kernel.money import Money

TRIED_FOR = timedelta(hours=24)
RETRY_SECONDS_FIRST, RETRY_SECONDS_MOST = 5, 900
# One attempt with all that it asks for stays well below; a process that died in one is succeeded.
LEASE = timedelta(minutes=5)
ABOUT_NO_ORDER = frozenset({NotificationKind.WELCOME, NotificationKind.CODE})
SENDS_IN_DOUBT_MAX = 2  # a mail that may have come twice is not sent a third time


class Announcement(Struct, frozen=True, kw_only=True):
    """Something happened that somebody is to be told, once."""

    kind: NotificationKind
    subject_id: str  # of the user who is welcomed, of the code that is sent, else of the order
    occasion: str = ""
    amount: Money | None = None
    happened_at: datetime


class Delivery(Announcement, frozen=True, kw_only=True):
    """The mail about it, as one attempt finds it."""

    id: str
    attempts: int  # with this one
    sends_in_doubt: int
    reason: str
    is_late: bool

    @property
    def order_id(self) -> str:
        return "" if self.kind in ABOUT_NO_ORDER else self.subject_id

    @property
    def why_to_give_up(self) -> str:
        """Empty while it is worth another attempt."""
        if self.sends_in_doubt >= SENDS_IN_DOUBT_MAX:
            return "it may have arrived twice: no answer came back, twice"
        if self.is_late:
            return f"it could not be sent for a day; at last: {self.reason or 'no reason known'}"
        return ""
