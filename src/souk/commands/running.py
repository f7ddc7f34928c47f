"""Runs something until a signal, then takes it down in order; a second signal does not wait."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from souk.commands.terminal import complain, say

STOPS = (signal.SIGINT, signal.SIGTERM)

Start = Callable[[AsyncExitStack], Awaitable[None]]


async def until_stopped(start: Start) -> int:
    """`start` puts what must be taken down on the stack; 0 after an orderly stop.

    A signal during the start ends the start and takes down what there is.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def stop() -> None:
        if stopped.is_set():
            complain("Stopping at once.")
            _end_everything()
        stopped.set()

    for number in STOPS:
        loop.add_signal_handler(number, stop)
    async with AsyncExitStack() as stack:
        starting = asyncio.ensure_future(start(stack))
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait((starting, waiting), return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await waiting
        else:
            starting.cancel()
            await asyncio.wait((starting,))
        say("Stopping …")
    say("Stopped.")
    return 0


def _end_everything() -> None:
    import psutil

    # The servers are ended by SIGINT, which they answer at once and in order by themselves.
    for child in psutil.Process().children(recursive=True):
        try:
            child.send_signal(signal.SIGKILL if "souk.commands" in _line(child) else signal.SIGINT)
        except psutil.NoSuchProcess:
            continue
    os._exit(130)


def _line(process: object) -> str:
    import psutil

    assert isinstance(process, psutil.Process)
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
