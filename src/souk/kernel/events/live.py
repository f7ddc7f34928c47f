"""Live updates: what happens now, for whoever is looking at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from weakref import WeakSet

from souk.kernel.events.bus import Bus, BusUnavailable, Message
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
        self._queue: asyncio.Queue[Message] = asyncio.Queue(WAITING_MAX)
        self._ended = asyncio.Event()

    async def ready(self) -> None:
        """Returns when no later message will be missed; raises Unavailable after five seconds."""
        try:
            await asyncio.wait_for(self._topic.listening.wait(), READY_SECONDS_MAX)
        except TimeoutError:
            raise Unavailable(service="live updates") from None

    async def __aenter__(self) -> Watch:
        await self.ready()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def __anext__(self) -> Message:
        ...

    async def aclose(self) -> None:
        self._ended.set()
        self._topic.leave(self)
