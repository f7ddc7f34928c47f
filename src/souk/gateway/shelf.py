"""Answers to public reads, kept for a second as the bytes that go out, and dropped by events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from souk.gateway.callers import shown
from souk.gateway.exchange import Exchange, Reply
from souk.gateway.route import Route
from souk.kernel.clock import monotonic
from souk.kernel.events.live import Live
from souk.kernel.refusals import Unavailable

# Events empty the shelf within milliseconds of a change; this is for what no event tells.
KEPT_SECONDS = 1.0
OVERHEAD_BYTES = 2048  # of an answer's headers and its place here
AGAIN_SECONDS = 1.0
Key = tuple[str, bytes, bytes]


class Shelf:
    """Of one process. Only what anybody may keep, asked for by nobody in particular, is put here:
    whoever sends a token or a key is answered afresh, so sellers see at once what they changed.
    """

    def __init__(self, routes: Iterable[Route], *, bytes_max: int) -> None:
        answers = [route.method.answer for route in routes if route.answerer.is_for_all]
        self._subjects = tuple(sorted({each for answer in answers for each in answer.emptied_by}))
        self._owners = frozenset(subject.split(".")[1] for subject in self._subjects)
        self._bytes_max = bytes_max
        self._bytes = 0
        # All live equally long, so the first is the oldest.
        self._kept: dict[Key, tuple[Reply, float]] = {}
        self._loading: dict[Key, asyncio.Future[Reply | None]] = {}
        self._emptied = 0  # times
        self._following: asyncio.Task[None] | None = None

    def key(self, exchange: Exchange, route: Route) -> Key | None:
        """Under what the answer to this request lies here; None where it does not belong here."""
        if not route.answerer.is_for_all or not self._bytes_max or shown(exchange):
            return None
        scope = exchange.scope
        return route.http.path, scope.get("raw_path") or scope["path"], scope["query_string"]

    def find(self, key: Key) -> Reply | None:
        found = self._kept.get(key)
        return found[0] if found is not None and found[1] > monotonic() else None

    async def load(self, key: Key, load: Callable[[], Awaitable[Reply]]) -> Reply:
        """What `load` answers, which is kept; who asks meanwhile gets the same answer."""
        loading = self._loading.get(key)
        if loading is not None:
            # Shielded: one who gives up must not take it from the others.
            return await asyncio.shield(loading) or await load()
        turn = self._loading[key] = asyncio.get_running_loop().create_future()
        emptied, reply = self._emptied, None
        try:
            reply = await load()
        finally:
            # None when it failed: then each of the others asks for itself.
            turn.set_result(reply)
            if self._loading.get(key) is turn:
                del self._loading[key]
        if emptied == self._emptied:  # else it may show what was before the change
            self._put(key, reply)
        return reply

    def note(self, route: Route, status: int) -> None:
        """After a request: what was changed through this very process is seen in it at once."""
        if route.http.verb != "GET" and status < 300 and route.method.owner in self._owners:
            self.empty()

    def empty(self) -> None:
        self._emptied += 1
        self._kept.clear()
        self._loading.clear()  # who asks from now on does not wait for an older answer
        self._bytes = 0

    def follow(self, live: Live) -> None:
        """Empties itself after every event that the contracts name; `stop` ends it."""
        if self._subjects and self._bytes_max:
            self._following = asyncio.create_task(self._follow(live), name="shelf")

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait((self._following,))

    async def _follow(self, live: Live) -> None:
        while True:
            try:
                async with live.watch(*self._subjects) as changes:
                    self.empty()
                    async for _ in changes:
                        self.empty()
                return  # the process stops
            except Unavailable:  # no broker, or too far behind: answers grow old by themselves
                await asyncio.sleep(AGAIN_SECONDS)

    def _put(self, key: Key, reply: Reply) -> None:
        size = _size(reply)
        if reply.status != 200 or size > self._bytes_max:
            return
        now = monotonic()
        self._drop(key)
        self._kept[key] = (reply, now + KEPT_SECONDS)
        self._bytes += size
        oldest = next(iter(self._kept))
        while self._bytes > self._bytes_max or self._kept[oldest][1] <= now:
            self._drop(oldest)
            oldest = next(iter(self._kept))

    def _drop(self, key: Key) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self._bytes -= _size(found[0])


def _size(reply: Reply) -> int:
    """With room for its compressed form, which may come later."""
    return 2 * len(reply.body) + OVERHEAD_BYTES
