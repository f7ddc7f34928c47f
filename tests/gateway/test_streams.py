"""Live updates over a real server: server-sent events and WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from souk.gateway import streams
from souk.kernel.refusals import NotAllowed
from tests.gateway.conftest import World, served, world
from tests.gateway.fake_contract import BOOK_ID, UNKNOWN_ID, BookNotFound, News
from tests.support.waiting import eventually

LIVE = f"/api/v1/books/{BOOK_ID}/live"
SECONDS = 20


async def lines_of(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        if line:
            yield line


async def closed(socket: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as ended:
        async with asyncio.timeout(SECONDS):
            await socket.recv()
    frame = ended.value.rcvd
    assert frame is not None
    return frame.code, frame.reason


async def test_events_are_told_as_they_happen_until_the_stream_ends(
    souk: World, address: str
) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        souk.library.news.put_nowait(News(event="lent", number=1))
        async with client.stream("GET", LIVE, headers=souk.bearer()) as answer:
            lines = lines_of(answer)
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-accel-buffering"] == "no"
            assert await anext(lines) == 'data: {"event":"lent","number":1}'
            souk.library.news.put_nowait(News(event="back", number=2))
            assert await anext(lines) == 'data: {"event":"back","number":2}'
            souk.library.news.put_nowait(None)
            assert [line async for line in lines] == ["event: end", "data: {}"]
    assert souk.library.closed == 1


async def test_a_stream_that_is_refused_before_it_begins_is_an_ordinary_problem(
    souk: World, address: str
) -> None:
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        unknown = await client.get(f"/api/v1/books/{UNKNOWN_ID}/live", headers=souk.bearer())
        nobody = await client.get(LIVE)
        other = await client.get(LIVE, headers=souk.bearer("courier"))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "BookNotFound")
    assert (nobody.status_code, other.status_code) == (401, 403)


async def test_a_refusal_later_on_is_an_event(souk: World, address: str) -> None:
    souk.library.news.put_nowait(News(event="lent"))
    souk.library.news.put_nowait(BookNotFound(book_id="7"))
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        answer = await client.get(LIVE, headers=souk.bearer())
    lines = [line for line in answer.text.splitlines() if line]
    assert lines[1] == "event: problem"
    problem = json.loads(lines[2].removeprefix("data: "))
    assert (problem["code"], problem["status"]) == ("BookNotFound", 404)


async def test_the_token_may_come_in_the_query_of_a_stream(souk: World, address: str) -> None:
    souk.library.news.put_nowait(None)
    token = souk.issuer.token()
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        good = await client.get(LIVE, params={"access_token": token})
        bad = await client.get(LIVE, params={"access_token": "nonsense"})
        elsewhere = await client.get("/api/v1/loans", params={"access_token": token})
    assert (good.status_code, bad.status_code, elsewhere.status_code) == (200, 401, 401)


async def test_a_client_that_leaves_ends_the_stream(souk: World, address: str) -> None:
    souk.library.news.put_nowait(News(event="lent"))
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client:
        async with client.stream("GET", LIVE, headers=souk.bearer()) as answer:
            await anext(lines_of(answer))
        await eventually(lambda: souk.library.closed == 1)
    await eventually(lambda: souk.gateway._streams.open == 0)


async def test_silence_is_broken_by_a_comment(
    souk: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    async with (
        httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client,
        client.stream("GET", LIVE, headers=souk.bearer()) as answer,
    ):
        lines = lines_of(answer)
        assert [await anext(lines) for _ in range(3)] == [": ping"] * 3


async def test_a_socket_tells_what_happens(souk: World, address: str) -> None:
    async with connect(f"ws://{address}{LIVE}", additional_headers=souk.bearer()) as socket:
        for number in range(50):
            souk.library.news.put_nowait(News(event="lent", number=number))
        async with asyncio.timeout(SECONDS):
            seen = [json.loads(await socket.recv()) for _ in range(50)]
        assert seen == [{"event": "lent", "number": number} for number in range(50)]
        souk.library.news.put_nowait(None)
        assert await closed(socket) == (1000, "")
    assert souk.library.closed == 1


async def test_a_socket_takes_the_token_as_a_subprotocol(souk: World, address: str) -> None:
    souk.library.news.put_nowait(News(event="lent"))
    protocols = [Subprotocol("bearer"), Subprotocol(souk.issuer.token())]
    async with connect(f"ws://{address}{LIVE}", subprotocols=protocols) as socket:
        assert socket.subprotocol == "bearer"
        assert json.loads(await socket.recv())["event"] == "lent"


async def test_a_socket_takes_the_token_in_the_query(souk: World, address: str) -> None:
    souk.library.news.put_nowait(News(event="lent"))
    url = f"ws://{address}{LIVE}?access_token={souk.issuer.token()}"
    async with connect(url) as socket:
        assert json.loads(await socket.recv())["event"] == "lent"


@pytest.mark.parametrize(
    ("path", "roles", "told"),
    [
        (LIVE, None, "4401 SignInRequired: "),
        (LIVE, ("courier",), "4403 NotAllowed: "),
        (f"/api/v1/books/{UNKNOWN_ID}/live", ("customer",), "4404 BookNotFound: "),
        ("/api/v1/books", ("customer",), "4404 RouteNotFound: "),
        ("/api/v1/nothing", ("customer",), "4404 RouteNotFound: "),
        (f"{LIVE}?colour=red", ("customer",), "4422 InvalidRequest: "),
    ],
)
async def test_a_socket_that_is_refused_closes_with_the_reason(
    souk: World, address: str, path: str, roles: tuple[str, ...] | None, told: str
) -> None:
    headers = souk.bearer(*roles) if roles else {}
    async with connect(f"ws://{address}{path}", additional_headers=headers) as socket:
        code, reason = await closed(socket)
    assert f"{code} {reason}".startswith(told)


async def test_a_bad_token_closes_a_socket(souk: World, address: str) -> None:
    async with connect(f"ws://{address}{LIVE}?access_token=nonsense") as socket:
        assert (await closed(socket))[0] == 4401


async def test_a_refusal_in_the_middle_closes_a_socket(souk: World, address: str) -> None:
    souk.library.news.put_nowait(News(event="lent"))
    souk.library.news.put_nowait(NotAllowed())
    async with connect(f"ws://{address}{LIVE}", additional_headers=souk.bearer()) as socket:
        await socket.recv()
        assert (await closed(socket))[0] == 4403


async def test_a_socket_that_its_client_closes_ends_the_stream(souk: World, address: str) -> None:
    async with connect(f"ws://{address}{LIVE}", additional_headers=souk.bearer()) as socket:
        await eventually(lambda: souk.library.calls)
        await socket.send("anything")
    await eventually(lambda: souk.library.closed == 1)
    await eventually(lambda: souk.gateway._streams.open == 0)


async def test_a_socket_that_vanishes_ends_the_stream(souk: World, address: str) -> None:
    socket = await connect(f"ws://{address}{LIVE}", additional_headers=souk.bearer())
    await eventually(lambda: souk.library.calls)
    socket.transport.abort()
    await eventually(lambda: souk.library.closed == 1)
    with pytest.raises(ConnectionClosed):
        await socket.recv()


async def test_a_silent_socket_is_pinged(
    souk: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    async with connect(f"ws://{address}{LIVE}", additional_headers=souk.bearer()) as socket:
        assert [await socket.recv() for _ in range(3)] == ['{"event":"ping"}'] * 3


async def test_streams_of_one_client_are_bounded() -> None:
    made = world(options={"streams_each_max": 1})
    async with served(made.gateway) as address:
        url, headers = f"ws://{address}{LIVE}", made.bearer()
        async with connect(url, additional_headers=headers):
            await eventually(lambda: made.library.calls)
            async with connect(url, additional_headers=headers) as second:
                assert (await closed(second))[0] == 4429
            async with connect(url, additional_headers=made.bearer(sub="u-2")):
                await eventually(lambda: made.gateway._streams.open == 2)


async def test_a_stream_ends_with_the_token_that_opened_it() -> None:
    made = world(access_token_seconds=1)
    async with served(made.gateway) as address:
        async with connect(f"ws://{address}{LIVE}", additional_headers=made.bearer()) as socket:
            assert (await closed(socket))[0] == 4401
        assert made.library.closed == 1


async def test_a_gateway_that_stops_ends_streams_and_takes_no_new_ones(
    souk: World, address: str
) -> None:
    souk.library.news.put_nowait(News(event="lent"))
    url = f"ws://{address}{LIVE}"
    async with (
        httpx.AsyncClient(base_url=f"http://{address}", timeout=SECONDS) as client,
        client.stream("GET", LIVE, headers=souk.bearer()) as answer,
        connect(url, additional_headers=souk.bearer()) as socket,
    ):
        lines = lines_of(answer)
        await anext(lines)
        await eventually(lambda: souk.gateway._streams.open == 2)
        await souk.gateway.stop(SECONDS)
        assert await closed(socket) == (1012, "restarting")
        assert [line async for line in lines] == ["retry: 1000"]
        async with connect(url, additional_headers=souk.bearer()) as late:
            assert (await closed(late))[0] == 4503
    assert souk.library.closed == 2


async def test_a_client_that_does_not_read_is_dropped(
    souk: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "SEND_SECONDS", 0.2)
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    head = f"GET {LIVE} HTTP/1.1\r\nHost: souk\r\n"
    writer.write(f"{head}Authorization: {souk.bearer()['Authorization']}\r\n\r\n".encode())
    await eventually(lambda: souk.library.calls)
    large = News(event="x" * (1 << 20))
    for _ in range(64):
        souk.library.news.put_nowait(large)
    await eventually(lambda: souk.library.closed == 1)
    assert souk.library.news.qsize() > 0
    writer.close()
    reader.feed_eof()
