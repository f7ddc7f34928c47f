"""Health, readiness and figures."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import structlog
from msgspec import Struct

from souk.gateway import health
from tests.gateway.conftest import World


@pytest.mark.parametrize("path", ["/health", "/health/live"])
async def test_a_process_that_answers_lives(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


async def test_a_process_with_all_it_needs_is_ready(api: httpx.AsyncClient) -> None:
    answer = await api.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "checks": {"gateway": "ok", "database": "ok"}}


async def test_what_is_away_is_named(api: httpx.AsyncClient, souk: World) -> None:
    souk.checks["broker"] = "cannot be reached"
    answer = await api.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json() == {
        "status": "unavailable",
        "checks": {"gateway": "ok", "database": "ok", "broker": "cannot be reached"},
    }


async def test_a_check_that_hangs_or_fails_is_not_ready(
    souk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang() -> dict[str, str]:
        await asyncio.sleep(60)
        return {}

    async def fail() -> dict[str, str]:
        raise RuntimeError("no")

    monkeypatch.setattr(health, "READY_SECONDS", 0.05)
    gate = souk.gateway._gate
    with structlog.testing.capture_logs():
        for ready in (hang, fail):
            reply = await health.Health(ready, gate).show_ready(None)  # type: ignore[arg-type]
            assert reply.status == 503


async def test_figures_count_requests_by_route_and_status(
    api: httpx.AsyncClient, souk: World
) -> None:
    await api.get("/api/v1/books/metrics-7")
    await api.get("/api/v1/books?q=private")
    await api.get("/api/v1/loans")
    await api.get("/api/v1/there-is-no-such-thing")
    await api.request("WEIRD", "/api/v1/books")
    async with souk.client("127.0.0.1") as here:
        answer = await here.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    text = answer.text
    assert 'souk_http_seconds_count{method="GET /api/v1/books/{book_id}",status="200"}' in text
    assert 'souk_http_seconds_count{method="GET /api/v1/loans",status="401"}' in text
    assert 'method="GET (no route)",status="404"' in text
    assert 'method="OTHER' in text
    for personal in ("metrics-7", "private", "there-is-no-such-thing", "WEIRD"):
        assert personal not in text


@pytest.mark.parametrize(
    ("token", "peer", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "::1", {}, 200),
        ("", "203.0.113.9", {}, 403),
        ("", "127.0.0.1", {b"x-forwarded-for": b"203.0.113.9"}, 403),
        ("s3cret", "127.0.0.1", {}, 403),
        ("s3cret", "127.0.0.1", {b"authorization": b"Bearer s3cre"}, 403),
        ("s3cret", "203.0.113.9", {b"authorization": b"Bearer s3cret"}, 200),
    ],
)
async def test_figures_are_for_whoever_has_the_token_or_sits_at_the_machine(
    souk: World, token: str, peer: str, headers: dict[bytes, bytes], status: int
) -> None:
    async def ready() -> dict[str, str]:
        return {}

    shown = health.Health(ready, souk.gateway._gate, metrics_token=token)
    scope = {"client": (peer, 4711), "headers": list(headers.items())}
    exchange = Asked(scope, headers)
    assert (await shown.show_metrics(exchange)).status == status  # type: ignore[arg-type]  # as much as it asks


class Asked(Struct):
    """What of a request tells who asks."""

    scope: dict[str, object]
    headers: dict[bytes, bytes]
