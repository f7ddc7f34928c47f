"""The access log: one line a request, with nobody in it."""

from __future__ import annotations

import io

import msgspec

from souk.gateway.journal import Journal
from souk.kernel.settings import Settings
from tests.gateway.conftest import World, world
from tests.support.waiting import eventually


def journal(souk: World, **settings: str) -> io.StringIO:
    out = io.StringIO()
    souk.gateway._journal = Journal(Settings(**settings), out)  # type: ignore[arg-type]
    return out


async def test_a_request_is_one_line_by_the_template_of_its_route() -> None:
    souk = world()
    out = journal(souk)
    async with souk.client() as client:
        answer = await client.get(
            "/api/v1/books/secret-id?q=secret-search&access_token=secret-token",
            headers={"X-Request-Id": "r-1"},
        )
    assert answer.status_code == 422
    await eventually(out.getvalue)
    line = msgspec.json.decode(out.getvalue())
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("Z")
    assert line.pop("trace_id") == answer.headers["traceparent"].split("-")[1]
    assert line == {
        "verb": "GET", "route": "/api/v1/books/{book_id}", "status": 422, "event": "request",
        "module": "souk.gateway.access", "level": "info", "service": "gateway",
    }  # fmt: skip
    assert "secret" not in out.getvalue()


async def test_an_address_without_a_route_is_not_told() -> None:
    souk = world()
    out = journal(souk)
    async with souk.client() as client:
        await client.get("/me@example.com")
    souk.gateway._journal.flush()
    assert msgspec.json.decode(out.getvalue())["route"] == "(no route)"


async def test_lines_are_written_together_and_none_is_lost() -> None:
    souk = world()
    out = journal(souk)
    async with souk.client() as client:
        for _ in range(1000):
            await client.get("/health")
    souk.gateway._journal.flush()
    assert len(out.getvalue().splitlines()) == 1000


async def test_people_read_another_form() -> None:
    souk = world()
    out = journal(souk, log_format="console")
    async with souk.client() as client:
        await client.get("/api/v1/books")
    souk.gateway._journal.flush()
    assert out.getvalue().startswith("200 GET    /api/v1/books  ")


async def test_a_quiet_log_has_no_requests() -> None:
    souk = world()
    out = journal(souk, log_level="warning")
    async with souk.client() as client:
        await client.get("/api/v1/books")
    souk.gateway._journal.flush()
    assert out.getvalue() == ""
