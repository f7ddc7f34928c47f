"""The gateway in front of an invented library, called in process or over a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from msgspec import Struct

from souk.gateway.app import Gateway
from souk.kernel.cache import RedisLink
from souk.kernel.clock import SystemClock
from souk.kernel.identity import Verifier
from souk.kernel.limits import Limiter
from souk.kernel.settings import Settings
from souk.kernel.transport import Local
from tests.gateway.fake_contract import METHODS
from tests.gateway.fake_library import Library
from tests.support.servers import Desk
from tests.support.tokens import Issuer

UNLIMITED = {
    f"rate_{name}_per_minute": 0
    for name in ("read", "write", "sign_in", "checkout", "upload", "webhook")
}


class World(Struct):
    """A gateway, the library behind it, and who signs tokens."""

    gateway: Gateway
    library: Library
    issuer: Issuer
    checks: dict[str, str]

    def bearer(self, *roles: str, **claims: Any) -> dict[str, str]:
        token = self.issuer.token(roles=list(roles or ("customer",)), **claims)
        return {"Authorization": f"Bearer {token}"}

    def client(self, address: str = "203.0.113.7") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(
            self.gateway, raise_app_exceptions=True, client=(address, 4711)
        )
        # Compressed answers are asked for where they are meant.
        headers = {"Accept-Encoding": "identity"}
        return httpx.AsyncClient(transport=transport, base_url="http://souk", headers=headers)


@pytest.fixture
async def redis(servers: Desk) -> AsyncIterator[RedisLink]:
    link = RedisLink(servers.redis)
    yield link
    await link.close()


def world(
    *, redis: RedisLink | None = None, options: dict[str, Any] | None = None, **settings: Any
) -> World:
    library, issuer = Library(), Issuer()
    checks: dict[str, str] = {"database": "ok"}

    async def keys() -> list[Any]:
        return [issuer.public]

    async def ready() -> dict[str, str]:
        return checks

    gateway = Gateway(
        METHODS,
        Local(library),
        settings=Settings(**UNLIMITED | {"log_level": "error"} | settings),
        verifier=Verifier(keys, SystemClock()),
        limiter=Limiter(redis or RedisLink(""), scope=issuer.public.x),
        ready=ready,
        **options or {},
    )
    return World(gateway, library, issuer, checks)


@pytest.fixture
def souk() -> World:
    return world()


@pytest.fixture
async def api(souk: World) -> AsyncIterator[httpx.AsyncClient]:
    async with souk.client() as client:
        yield client


@asynccontextmanager
async def served(gateway: Gateway) -> AsyncIterator[str]:
    """The gateway on a port of its own, behind the real server."""
    port = free_port()
    server = Server(
        gateway, port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=True
    )
    serving = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await _answers(client)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop()
        await gateway.stop(1)
        await asyncio.wait((serving,), timeout=5)


@pytest.fixture
async def address(souk: World) -> AsyncIterator[str]:
    async with served(souk.gateway) as found:
        yield found


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


async def _answers(client: httpx.AsyncClient) -> None:
    for _ in range(500):
        try:
            await client.get("/health")
        except httpx.TransportError:
            await asyncio.sleep(0.01)
        else:
            return
    raise AssertionError("the server did not start")
