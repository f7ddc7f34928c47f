"""Live updates: what happens now, for whoever is looking at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from weakref import WeakSet

from souk.kernel.events.bus import Bus, BusUnavailable, Listening, Message
from souk.kernel.refusals import Unavailable
from souk.kernel.telemetry import logger

WAITING_MAX = 256  # messages a watcher may be behind
READY_SECONDS_MAX = 5

log = logger(__name__)


class Watch(AsyncIterator[Message]):
    """One watcher. It ends when it is closed, or has fallen so far behind that it is dropped.

    async with live.watch("souk.orders.*") as updates:
        ...  # whatever is read here misses no update
        async for message in updates:
    """

    def __init__(self, topic: _Topic) -> None:
        self._topic = topic
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue(WAITING_MAX)

    async def ready(self) -> None:
        """Returns when no later message will be missed; raises Unavailable after five seconds."""
        try:
            await asyncio.wait_for(self._topic.listening.wait(), READY_SECONDS_MAX)
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
        message = await self._queue.get()
        if message is None:
            self._queue.put_nowait(None)
            raise StopAsyncIteration
        return message

    async def aclose(self) -> None:
        self.end()
        await self._topic.leave(self)

    def tell(self, message: Message) -> bool:
        """Whether it still follows."""
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True

    def end(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)


class Live:
    """The live updates of a process: one subscription a subject, however many watch it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._topics: dict[str, _Topic] = {}

    def watch(self, subject: str) -> Watch:
        """Messages on `subject` from now on, in the order in which the broker has them.

        `*` in the subject stands for one word, `>` for the rest. What happens while the broker is
        away is not told: a watcher shows the state it reads first, and then what changes.
        """
        topic = self._topics.get(subject)
        if topic is None:
            topic = self._topics[subject] = _Topic(self._bus, subject, self._topics)
        return topic.join()

    async def close(self) -> None:
        for topic in list(self._topics.values()):
            await topic.close()


class _Topic:
    """One subject and those who watch it."""

    def __init__(self, bus: Bus, subject: str, topics: dict[str, _Topic]) -> None:
        self.listening = asyncio.Event()
        self._bus = bus
        self._subject = subject
        self._topics = topics
        # Weak, so that a watcher that somebody let go without closing it is not kept for ever.
        self._watches: WeakSet[Watch] = WeakSet()
        self._pumping = asyncio.create_task(self._pump(), name=f"live {subject}")

    def join(self) -> Watch:
        watch = Watch(self)
        self._watches.add(watch)
        return watch

    async def leave(self, watch: Watch) -> None:
        self._watches.discard(watch)
        if not self._watches:
            await self.close()

    async def close(self) -> None:
        if self._topics.get(self._subject) is self:
            del self._topics[self._subject]
        for watch in list(self._watches):
            watch.end()
        if not self._pumping.done():
            self._pumping.cancel()
            await asyncio.wait([self._pumping])

    async def _pump(self) -> None:
        messages = await self._listen()
        try:
            self.listening.set()
            async for message in messages:
                for watch in list(self._watches):
                    if not watch.tell(message):
                        log.warning("watcher_dropped", subject=self._subject)
                        self._watches.discard(watch)
                        watch.end()
        finally:
            await messages.aclose()

    async def _listen(self) -> Listening:
        while True:
            with suppress(BusUnavailable):
                return await self._bus.listen(self._subject)
