"""One consumer at the broker: asks for messages, hands them over, says what became of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct
from nats.aio.msg import Msg

from souk.kernel.clock import monotonic
from souk.kernel.events.bus import AGGREGATE, Delivery, Handle, Message
from souk.kernel.events.nats_link import FAILURES, MESSAGE_ID, Session
from souk.kernel.events.nats_stream import ACK_WAIT_SECONDS, STREAM, ensure_consumer
from souk.kernel.patience import spread_seconds
from souk.kernel.telemetry import logger

WINDOW = 64  # messages held at once, waiting or being handled
EXPIRY_SECONDS = 120  # of a request that waits at the broker: long, so that idling costs nothing
HEARTBEAT_SECONDS = 15  # by which the broker shows that it still knows the request
STOP_SECONDS_MAX = 10
BACKOFF_SECONDS = (0.1, 0.4, 1.5, 5.0, 10.0, 20.0, 30.0)

log = logger(__name__)


class Request(Struct, frozen=True):
    """Asks for the next `batch` messages; times are nanoseconds."""

    batch: int
    expires: int = EXPIRY_SECONDS * 10**9
    idle_heartbeat: int = HEARTBEAT_SECONDS * 10**9


class Pull:
    """Pulls from a durable consumer over one session.

    The library's `fetch` is not used: it turns a cancel into ConnectionClosedError, keeps asking
    twice for one batch, and cannot ask again before the batch is done.
    """

    def __init__(self, session: Session, consumer: str, handle: Handle, *, lanes: int = 4) -> None:
        self._session = session
        self._consumer = consumer
        self._handle = handle
        self._lanes_max = lanes
        self._inbox = session.client.new_inbox()
        self._token = 0  # names the request that is open
        self._asked = 0  # messages it may still bring
        self._heard = monotonic()
        self._gone = False  # the broker does not know the consumer
        self._stops = False
        self._wake = asyncio.Event()
        self._held: dict[str, float] = {}  # acknowledgement subject -> since when
        self._waiting: dict[str, deque[Msg]] = {}  # by aggregate
        self._turns: deque[str] = deque()  # aggregates that no lane is at work on
        self._lanes: set[asyncio.Task[None]] = set()

    async def run(self, subjects: Sequence[str]) -> None:
        """Returns when the session or the consumer is lost; winds up when it is cancelled."""
        await ensure_consumer(self._session.client, self._consumer, list(subjects))
        subscription = await self._session.subscribe(f"{self._inbox}.*", self._received)
        self._session.wakes_on_loss(self._wake)
        try:
            while not self._is_over():
                self._wake.clear()
                await self._ask()
                await self._keep_held()
                await self._rest()
        finally:
            self._stops = True
            self._session.sleeps_through_loss(self._wake)
            await self._session.drain(subscription)
            await self._wind_up()

    def _is_over(self) -> bool:
        silent = self._asked and monotonic() - self._heard > 3 * HEARTBEAT_SECONDS
        if silent:
            log.warning("broker_silent", consumer=self._consumer)
        return bool(self._gone or silent or self._session.lost.is_set() or was_cancelled())

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            # Not `wait_for`: before Python 3.12 it swallows a cancel that comes with the wake.
            async with asyncio.timeout(ACK_WAIT_SECONDS / 3):
                await self._wake.wait()

    async def _ask(self) -> None:
        free = WINDOW - len(self._held)
        if self._asked or free < WINDOW // 2:
            return
        self._token += 1
        self._asked, self._heard = free, monotonic()
        await self._session.client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._consumer}",
            msgspec.json.encode(Request(batch=free)),
            reply=f"{self._inbox}.{self._token}",
        )

    async def _keep_held(self) -> None:
        """Tells the broker of slow work, or it would hand the message to somebody else."""
        long_since = monotonic() - ACK_WAIT_SECONDS / 3
        for reply, since in list(self._held.items()):
            if since < long_since:
                self._held[reply] = monotonic()
                await self._tell(reply, Msg.Ack.Progress)

    async def _received(self, msg: Msg) -> None:
        self._heard = monotonic()
        if not msg.reply:
            self._heed(msg)
            return
        self._asked = max(self._asked - 1, 0)
        self._held[msg.reply] = self._heard
        key = (msg.headers or {}).get(AGGREGATE) or msg.reply
        if key in self._waiting:
            self._waiting[key].append(msg)
            return
        self._waiting[key] = deque((msg,))
        self._turns.append(key)
        if len(self._lanes) < self._lanes_max and not self._stops:
            lane = asyncio.create_task(self._work(), name=self._consumer)
            self._lanes.add(lane)

    def _heed(self, msg: Msg) -> None:
        """A word of the broker about the request that is open."""
        status = (msg.headers or {}).get("Status", "")
        if status == "100" or msg.subject != f"{self._inbox}.{self._token}":
            return
        # 408: it expired. Anything else means that whom we asked is gone.
        self._gone = status != "408"
        self._asked = 0
        self._wake.set()

    async def _work(self) -> None:
        """A lane: one message at a time, one aggregate after the other."""
        try:
            while self._turns and not self._stops:
                await self._take_turn(self._turns.popleft())
        finally:
            # Not by a callback of the task: what comes before that ran would find no lane free
            # and lie until the next message.
            if lane := asyncio.current_task():
                self._lanes.discard(lane)

    async def _take_turn(self, key: str) -> None:
        queue = self._waiting[key]
        msg = queue.popleft()
        try:
            await self._deliver(msg)
        finally:
            self._held.pop(msg.reply, None)
            if queue:
                self._turns.append(key)
            else:
                self._waiting.pop(key, None)
        if not self._asked and len(self._held) <= WINDOW // 2:
            self._wake.set()

    async def _deliver(self, msg: Msg) -> None:
        headers = dict(msg.headers or {})
        message = Message(headers.pop(MESSAGE_ID, ""), msg.subject, msg.data, headers)
        attempt = msg.metadata.num_delivered
        delivery = Delivery(message, attempt, msg.metadata.timestamp)
        try:
            await self._handle(delivery)
        except Exception as error:  # whatever it is, the message must come again
            log.warning("event_failed", consumer=self._consumer, attempt=attempt, exc_info=error)
            await self._tell(
                msg.reply, _again(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS)) - 1])
            )
        else:
            await self._tell(msg.reply, Msg.Ack.Ack)

    async def _tell(self, reply: str, word: bytes) -> None:
        # Where the connection is gone the message comes again, and the inbox knows it.
        with suppress(*FAILURES):
            await self._session.client.publish(reply, word)

    async def _wind_up(self) -> None:
        """Gives back what nobody began; lets finish what runs."""
        unbegun = [msg.reply for queue in self._waiting.values() for msg in queue]
        self._waiting.clear()
        for reply in unbegun:
            await self._tell(reply, Msg.Ack.Nak)
        if self._lanes:
            _, late = await asyncio.wait(self._lanes, timeout=STOP_SECONDS_MAX)
            for lane in late:
                lane.cancel()
            if late:
                await asyncio.wait(late)


def _again(seconds: float) -> bytes:
    """Refuses a message so that it comes again after about `seconds`."""
    seconds = spread_seconds(seconds)  # what failed together should not come back together
    return Msg.Ack.Nak + b' {"delay": %d}' % int(seconds * 10**9)


def was_cancelled() -> bool:
    """Whether this task was told to end, even if the library swallowed it (its `wait_for` may)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
