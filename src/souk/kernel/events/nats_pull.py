"""One consumer at the broker: asks for messages, hands them over, says what became of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from math import inf

import msgspec
from msgspec import Struct
from nats.aio.msg import Msg

from souk.kernel.clock import monotonic
from souk.kernel.events.bus import AGGREGATE, PLACE, Delivery, Handle, Message, NotYet
from souk.kernel.events.nats_link import FAILURES, MESSAGE_ID, Session
from souk.kernel.events.nats_stream import STREAM, USUAL, Limits, ensure_consumer
from souk.kernel.patience import backoff_seconds, spread_seconds
from souk.kernel.telemetry import logger

WINDOW = 64  # messages held at once, waiting or being handled
LANES = 16  # messages being handled: what these come to may be one statement
EXPIRY_SECONDS = 120  # of a request that waits at the broker: long, so that idling costs nothing
HEARTBEAT_SECONDS = 15  # by which the broker shows that it still knows the request
STOP_SECONDS_MAX = 10
BACKOFF_SECONDS = (0.1, 0.4, 1.5, 5.0, 10.0, 20.0, 30.0)

# An early message waits in memory: refusing it would count as a failure of its own. Longer than it
# takes to give the one before it up, process deaths included; so only one that the broker dropped
# long ago, or that was sent before this consumer began, is not waited for to the end.
LOOK_SECONDS_FIRST, LOOK_SECONDS_MOST = 0.01, 0.1
LOOK_SECONDS_EACH = 0.005  # more for every aggregate that waits: looking must not become the work
EARLY_SECONDS_MAX = 600.0

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

    def __init__(
        self,
        session: Session,
        consumer: str,
        handle: Handle,
        *,
        limits: Limits = USUAL,
        lanes: int = LANES,
    ) -> None:
        self._session = session
        self._limits = limits
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
        self._resting: dict[str, asyncio.TimerHandle] = {}  # those whose first message is early
        self._early: dict[str, tuple[float, int]] = {}  # since when, and how often looked at
        self._lanes: set[asyncio.Task[None]] = set()

    async def run(self, subjects: Sequence[str]) -> None:
        """Returns when the session or the consumer is lost; winds up when it is cancelled."""
        await ensure_consumer(self._session.client, self._consumer, list(subjects), self._limits)
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
            async with asyncio.timeout(self._limits.ack_seconds / 3):
                await self._wake.wait()

    async def _ask(self) -> None:
        free = WINDOW - self._busy
        if self._asked or free < WINDOW // 2:
            return
        self._token += 1
        self._asked, self._heard = free, monotonic()
        await self._session.client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._consumer}",
            msgspec.json.encode(Request(batch=free)),
            reply=f"{self._inbox}.{self._token}",
        )

    @property
    def _busy(self) -> int:
        """Messages held, without those that wait for others."""
        return len(self._held) - sum(len(self._waiting[key]) for key in self._resting)

    async def _keep_held(self) -> None:
        """Tells the broker of slow work, or it would hand the message to somebody else."""
        long_since = monotonic() - self._limits.ack_seconds / 3
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
            if put_in_order(self._waiting[key], msg) == 0 and key in self._resting:
                self._resting[key].cancel()
                self._take_turn(key)
        else:
            self._waiting[key] = deque((msg,))
            self._take_turn(key)
        self._ask_again()

    def _take_turn(self, key: str) -> None:
        self._resting.pop(key, None)
        if key not in self._waiting:
            return  # wound up meanwhile
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
                await self._serve(self._turns.popleft())
        finally:
            # Not by a callback of the task: what comes before that ran would find no lane free
            # and lie until the next message.
            if lane := asyncio.current_task():
                self._lanes.discard(lane)

    async def _serve(self, key: str) -> None:
        queue = self._waiting[key]
        msg = queue.popleft()
        is_early = False
        try:
            is_early = await self._deliver(msg)
        finally:
            if not is_early:
                self._held.pop(msg.reply, None)
                self._early.pop(msg.reply, None)
            if is_early and put_back(queue, msg) == 0:
                self._rest_for_a_while(key, msg)
            elif queue:
                self._turns.append(key)
            else:
                self._waiting.pop(key, None)
        self._ask_again()

    def _ask_again(self) -> None:
        if not self._asked and self._busy <= WINDOW // 2:
            self._wake.set()

    def _rest_for_a_while(self, key: str, msg: Msg) -> None:
        since, looks = self._early.get(msg.reply, (monotonic(), 0))
        self._early[msg.reply] = since, looks + 1
        most = LOOK_SECONDS_MOST + LOOK_SECONDS_EACH * len(self._resting)
        pause = backoff_seconds(looks + 1, first=LOOK_SECONDS_FIRST, most=most)
        loop = asyncio.get_running_loop()
        self._resting[key] = loop.call_later(pause, self._take_turn, key)

    async def _deliver(self, msg: Msg) -> bool:
        """Whether it must be handed over once more, because the one before it has not been done."""
        headers = dict(msg.headers or {})
        message = Message(headers.pop(MESSAGE_ID, ""), msg.subject, msg.data, headers)
        attempt = msg.metadata.num_delivered
        since, _ = self._early.get(msg.reply, (monotonic(), 0))
        is_overdue = monotonic() - since > EARLY_SECONDS_MAX
        delivery = Delivery(message, attempt, msg.metadata.timestamp, is_overdue)
        if is_overdue:
            log.warning("event_out_of_order", consumer=self._consumer, message_id=message.id)
        try:
            await self._handle(delivery)
        except NotYet:
            return True
        except Exception as error:  # whatever it is, the message must come again
            log.warning("event_failed", consumer=self._consumer, attempt=attempt, exc_info=error)
            await self._tell(
                msg.reply, _again(BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS)) - 1])
            )
        else:
            await self._tell(msg.reply, Msg.Ack.Ack)
        return False

    async def _tell(self, reply: str, word: bytes) -> None:
        # Where the connection is gone the message comes again, and the inbox knows it.
        with suppress(*FAILURES):
            await self._session.client.publish(reply, word)

    async def _wind_up(self) -> None:
        """Gives back what nobody began; lets finish what runs."""
        for turn in self._resting.values():
            turn.cancel()
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


def put_in_order(queue: deque[Msg], msg: Msg) -> int:
    """Behind what its aggregate sent before it, so that nobody waits in front of who is waited
    for; of copies, and where nothing is known, behind who was there first. Where that is.
    """
    here = _place(msg)
    place = next((n for n, other in enumerate(queue) if here < _place(other)), len(queue))
    queue.insert(place, msg)
    return place


def put_back(queue: deque[Msg], msg: Msg) -> int:
    """Where it was, unless what it waits for has arrived."""
    here = _place(msg)
    place = next((n for n, other in enumerate(queue) if here <= _place(other)), len(queue))
    queue.insert(place, msg)
    return place


def _place(msg: Msg) -> float:
    text = (msg.headers or {}).get(PLACE, "")
    return int(text) if text.isdecimal() else inf


def _again(seconds: float) -> bytes:
    """Refuses a message so that it comes again after about `seconds`."""
    seconds = spread_seconds(seconds)  # what failed together should not come back together
    return Msg.Ack.Nak + b' {"delay": %d}' % int(seconds * 10**9)


def was_cancelled() -> bool:
    """Whether this task was told to end, even if the library swallowed it (its `wait_for` may)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
