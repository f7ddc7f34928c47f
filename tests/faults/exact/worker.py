"""A Souk that dies often: forked from a process that has everything loaded, armed, reborn.

Started by `lives.Cradle`, which writes lines to its standard input. `live FAILPOINTS` forks the
next Souk (all services and the gateway, as `souk up` runs them, without the pages); the lines
after it go to that one, until it is dead.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import select
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from msgspec import Struct

from souk.asgi import GATEWAY, Souk, every_method
from souk.commands.worker import http_server
from souk.gateway import app
from souk.gateway.headers import Security
from souk.gateway.route import Patience, routes_of
from souk.kernel import failpoints, wire
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.nats_stream import Limits
from souk.kernel.process import Process, all_services
from souk.kernel.settings import Settings
from souk.kernel.telemetry import configure
from tests.faults.sabotage import commit


class Nature(Struct, frozen=True, kw_only=True):
    """What all lives of one worker have in common."""

    settings: dict[str, Any]
    database_urls: dict[str, str]
    ack_seconds: float = 1.0  # the broker's patience with the dead
    sabotage: tuple[str, ...] = ()


def main() -> None:
    """Forks a Souk for every `live`, and says how each ended."""
    nature = msgspec.json.decode(sys.argv[1], type=Nature)
    settings = msgspec.convert(nature.settings, Settings, dec_hook=_path)
    _load(settings)
    gc.freeze()  # what the lives share is not copied for being looked through
    say("born")
    while line := _line():
        verb, _, rest = line.partition(" ")
        assert verb == "live", line
        child = os.fork()
        if child == 0:
            uvloop.run(live(nature, settings, rest))
            os._exit(0)
        say("pid", child)
        _, status = os.waitpid(child, 0)
        say("ended", os.waitstatus_to_exitcode(status))


async def live(nature: Nature, settings: Settings, armed: str) -> None:
    """Until it dies of a failpoint, is killed, told to stop, or whoever started it is gone."""
    configure(settings, service="souk")
    for name in nature.sabotage:
        commit(name)
    stop = asyncio.Event()
    failpoints.arm_from(armed)
    limits = Limits(ack_seconds=nature.ack_seconds)
    bus = await NatsBus.connect(settings.nats_url, monitor=None, limits=limits)
    souk = Souk(settings, (*all_services(), GATEWAY))
    souk.process = Process(settings, database_urls=nature.database_urls, bus=bus)
    await souk.start()
    asyncio.get_running_loop().add_reader(0, _heed, souk, stop)
    server = http_server(souk, settings)
    serving = asyncio.create_task(server.serve())
    await _listening(settings)
    say("ready", souk.process.grpc_port)
    await stop.wait()
    server.stop()  # type: ignore[no-untyped-call]
    await souk.stop()
    await bus.close()
    await asyncio.wait((serving,), timeout=1)


async def _listening(settings: Settings) -> None:
    """The server does not say when it is."""
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection(settings.http_host, settings.http_port)
            except OSError:
                await asyncio.sleep(0.005)
            else:
                writer.close()
                return


def say(what: str, about: object = "") -> None:
    os.write(1, f"{what} {about}\n".encode())


def _heed(souk: Souk, stop: asyncio.Event) -> None:
    line = _line()
    verb, _, rest = line.partition(" ")
    match verb:
        case "arm":
            failpoints.disarm()
            failpoints.arm_from(rest)
            say("armed")
        case "counts":
            say("counts", msgspec.json.encode(failpoints.counts(anew=True)).decode())
        case "steps":
            say("steps", msgspec.json.encode(_steps(souk)).decode())
        case "stop":
            stop.set()
        case _:
            os._exit(0)  # nobody is there any more


def _steps(souk: Souk) -> list[str]:
    """Every line of every saga's journal, as its failpoint is called."""
    rpc = souk.process.parts["orders"].rpc
    sagas = (rpc.checkouts.saga, rpc.orders.cancellation, rpc.orders.fulfillment)
    return [
        f"saga.{saga.name}.{step.name}.{way}{line}"
        for saga in sagas
        for step in saga.steps
        for way in ("", *(["undo."] if step.undo else []))
        for line in ("before", "between", "after")
    ]


def _load(settings: Settings) -> None:
    """All that each life would have to import, compile and describe by itself."""
    services = (f"souk.services.{name}.wiring" for name in all_services())
    for name in (*services, "souk.kernel.server", "httpx", "prometheus_client"):
        importlib.import_module(name)
    methods = tuple(every_method())
    for method in methods:
        wire.codecs(method)
    patience = Patience(settings.request_timeout_seconds)
    described = app.document(routes_of(methods, settings, Security(settings), patience), settings)
    app.document = lambda *_: described


def _path(kind: type, text: Any) -> Any:
    return Path(text) if kind is Path else text


def _line() -> str:
    """Byte by byte: what follows a line may be for another process."""
    read = bytearray()
    while not read.endswith(b"\n"):
        select.select([0], [], [])  # a life may have left it non-blocking
        byte = os.read(0, 1)
        if not byte:
            break
        read += byte
    return read.decode().strip()


if __name__ == "__main__":
    main()
