"""The messages of one stream for one client, with everything that can end it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from enum import Enum, auto
from typing import Any

import msgspec
from msgspec import Struct

from souk.gateway.exchange import Receive
from souk.kernel.clock import monotonic
from souk.kernel.context import Call, acting

WAITING_MAX = 16  # messages read ahead for a client; the stream itself waits beyond them
CLOSE_SECONDS = 5.0
GONE = ("http.disconnect", "websocket.disconnect")
encode = msgspec.json.Encoder().encode


class Ending(Enum):
    DONE = auto()
    CLIENT_GONE = auto()
    STOPPING = auto()
    EXPIRED = auto()


class End(Struct, frozen=True):
    """The last thing a feed says."""

    how: Ending
    error: Exception | None = None


class Feed:
    """Reads a stream in a task of its own, so that the generator lives and ends in one context."""

    def __init__(
        self,
        stream: Callable[[], AsyncIterator[Any]],
        call: Call,
        receive: Receive,
        *,
        life_seconds: float | None,
    ) -> None:
        self._stream = stream
        self._call = call
        self._receive = receive
        self._until = None if life_seconds is None else monotonic() + life_seconds
        self._waiting: asyncio.Queue[bytes | End] = asyncio.Queue(WAITING_MAX)
        self._stop: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._get: asyncio.Task[bytes | End] | None = None
        self._reader = asyncio.create_task(self._read())
        self._watcher = asyncio.create_task(self._watch())

    async def next(self, wait_seconds: float) -> bytes | End | None:
        """The next message encoded, the end, or None when nothing came in time."""
        if self._get is None:
            self._get = asyncio.create_task(self._waiting.get())
        left = wait_seconds
        if self._until is not None:
            left = min(left, self._until - monotonic())
            if left <= 0:
                return End(Ending.EXPIRED)
        await asyncio.wait(
            (self._get, self._stop), timeout=left, return_when=asyncio.FIRST_COMPLETED
        )
        if self._stop.done():
            return End(self._stop.result())
        if not self._get.done():
            return None if left == wait_seconds else End(Ending.EXPIRED)
        news, self._get = self._get.result(), None
        return news

    def stop(self, how: Ending = Ending.STOPPING) -> None:
        if not self._stop.done():
            self._stop.set_result(how)

    async def close(self) -> None:
        """Ends the generator, wherever it runs; returns when it has cleaned up."""
        tasks = [task for task in (self._reader, self._watcher, self._get) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=CLOSE_SECONDS)

    async def _read(self) -> None:
        end = End(Ending.DONE)
        with acting(self._call):
            stream: Any = None
            try:
                stream = self._stream()
                async for message in stream:
                    await self._waiting.put(encode(message))
            except Exception as error:  # noqa: BLE001 - handed on to whoever answers the client
                end = End(Ending.DONE, error)
            finally:
                if hasattr(stream, "aclose"):
                    await stream.aclose()
        await self._waiting.put(end)

    async def _watch(self) -> None:
        """What clients send on a stream means nothing, but that they have left does."""
        while True:
            message = await self._receive()
            if message["type"] in GONE:
                self.stop(Ending.CLIENT_GONE)
                return
