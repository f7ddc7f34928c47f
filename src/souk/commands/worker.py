"""One process of Souk under a supervisor: serves until it is told to stop or is alone."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys

import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server

from souk.asgi import Souk
from souk.devstack.placement import GATEWAY, all_services
from souk.devstack.supervisor import PARENT_FD, READY
from souk.kernel.settings import Settings, SettingsError, settings_from, with_secrets

BACKLOG = 2048
IDLE_CONNECTION_SECONDS = 75


def main() -> int:
    """Reads SOUK_*; the exit code is 0 after an orderly stop."""
    try:
        settings = with_secrets(settings_from(os.environ))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return uvloop.run(serve(settings, parent=_parent()))


async def serve(settings: Settings, *, parent: socket.socket | None) -> int:
    """Serves what the settings say; tells the parent when ready, and outlives it not."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if parent is not None:
        loop.add_reader(parent, stop.set)
    names = settings.services or (*all_services(), GATEWAY)
    services = tuple(name for name in names if name != GATEWAY)
    souk = Souk(settings, services, gateway=GATEWAY in names)
    await souk.start()
    try:
        server = _http_server(souk, settings)
        serving = asyncio.create_task(server.serve())
        if parent is not None:
            await loop.sock_sendall(parent, READY)
        await asyncio.wait(
            (serving, asyncio.create_task(stop.wait())), return_when=asyncio.FIRST_COMPLETED
        )
        server.stop()
        # Connections without a request are closed by now; those with one may finish it. The
        # server itself would wait for the last WebSocket, for which nobody sets a limit.
        await souk.drain()
        serving.cancel()
        await asyncio.wait((serving,))
    finally:
        await souk.stop()
    return 0


def _http_server(souk: Souk, settings: Settings) -> Server:
    return Server(
        souk,
        address=settings.http_host,
        port=settings.http_port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=IDLE_CONNECTION_SECONDS * 1000),
        backlog=BACKLOG,
        backpressure=BACKLOG,
        log_enabled=False,
    )


def _parent() -> socket.socket | None:
    if PARENT_FD not in os.environ:
        return None
    parent = socket.socket(fileno=int(os.environ.pop(PARENT_FD)))
    parent.setblocking(False)
    return parent


if __name__ == "__main__":
    sys.exit(main())
