"""One process of Souk as an ASGI application: its services, the gateway and the web before them."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from souk.kernel.contract import Method
from souk.kernel.process import READY, Process
from souk.kernel.settings import Settings, settings_from

if TYPE_CHECKING:
    from souk.gateway.app import Gateway
    from souk.gateway.exchange import Receive, Send
    from souk.web.app import Web

GATEWAY, WEB = "gateway", "web"
# What machines ask for; every other address is a page.
MACHINES = ("/api/", "/docs", "/openapi.json", "/health", "/metrics", "/.well-known/")
DISPENSABLE = "cache"


class Souk:
    """Hosts services. With "gateway" among the names it serves every method over HTTP as well,
    without it HTTP tells health and figures only; with "web" it shows the pages that people see.
    No names at all are all of them.

    Whoever runs it either calls `start` and `stop` or speaks the ASGI lifespan protocol.
    """

    def __init__(
        self,
        settings: Settings,
        names: Sequence[str],
        *,
        database_urls: Mapping[str, str] | None = None,
    ) -> None:
        services = tuple(name for name in names if name not in (GATEWAY, WEB)) if names else None
        self.process = Process(
            settings, services, serves_grpc=services != (), database_urls=database_urls
        )
        self._has_gateway = not names or GATEWAY in names
        self._has_web = not names or WEB in names
        self._gateway: Gateway | None = None
        self._web: Web | None = None

    async def start(self) -> None:
        """Connects and starts everything; raises what kept it from starting."""
        await self.process.start()
        from souk.gateway.app import Gateway

        self._gateway = Gateway(
            every_method() if self._has_gateway else (),
            self.process.switchboard,
            settings=self.process.settings,
            verifier=self.process.verifier,
            limiter=self.process.limiter,
            ready=self._ready,
        )
        self._gateway.follow(self.process.live)
        if self._has_web:
            from souk.web.pages import web_of

            self._web = web_of(self.process)

    async def stop(self) -> None:
        """Finishes what runs, refuses what is new, closes every connection."""
        grace_seconds = self.process.settings.stop_grace_seconds
        doors = [door for door in (self._gateway, self._web) if door is not None]
        await asyncio.gather(*(door.stop(grace_seconds) for door in doors))
        await self.process.stop()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            assert self._gateway is not None, "requests come after the start"
            is_page = scope["type"] == "http" and not scope["path"].startswith(MACHINES)
            door = self._web if is_page and self._web is not None else self._gateway
            await door(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as failure:  # noqa: BLE001 - the server tells it and ends
            await send({"type": "lifespan.startup.failed", "message": str(failure)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _ready(self) -> dict[str, str]:
        # Without the cache all goes on, slower: no reason to send people elsewhere.
        checks = await self.process.ready()
        return {
            name: "ok" if state == READY else state
            for name, state in checks.items()
            if state == READY or name != DISPENSABLE
        }


def create_app() -> Souk:
    """For any ASGI server: what the SOUK_* variables say, the servers given by URL."""
    settings = settings_from(os.environ)
    return Souk(settings, settings.services)


def every_method() -> Iterator[Method]:
    """The methods of all contracts, wherever their services run."""
    package = importlib.import_module("souk.contracts")
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"souk.contracts.{found.name}")
        yield from (value for value in vars(module).values() if isinstance(value, Method))
