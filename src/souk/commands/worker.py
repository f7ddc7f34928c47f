"""One process of Souk under a supervisor: serves until it is told to stop or is alone."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from souk.asgi import Souk
from souk.devstack.supervisor import PARENT_FD, READY
from souk.kernel.settings import Settings, SettingsError, settings_from
from souk.kernel.telemetry import configure

BACKLOG = 2048
HEADER_SECONDS_MAX = 30
CLOSING_SECONDS_MAX = 1.0
ORPHAN_SECONDS_MAX = 3.0
NEW_OBJECTS_MAX = 7000  # before garbage is looked for; the default of 700 costs 2 % of the time


def main() -> int:
    """Reads SOUK_*; the exit code is 0 after an orderly stop."""
    try:
        settings = settings_from(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run_alone(settings)


def run_alone(settings: Settings) -> int:
    """Serves in this process until a signal."""
    alone = len(settings.services) == 1
    configure(settings, service=settings.services[0] if alone else "souk")
    return uvloop.run(serve(settings, parent=_parent()))


async def serve(settings: Settings, *, parent: socket.socket | None) -> int:
    """Serves what the settings say; tells the parent when ready, and outlives it not."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if parent is not None:
        loop.add_reader(parent, _orphaned, loop, parent, stop)
    souk = Souk(settings, settings.services)
    await souk.start()
    # What is there by now stays: no collection needs to look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS_MAX)
    server = http_server(souk, settings)
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    try:
        if parent is not None:
            await loop.sock_sendall(parent, READY)
        await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
        server.stop()  # type: ignore[no-untyped-call]
    finally:
        await souk.stop()
    # Connections without a request were closed by `stop`, those with one by the last answer.
    # What is left belongs to clients that do not listen; the server itself would wait for them.
    await asyncio.wait((serving,), timeout=CLOSING_SECONDS_MAX)
    return 0 if stop.is_set() else 1


def _orphaned(loop: asyncio.AbstractEventLoop, parent: socket.socket, stop: asyncio.Event) -> None:
    loop.remove_reader(parent)
    stop.set()
    # Whoever is left has no servers either: there is nothing worth a longer wait.
    loop.call_later(ORPHAN_SECONDS_MAX, os._exit, 1)


def http_server(souk: Souk, settings: Settings) -> Server:
    """Whoever is one connection too many waits in the backlog until another hangs up."""
    return Server(
        souk,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS_MAX * 1000),
        backlog=BACKLOG,
        backpressure=BACKLOG,
        log_enabled=False,
    )


def _parent() -> socket.socket | None:
    if PARENT_FD not in os.environ:
        return None
    parent = socket.socket(fileno=int(os.environ.pop(PARENT_FD)))
    parent.setblocking(False)  # noqa: FBT003 - its only parameter
    return parent


if __name__ == "__main__":
    sys.exit(main())
