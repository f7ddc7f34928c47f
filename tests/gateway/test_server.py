"""The gateway behind the real server: bytes on a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from souk.kernel.clock import monotonic
from tests.gateway.conftest import World
from tests.support.waiting import eventually

SECONDS = 10


async def spoken(address: str, request: bytes) -> bytes:
    """The head of what the server says to these bytes."""
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        async with asyncio.timeout(SECONDS):
            return await reader.readuntil(b"\r\n\r\n")
    finally:
        writer.close()


async def test_a_hundred_megabytes_are_refused_without_being_read(
    souk: World, address: str
) -> None:
    token = souk.bearer("admin")["Authorization"]
    head = (
        f"POST /api/v1/books HTTP/1.1\r\nHost: souk\r\nContent-Type: application/json\r\n"
        f"Authorization: {token}\r\nContent-Length: {100 << 20}\r\n\r\n"
    )
    began = monotonic()
    answer = await spoken(address, head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert monotonic() - began < 1
    assert not souk.library.calls


@pytest.mark.parametrize("is_chunked", [True, False])
async def test_a_client_that_sends_all_before_it_listens_hears_the_refusal(
    souk: World, address: str, is_chunked: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * (1 << 20)

    headers = {**souk.bearer("admin"), "Content-Type": "application/json"}
    if not is_chunked:
        headers["Content-Length"] = str(100 << 20)
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        answer = await client.post("/api/v1/books", content=pieces(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["code"] == "RequestTooLarge"


async def test_a_connection_is_used_again_after_a_refusal(souk: World, address: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        bodies = {"title": "x" * 10_000}
        refused = await client.post("/api/v1/books", json=bodies)
        sockets = {refused.extensions["network_stream"].get_extra_info("client_addr")}
        answer = await client.get("/api/v1/books/7")
        sockets.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert (refused.status_code, answer.status_code) == (401, 200)


async def test_an_encoded_slash_stays_in_its_parameter(souk: World, address: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        answer = await client.get("/api/v1/books/a%2Fb%20%C3%A9")
    assert answer.status_code == 200
    assert souk.library.calls[0][0].book_id == "a/b é"


async def test_an_address_that_is_no_text_is_malformed(address: str) -> None:
    request = b"GET /api/v1/books/%ff%fe HTTP/1.1\r\nHost: souk\r\nConnection: close\r\n\r\n"
    assert (await spoken(address, request)).startswith(b"HTTP/1.1 400 ")


async def test_a_client_that_leaves_its_body_unsent_costs_nothing(
    souk: World, address: str
) -> None:
    host, port = address.split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    token = souk.bearer("admin")["Authorization"]
    head = (
        f"POST /api/v1/books HTTP/1.1\r\nHost: souk\r\nContent-Type: application/json\r\n"
        f"Authorization: {token}\r\nContent-Length: 1000\r\n\r\n{{"
    )
    writer.write(head.encode())
    await writer.drain()
    await eventually(lambda: souk.gateway._gate.running)
    writer.close()
    await eventually(lambda: not souk.gateway._gate.running)
    assert not souk.library.calls


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
async def test_a_read_over_the_wire(address: str, verb: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        answer = await client.request(verb, "/api/v1/books")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 100
    assert bool(answer.content) is (verb == "GET")
