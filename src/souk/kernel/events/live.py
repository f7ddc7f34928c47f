"""Live updates: what happens now, for whoever is looking at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from types import TracebackType
from weakref import WeakSet

from souk.kernel.events.bus import Bus, BusUnavailable, Listening, Message
from souk.kernel.patience import backoff_seconds
from souk.kernel.refusals import Unavailable
from souk.kernel.telemetry import logger

BEHIND_MAX = 256  # messages a watcher may be behind
READY_SECONDS_MAX = 5

log = logger(__name__)


class Watch(AsyncIterator[Message]):
    """One watcher. It leaves when it is closed, or when nobody refers to it any more.

    async with live.watch("souk.orders.*") as updates:
        ...  # whatever is read here misses no update
        async for message in updates:
    """

    def __init__(self, topics: tuple[_Topic, ...]) -> None:
        self._topics = topics
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(BEHIND_MAX + 1)
        self._is_behind = False

    async def ready(self) -> None:
        """Returns when no later message will be missed; raises Unavailable after five seconds."""
        try:
            async with asyncio.timeout(READY_SECONDS_MAX):
                for topic in self._topics:
                    await topic.listening.wait()
        except TimeoutError:
            raise Unavailable(service="live updates") from None

    async def __aenter__(self) -> Watch:
        try:
            await self.ready()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def __anext__(self) -> Message:
        """Raises Unavailable when it has fallen too far behind: then it misses something."""
        message = await self._queue.get()
        if message is None:
            self._queue.put_nowait(None)
            if self._is_behind:
                raise Unavailable(service="live updates")
            raise StopAsyncIteration
        return message

    async def aclose(self) -> None:
        self.end()
        for topic in self._topics:
            topic.leave(self)

    def tell(self, message: Message) -> None:
        if self._queue.qsize() < BEHIND_MAX:
            self._queue.put_nowait(message)
            return
        log.warning("watcher_dropped", subject=message.subject)
        self._is_behind = True
        self.end()
        for topic in self._topics:
            topic.leave(self)

    def end(self) -> None:
        """What still waits for it is forgotten."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


class Live:
    """The live updates of a process: one subscription a subject, however many watch it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._topics: dict[str, _Topic] = {}

    def watch(self, *subjects: str) -> Watch:
        """Messages on the subjects from now on, each in the order in which the broker has them.

        `*` in a subject stands for one word, `>` for the rest. What happens while the broker is
        away is not told: a watcher shows the state it reads first, and then what changes.
        """
        topics = tuple(self._topic(subject) for subject in subjects)
        watch = Watch(topics)
        for topic in topics:
            topic.watches.add(watch)
        return watch

    async def close(self) -> None:
        """Ends every watch."""
        for topic in list(self._topics.values()):
            for watch in list(topic.watches):
                watch.end()
            await topic.close()

    def _topic(self, subject: str) -> _Topic:
        topic = self._topics.get(subject)
        if topic is None or topic.has_ended:
            topic = self._topics[subject] = _Topic(self._bus, subject)
        return topic


class _Topic:
    """One subject and those who watch it."""

    def __init__(self, bus: Bus, subject: str) -> None:
        self.listening = asyncio.Event()
        # Weak, so that a watcher that somebody let go without closing it is not kept for ever.
        self.watches: WeakSet[Watch] = WeakSet()
        self._bus = bus
        self._subject = subject
        self.pumping = asyncio.create_task(self._pump(), name=f"live {subject}")

    @property
    def has_ended(self) -> bool:
        return self.pumping.done() or self.pumping.cancelling() > 0

    def leave(self, watch: Watch) -> None:
        self.watches.discard(watch)
        if not self.watches:
            self.pumping.cancel()

    async def close(self) -> None:
        self.pumping.cancel()
        await asyncio.wait([self.pumping])

    async def _pump(self) -> None:
        messages = await self._listen()
        try:
            self.listening.set()
            async for message in messages:
                for watch in list(self.watches):
                    watch.tell(message)
                if not self.watches:
                    return
                # A burst is there at once: without a pause all who watch would be behind.
                await asyncio.sleep(0)
        finally:
            await messages.aclose()

    async def _listen(self) -> Listening:
        for attempt in count(1):
            try:
                return await self._bus.listen(self._subject)
            except BusUnavailable as error:
                log.warning("live_waits", subject=self._subject, reason=str(error))
            await asyncio.sleep(backoff_seconds(attempt, first=0.05, most=1.0))
        raise AssertionError("counting never ends")
