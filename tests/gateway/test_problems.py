"""Refusals as problem documents, and bugs that tell nothing."""

from __future__ import annotations

import httpx
import pytest
import structlog

from tests.gateway.conftest import World
from tests.gateway.fake_contract import BOOK_ID, UNKNOWN_ID

LEND = f"/api/v1/books/{BOOK_ID}/loans"


async def test_a_refusal_is_a_problem_document(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/api/v1/books/{UNKNOWN_ID}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    trace = problem.pop("trace_id")
    assert problem == {
        "type": "https://souk.dev/problems/book-not-found",
        "title": "Book not found",
        "status": 404,
        "code": "BookNotFound",
        "detail": f"There is no book {UNKNOWN_ID}.",
        "fields": {"book_id": UNKNOWN_ID},
    }
    assert answer.headers["traceparent"].split("-")[1] == trace


async def test_fields_of_every_type_are_told_as_text(api: httpx.AsyncClient, souk: World) -> None:
    headers = {**souk.bearer(), "Idempotency-Key": "k"}
    answer = await api.post(LEND, json={"days": 13}, headers=headers)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "Emma is lent; 2 people wait for it."
    assert answer.json()["fields"] == {
        "title": "Emma", "waiting": "2", "is_long": "true",
        "fee": '{"amount":5,"currency":"USD"}',
    }  # fmt: skip


async def test_a_refusal_without_facts_has_no_fields(api: httpx.AsyncClient) -> None:
    problem = (await api.get("/api/v1/nothing")).json()
    assert "fields" not in problem
    assert "errors" not in problem


async def test_what_is_away_says_when_to_come_again(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/trouble/away")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "7"
    assert answer.json()["fields"] == {"service": "payments", "retry_seconds": "7"}


async def test_a_bug_is_logged_with_its_trace_and_told_without_detail(
    api: httpx.AsyncClient,
) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await api.get("/api/v1/trouble/bug")
    problem = answer.json()
    trace = problem.pop("trace_id")
    assert answer.status_code == 500
    assert problem == {
        "type": "https://souk.dev/problems/unexpected",
        "title": "Unexpected",
        "status": 500,
        "code": "Unexpected",
    }
    assert "secret" not in answer.text
    line = next(line for line in lines if line["event"] == "request_failed")
    assert line["trace_id"] == trace
    assert line["route"] == "/api/v1/trouble/{kind}"
    assert isinstance(line["exc_info"], RuntimeError)


async def test_a_refusal_is_not_logged_as_a_failure(api: httpx.AsyncClient) -> None:
    with structlog.testing.capture_logs() as lines:
        await api.get(f"/api/v1/books/{UNKNOWN_ID}")
    assert not [line for line in lines if line["event"] == "request_failed"]


@pytest.mark.parametrize("kind", ["late"])
async def test_time_that_ran_out_below_is_504(api: httpx.AsyncClient, kind: str) -> None:
    answer = await api.get(f"/api/v1/trouble/{kind}")
    assert answer.status_code == 504
    assert answer.json()["code"] == "DeadlineExceeded"
