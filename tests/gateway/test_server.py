"""The gateway behind the real server: bytes on a socket."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from souk.kernel.clock import monotonic
from tests.gateway.conftest import World

SECONDS = 10


async def spoken(address: str, request: bytes, *, more: int = 0) -> bytes:
    """What the server says to these bytes, and to `more` megabytes after them, until it closes."""
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)

    async def send_more() -> None:
        try:
            for _ in range(more):
                writer.write(b"x" * (1 << 20))
                await writer.drain()
        except ConnectionError:
            return

    sending = asyncio.create_task(send_more())
    try:
        async with asyncio.timeout(SECONDS):
            return await reader.read(-1) if more else await reader.readuntil(b"\r\n\r\n")
    except ConnectionError:
        return b""
    finally:
        sending.cancel()
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
    await spoken(address, head.encode(), more=100)
    assert monotonic() - began < 5
    assert not souk.library.calls


async def test_an_endless_body_is_refused_when_it_gets_too_long(
    souk: World, address: str
) -> None:
    async def endless() -> object:
        while True:
            yield b"x" * (1 << 20)

    headers = {**souk.bearer("admin"), "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        try:
            answer = await client.post("/api/v1/books", content=endless(), headers=headers)  # type: ignore[arg-type]
        except httpx.WriteError:  # the server had closed before all was sent
            return
    assert answer.status_code == 413


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
    async with asyncio.timeout(SECONDS):
        while not souk.gateway._gate.running:
            await asyncio.sleep(0.01)
        writer.close()
        while souk.gateway._gate.running:
            await asyncio.sleep(0.01)
    assert not souk.library.calls


@pytest.mark.parametrize("verb", ["GET", "HEAD"])
async def test_a_read_over_the_wire(address: str, verb: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        answer = await client.request(verb, "/api/v1/books")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 100
    assert bool(answer.content) is (verb == "GET")
