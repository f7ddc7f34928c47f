"""Events over NATS JetStream: on disk when acknowledged, at least once to every consumer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from souk.kernel.events.bus import Bus, BusUnavailable, Handle, Listening, Message
from souk.kernel.events.nats_link import DRAIN_SECONDS_MAX, FAILURES, MESSAGE_ID, Link, Session
from souk.kernel.events.nats_pull import Pull, was_cancelled
from souk.kernel.events.nats_stream import USUAL, Limits, check_sync, ensure_stream
from souk.kernel.telemetry import logger

PUBLISH_SECONDS_MAX = 5
LISTENER_MESSAGES_MAX = 10_000

log = logger(__name__)


class NatsBus(Bus):
    """The bus of a process, over one connection that comes back whenever it is lost."""

    def __init__(self, url: str, *, limits: Limits = USUAL) -> None:
        self._limits = limits
        self._link = Link(url, self._prepare)

    @classmethod
    async def connect(
        cls,
        url: str,
        *,
        monitor: str | None = "",
        seconds_max: float = 5,
        limits: Limits = USUAL,
    ) -> NatsBus:
        """Connects, creates the stream and checks that the broker keeps what it acknowledges.

        Raises UnsafeBroker. A broker that is away is waited for in the background: the outboxes
        keep what there is to say. `monitor` is host:port of the server's monitoring (by default
        port 8222 of its host); None for a server of our own, whose settings we wrote.
        """
        bus = cls(url, limits=limits)
        if monitor is not None:
            await check_sync(monitor or f"{urlsplit(url.partition(',')[0]).hostname}:8222")
        await bus._link.open(seconds_max=seconds_max)
        return bus

    @property
    def is_up(self) -> bool:
        return self._link.is_up

    async def close(self) -> None:
        await self._link.close()

    async def publish(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        session = await self._link.session(seconds_max=PUBLISH_SECONDS_MAX)
        try:
            await session.publish(messages, seconds_max=PUBLISH_SECONDS_MAX)
        except BusUnavailable:
            await self._mend(session)
            raise

    async def consume(self, consumer: str, subjects: Sequence[str], handle: Handle) -> None:
        name = re.sub(r"[.*>\s/\\]", "_", consumer)
        while not was_cancelled():
            session = await self._link.session()
            try:
                await ensure_stream(session.client, self._limits)
                await Pull(session, name, handle, limits=self._limits).run(subjects)
            except FAILURES as error:
                if not session.lost.is_set():
                    log.warning("consumer_interrupted", consumer=consumer, reason=str(error))
            # A consumer that the broker refuses must not keep it busy.
            await asyncio.sleep(0.2)
        raise asyncio.CancelledError

    async def listen(self, subject: str) -> Listening:
        listener = Listener(self._link, subject)
        await listener.begin()
        return listener

    async def _prepare(self, client: Client) -> None:
        await ensure_stream(client, self._limits)

    async def _mend(self, session: Session) -> None:
        """Somebody may have deleted the stream under a connection that still stands."""
        try:
            if not session.lost.is_set():
                await ensure_stream(session.client, self._limits)
        except FAILURES as error:
            log.warning("stream_missing", reason=str(error))


class Listener(AsyncIterator[Message]):
    """What is published on a subject, over one session after the other, until it is closed."""

    def __init__(self, link: Link, subject: str) -> None:
        self._link = link
        self._subject = subject
        self._heard: asyncio.Queue[Message | None] = asyncio.Queue(LISTENER_MESSAGES_MAX)
        self._following: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Returns when the broker has heard of it; raises BusUnavailable."""
        session = await self._link.session(seconds_max=PUBLISH_SECONDS_MAX)
        try:
            subscription = await session.subscribe(self._subject, self._hear)
            await session.client.flush(PUBLISH_SECONDS_MAX)
        except FAILURES as error:
            raise BusUnavailable(str(error)) from error
        self._following = asyncio.create_task(self._follow(session, subscription), name="listener")

    async def __anext__(self) -> Message:
        message = await self._heard.get()
        if message is None:
            raise StopAsyncIteration
        return message

    async def aclose(self) -> None:
        while self._following and not self._following.done():
            self._following.cancel()  # not once, see Link.close
            await asyncio.wait([self._following], timeout=2 * DRAIN_SECONDS_MAX)
        while not self._heard.empty():
            self._heard.get_nowait()
        self._heard.put_nowait(None)

    async def _hear(self, msg: Msg) -> None:
        headers = dict(msg.headers or {})
        message = Message(headers.pop(MESSAGE_ID, ""), msg.subject, msg.data, headers)
        try:
            self._heard.put_nowait(message)
        except asyncio.QueueFull:
            log.warning("listener_slow", subject=self._subject)

    async def _follow(self, session: Session, subscription: Subscription) -> None:
        try:
            while not was_cancelled():
                await session.lost.wait()
                session = await self._link.session()
                with suppress(*FAILURES):  # the next session will do
                    subscription = await session.subscribe(self._subject, self._hear)
        finally:
            await session.drain(subscription)
