"""The conveyor between services: whatever it loses is sent again from an outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

AGGREGATE = "souk-aggregate"  # header: messages of one aggregate are handled one after another
AFTER = "souk-after"  # header: the message of this kind that its aggregate sent before
PLACE = "souk-place"  # header: a number that grows with each event of an aggregate
TRACE = "trace_id"  # header: the trace id of the request that caused the event
PAYLOAD_BYTES_MAX = 900_000  # brokers take 1 MB with headers; what is larger would block the rest


class Message(Struct, frozen=True):
    """An event on its way. `id` is the event's own: the same one when it is sent again."""

    id: str
    subject: str
    payload: bytes  # JSON
    headers: Mapping[str, str] = {}


def flaw(message: Message) -> str:
    """Why no broker would ever take a message; empty when it would."""
    if len(message.payload) > PAYLOAD_BYTES_MAX:
        return f"its {len(message.payload)} bytes are more than {PAYLOAD_BYTES_MAX}"
    if not message.subject.startswith("souk.") or not message.subject.isprintable():
        return f"{message.subject!r} is no subject of Souk"
    return ""


class Delivery(Struct, frozen=True):
    """A message handed to a consumer for the `attempt`th time, from 1."""

    message: Message
    attempt: int = 1
    sent_at: datetime | None = None  # when the broker got it
    is_overdue: bool = False  # it has waited long enough for the one before it


Handle = Callable[[Delivery], Awaitable[None]]


class BusUnavailable(Exception):  # noqa: N818 - reads as what is the case, as refusals do
    """The broker did not confirm in time. What was sent may have arrived or not."""


class NotYet(Exception):  # noqa: N818 - as above
    """The message before this one has not been handled: this one waits, and is no failure."""


class UnsafeBroker(Exception):  # noqa: N818 - as above
    """The broker is set up so that it can lose what it acknowledged; the message says how."""


class Listening(Protocol):
    """Messages as they come, until it is closed."""

    def __aiter__(self) -> AsyncIterator[Message]: ...

    async def aclose(self) -> None: ...


class Bus(Protocol):
    """What Souk asks of a broker."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Returns when the broker has all of them on disk; raises BusUnavailable."""
        ...

    async def consume(self, consumer: str, subjects: Sequence[str], handle: Handle) -> None:
        """Hands over every message on `subjects` at least once, until it is cancelled.

        A message is acknowledged when `handle` returns and comes again, later each time, when it
        raises. Processes with the same `consumer` share the messages. Messages of one aggregate
        are handled one at a time within a process. One for which `handle` raises NotYet is kept
        and handed over again soon; what is not of its aggregate goes on meanwhile.
        """
        ...

    async def listen(self, subject: str) -> Listening:
        """What is published from the moment this returns; nothing is kept for the absent.

        `*` in the subject is one word, `>` the rest. A gap while the
        broker was away goes unnoticed.
        """
        ...
