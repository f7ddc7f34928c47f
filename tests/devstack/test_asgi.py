"""Souk is an ASGI application like any other, for whoever brings a server of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import httpx

from souk.asgi import Souk, every_method
from souk.kernel.settings import Settings
from tests.support.servers import Desk

Message = MutableMapping[str, Any]


class Lifespan:
    """The server's side of the lifespan protocol."""

    def __init__(self, souk: Souk) -> None:
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: asyncio.Queue[Message] = asyncio.Queue()
        self._task = asyncio.create_task(
            souk({"type": "lifespan"}, self._told.get, self._heard.put)
        )

    async def tell(self, event: str) -> Message:
        await self._told.put({"type": f"lifespan.{event}"})
        return await asyncio.wait_for(self._heard.get(), 20)

    async def ended(self) -> None:
        await asyncio.wait_for(self._task, 20)


def settings(home: Path, servers: Desk, **others: Any) -> Settings:
    given = {"postgres_url": servers.postgres, "nats_url": servers.nats, **others}
    return Settings(home=home, redis_url=servers.redis, **given)


async def test_lifespan_starts_and_stops_everything(home: Path, servers: Desk) -> None:
    souk = Souk(settings(home, servers), ("gateway",))
    lifespan = Lifespan(souk)
    assert (await lifespan.tell("startup"))["type"] == "lifespan.startup.complete"
    transport = httpx.ASGITransport(app=souk)
    async with httpx.AsyncClient(transport=transport, base_url="http://souk") as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")
    assert (await lifespan.tell("shutdown"))["type"] == "lifespan.shutdown.complete"
    await lifespan.ended()


async def test_a_start_that_fails_is_told_to_the_server(home: Path, servers: Desk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        lifespan = Lifespan(Souk(settings(home, servers, grpc_port=port, workers=1), ("shops",)))
        told = await lifespan.tell("startup")
    assert told["type"] == "lifespan.startup.failed"
    assert f"127.0.0.1:{port}" in told["message"]
    await lifespan.ended()


def test_the_gateway_knows_every_method_of_every_contract() -> None:
    paths = {method.path for method in every_method()}
    assert "/souk.shops.v1.ShopService/GetShop" in paths
    assert "/souk.users.v1.UserService/Register" in paths
    assert len(paths) > 50
