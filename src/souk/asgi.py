"""One process of Souk as an ASGI application: the gateway, or just its health."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from souk.kernel.process import Process
from souk.kernel.settings import Settings, settings_from, with_secrets

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Souk:
    """Hosts services; `gateway` says whether it also answers people over HTTP.

    Whoever runs it either calls `start` and `stop` or speaks the ASGI lifespan protocol.
    """

    def __init__(self, settings: Settings, services: tuple[str, ...], *, gateway: bool) -> None:
        self.process = Process(settings, services)
        self._has_gateway = gateway
        self._grace_seconds = settings.stop_grace_seconds
        self._answer: Application = _not_started
        self._running = 0
        self._idle = asyncio.Event()

    async def start(self) -> None:
        """Connects and starts everything; raises what kept it from starting."""
        await self.process.start()
        if self._has_gateway:
            from souk.gateway.app import Gateway

            self._answer = Gateway(self.process)
        else:
            from souk.health import Health

            self._answer = Health(self.process)

    async def drain(self) -> None:
        """Returns when no request runs any more, or when the time for it is over."""
        self._idle.clear()
        if self._running:
            try:
                async with asyncio.timeout(self._grace_seconds):
                    await self._idle.wait()
            except TimeoutError:
                return

    async def stop(self) -> None:
        """Finishes background work and closes every connection."""
        await self.process.stop()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self._running += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as failure:  # noqa: BLE001 - the server prints the message and ends
            await send({"type": "lifespan.startup.failed", "message": str(failure)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.drain()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})


def create_app() -> Souk:
    """For any ASGI server: everything that SOUK_* variables say, servers given by URL."""
    from souk.devstack.placement import GATEWAY, all_services

    settings = with_secrets(settings_from(os.environ))
    services = settings.services or all_services()
    hosted = tuple(name for name in services if name != GATEWAY)
    return Souk(settings, hosted, gateway=not settings.services or GATEWAY in services)


async def _not_started(scope: Message, receive: Receive, send: Send) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"1")]})
    await send({"type": "http.response.body", "body": b""})
