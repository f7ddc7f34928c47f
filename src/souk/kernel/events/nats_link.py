"""The line to the broker: one connection after another, for as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec
import nats.errors
from msgspec import Struct
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from souk.kernel.clock import monotonic
from souk.kernel.events.bus import BusUnavailable, Message, UnsafeBroker
from souk.kernel.telemetry import logger

MESSAGE_ID = "Nats-Msg-Id"  # what the broker recognises a message by that is sent again
PENDING_BYTES_MAX = 64 << 20
CONNECT_SECONDS_MAX = 2
DRAIN_SECONDS_MAX = 2
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
FAILURES = (OSError, TimeoutError, nats.errors.Error)  # nats.errors.TimeoutError is both

Prepare = Callable[[Client], Awaitable[None]]
log = logger(__name__)


class Answer(Struct, frozen=True):
    """What the broker says to a published message: an error, or where it is."""

    error: dict[str, object] | None = None


class Session:
    """One connection, from its beginning to its loss. It is never mended: a new one follows.

    The library's own reconnecting is not used: it gives up after errors it does not know, and
    sends what was waiting in its buffer to a broker that may have forgotten the stream.
    """

    def __init__(self) -> None:
        self.client = Client()
        self.lost = asyncio.Event()
        self._on_loss: set[asyncio.Event] = set()
        self._inbox = ""
        self._answers: dict[str, asyncio.Future[Msg | None]] = {}
        self._sent = 0

    async def open(self, url: str, prepare: Prepare) -> None:
        """Raises one of FAILURES or UnsafeBroker, after which the session is closed."""
        try:
            await self.client.connect(
                url.split(","),
                name="souk",
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_SECONDS_MAX,
                # A half-open connection is noticed within three pings.
                ping_interval=5,
                # Above this the library waits for the socket and swallows a cancel meanwhile.
                pending_size=PENDING_BYTES_MAX,
                error_cb=_told,
                closed_cb=self._closed,
            )
            self._inbox = self.client.new_inbox()
            await self.client.subscribe(f"{self._inbox}.*", cb=self._answered)
            await prepare(self.client)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Closes the connection, of which nothing may be left."""
        with suppress(*FAILURES):
            await self.client.close()
        # After an error the library leaves its socket open.
        if self.client._transport:
            self.client._transport.close()  # type: ignore[no-untyped-call]
        await self._closed()

    @property
    def is_lost(self) -> bool:
        return self.lost.is_set() or bool(self.client.is_closed)

    async def until_lost(self, *, seconds_max: float) -> bool:
        """Whether it was lost in that time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds_max):
                await self.lost.wait()
        if self.client.is_closed:
            # The library forgets to tell when its last write fails as well.
            await self._closed()
        return self.lost.is_set()

    def wakes_on_loss(self, event: asyncio.Event) -> None:
        """Sets `event` when the connection is lost."""
        self._on_loss.add(event)
        if self.lost.is_set():
            event.set()

    def sleeps_through_loss(self, event: asyncio.Event) -> None:
        self._on_loss.discard(event)

    async def subscribe(
        self, subject: str, handle: Callable[[Msg], Awaitable[None]]
    ) -> Subscription:
        return await self.client.subscribe(subject, cb=handle)

    async def drain(self, subscription: Subscription) -> None:
        """Ends the subscription after what was sent to it has been handled."""
        if not self.lost.is_set():
            with suppress(*FAILURES):
                async with asyncio.timeout(DRAIN_SECONDS_MAX):
                    await subscription.drain()  # type: ignore[no-untyped-call]

    async def publish(self, messages: Sequence[Message], *, seconds_max: float) -> None:
        """Sends all, then waits for all answers; raises BusUnavailable."""
        begin = monotonic()
        answers: list[asyncio.Future[Msg | None]] = []
        try:
            for message in messages:
                answers.append(await self._send(message))
            # Not a timeout around it all: the library may swallow the cancel it consists of.
            left = seconds_max - (monotonic() - begin)
            _, late = await asyncio.wait(answers, timeout=left)
        except FAILURES as error:
            raise BusUnavailable(str(error) or type(error).__name__) from error
        finally:
            for answer in answers:
                answer.cancel()  # does nothing to those that are there
        refused = [reason for answer in answers if (reason := _refusal(answer))]
        if refused or late:
            raise BusUnavailable(refused[0] if refused else f"{len(late)} not confirmed in time")

    async def _send(self, message: Message) -> asyncio.Future[Msg | None]:
        self._sent += 1
        token = str(self._sent)
        answer: asyncio.Future[Msg | None] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda _: self._answers.pop(token, None))
        self._answers[token] = answer
        await self.client.publish(
            message.subject,
            message.payload,
            reply=f"{self._inbox}.{token}",
            headers={**message.headers, MESSAGE_ID: message.id},
        )
        return answer

    async def _answered(self, msg: Msg) -> None:
        answer = self._answers.get(msg.subject.rpartition(".")[2])
        if answer and not answer.done():
            answer.set_result(msg)

    async def _closed(self) -> None:
        self.lost.set()
        for event in self._on_loss:
            event.set()
        for answer in list(self._answers.values()):
            if not answer.done():
                answer.set_result(None)


class Link:
    """Keeps a session open; when it is lost, opens the next, for ever."""

    def __init__(self, url: str, prepare: Prepare) -> None:
        self._url = url
        self._prepare = prepare
        self._session: Session | None = None
        self._up = asyncio.Event()
        self._unsafe: UnsafeBroker | None = None
        self._keeping: asyncio.Task[None] | None = None
        self._is_closing = False

    async def open(self, *, seconds_max: float) -> None:
        """Returns when the broker is there, or after `seconds_max`; raises UnsafeBroker."""
        self._keeping = asyncio.create_task(self._keep_open(), name="broker")
        with suppress(BusUnavailable):
            await self.session(seconds_max=seconds_max)
        if self._unsafe:
            await self.close()
            raise self._unsafe

    async def session(self, *, seconds_max: float | None = None) -> Session:
        """The session that is open, waiting for one; raises BusUnavailable after `seconds_max`."""
        try:
            async with asyncio.timeout(seconds_max):
                await self._until_up()
        except TimeoutError:
            raise BusUnavailable("the broker cannot be reached") from None
        assert self._session is not None
        return self._session

    @property
    def is_up(self) -> bool:
        return self._session is not None and not self._session.is_lost

    async def close(self) -> None:
        self._is_closing = True
        while self._keeping and not self._keeping.done():
            # Not once: before Python 3.12 the library's `wait_for` may swallow a cancel.
            self._keeping.cancel()
            await asyncio.wait([self._keeping], timeout=1)

    async def _until_up(self) -> None:
        while not self.is_up:
            self._up.clear()
            await self._up.wait()
            if self._unsafe:
                raise BusUnavailable(str(self._unsafe))

    async def _keep_open(self) -> None:
        failures = 0
        while not self._is_closing:
            if await self._hold_session(is_first=failures == 0):
                failures = 0
            await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1

    async def _hold_session(self, *, is_first: bool) -> bool:
        """Returns when it is lost; False when there was none to be had."""
        session = Session()
        try:
            await session.open(self._url, self._prepare)
        except UnsafeBroker as error:
            log.error("broker_unsafe", reason=str(error))
            self._unsafe = error
            self._up.set()
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, the next attempt may succeed
            if is_first or not isinstance(error, FAILURES):
                log.warning("broker_away", reason=str(error) or type(error).__name__)
            return False
        log.info("broker_connected")
        self._unsafe, self._session = None, session
        self._up.set()
        try:
            while not self._is_closing and not await session.until_lost(seconds_max=1):
                pass
        finally:
            await session.close()
        log.warning("broker_lost")
        return True


async def _told(error: Exception) -> None:
    """The library tells of every failure twice; Link tells of those of the connection."""
    if not isinstance(error, FAILURES) or isinstance(error, nats.errors.SlowConsumerError):
        log.error("broker_callback_failed", exc_info=error)


def _refusal(answer: asyncio.Future[Msg | None]) -> str:
    """Why the broker did not take a message; empty when it did, or did not answer."""
    if answer.cancelled():
        return ""
    msg = answer.result()
    if msg is None:
        return "the connection was lost"
    if (msg.headers or {}).get("Status"):
        return "no stream takes the message"
    error = msgspec.json.decode(msg.data, type=Answer).error
    return str(error.get("description")) if error else ""
