"""Work that nobody waits for goes on together with what comes in the same moment."""

from __future__ import annotations

import asyncio


class Wave:
    """`await wave()` returns for everybody at once, at most `seconds` later.

    What those who went on together then ask for can be asked for once: see `Together`.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next: asyncio.Event | None = None

    async def __call__(self) -> None:
        if self._next is None:
            self._next = asyncio.Event()
            asyncio.get_running_loop().call_later(self._seconds, self._go_on)
        await self._next.wait()

    def _go_on(self) -> None:
        assert self._next is not None  # it was made with the timer
        self._next.set()
        self._next = None
