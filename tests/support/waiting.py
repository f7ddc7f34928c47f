"""Waiting for what is about to happen, never longer than it may take."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

from souk.kernel.clock import monotonic

T = TypeVar("T")


async def eventually(look: Callable[[], T | Awaitable[T]], *, seconds: float = 60) -> T:
    """The first true thing that `look` sees; fails when there is none in time.

    Patient, for machines that have much else to do: whoever waits for what comes waits no longer.
    """
    end = monotonic() + seconds
    while True:
        found = look()
        seen: T = await found if inspect.isawaitable(found) else found  # type: ignore[assignment]
        if seen:
            return seen
        assert monotonic() < end, f"{inspect.getsource(look).strip()} was false for {seconds} s"
        await asyncio.sleep(0.01)
