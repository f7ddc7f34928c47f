"""Requests put together from path, query, headers and JSON."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.gateway.conftest import World
from tests.gateway.fake_contract import BOOK_ID, LoanStatus, Place

ADD = "/api/v1/books"
LOANS = f"/api/v1/books/{BOOK_ID}/loans"


def errors(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["code"] == "InvalidRequest"
    return {error["field"]: error["message"] for error in problem["errors"]}


async def test_a_query_becomes_typed_fields(api: httpx.AsyncClient, souk: World) -> None:
    await api.get(
        "/api/v1/books?page=2&q=caf%C3%A9+noir&is_new=true&status=lent&tags=a&tags=b"
        "&near.latitude=52.5&near.longitude=13.4"
    )
    request, _ = souk.library.calls[0]
    assert (request.page, request.q, request.is_new) == (2, "café noir", True)
    assert request.status is LoanStatus.LENT
    assert request.tags == ("a", "b")
    assert request.near == Place(latitude=52.5, longitude=13.4)


async def test_one_value_of_a_list_is_a_list(api: httpx.AsyncClient, souk: World) -> None:
    await api.get("/api/v1/books?tags=a")
    assert souk.library.calls[0][0].tags == ("a",)


async def test_blank_text_counts_as_not_given(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.get("/api/v1/books?q=&shop_id=&page=1")
    assert answer.status_code == 200
    assert souk.library.calls[0][0].shop_id == ""


async def test_a_second_address_of_a_method_reads_the_same(
    api: httpx.AsyncClient, souk: World
) -> None:
    await api.get("/api/v1/library/books?page=3")
    assert souk.library.calls[0][0].page == 3


async def test_every_wrong_field_of_a_query_is_named_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/books?page=x&status=gone&near.latitude=100&colour=red")
    assert set(errors(answer)) == {"page", "status", "near.latitude", "near.longitude", "colour"}


async def test_a_value_given_twice_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/books?page=1&page=2")
    assert set(errors(answer)) == {"page"}


async def test_a_query_that_is_no_text_is_malformed(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/v1/books?q=%ff")
    assert answer.status_code == 400
    assert answer.json()["code"] == "MalformedRequest"


async def test_a_body_becomes_a_request(api: httpx.AsyncClient, souk: World) -> None:
    body = {"title": "Emma", "price": {"amount": 5, "currency": "USD"},
            "copies": [{"shelf": "A1", "quantity": 2}], "notes": "one\ntwo"}  # fmt: skip
    answer = await api.post(ADD, json=body, headers=souk.bearer("admin"))
    assert answer.status_code == 201
    request, _ = souk.library.calls[0]
    assert (request.title, request.copies[0].quantity) == ("Emma", 2)


async def test_every_wrong_field_of_a_body_is_named_at_once(
    api: httpx.AsyncClient, souk: World
) -> None:
    body = {"price": {"amount": 1.5, "currency": "usd"}, "colour": "red",
            "copies": [{"shelf": "A1", "quantity": 0}, {"quantity": "2"}]}  # fmt: skip
    answer = await api.post(ADD, json=body, headers=souk.bearer("admin"))
    assert set(errors(answer)) == {
        "title", "price.amount", "price.currency", "colour",
        "copies[0].quantity", "copies[1].quantity", "copies[1].shelf",
    }  # fmt: skip
    assert not souk.library.calls


@pytest.mark.parametrize("body", [b"{", b"nope", b'{"title": "a",}', b"\xff\xfe", b'{"title": 1'])
async def test_what_is_not_json_is_malformed(
    api: httpx.AsyncClient, souk: World, body: bytes
) -> None:
    headers = {**souk.bearer("admin"), "Content-Type": "application/json"}
    answer = await api.post(ADD, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "MalformedRequest"


async def test_json_that_is_no_object_is_invalid(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.post(ADD, json=[1, 2], headers=souk.bearer("admin"))
    assert errors(answer)


@pytest.mark.parametrize("kind", [None, "text/plain", "multipart/form-data; boundary=x",
                                  "application/x-www-form-urlencoded",
                                  "application/json; charset=latin-1"])  # fmt: skip
async def test_a_body_of_another_kind_is_refused(
    api: httpx.AsyncClient, souk: World, kind: str | None
) -> None:
    headers = souk.bearer("admin") | ({"Content-Type": kind} if kind else {})
    answer = await api.post(ADD, content=b'{"title":"Emma"}', headers=headers)
    assert answer.status_code == 415
    assert answer.json()["code"] == "UnsupportedMediaType"


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "Application/JSON",
                                  "application/merge-patch+json"])  # fmt: skip
async def test_json_by_any_of_its_names_is_read(
    api: httpx.AsyncClient, souk: World, kind: str
) -> None:
    headers = {**souk.bearer("admin"), "Content-Type": kind}
    answer = await api.post(ADD, content=b'{"title":"Emma"}', headers=headers)
    assert answer.status_code == 201


async def test_path_header_and_body_are_put_together(api: httpx.AsyncClient, souk: World) -> None:
    headers = {**souk.bearer(), "Idempotency-Key": "k", "X-Card": "card-7"}
    answer = await api.post(LOANS, json={"days": 3}, headers=headers)
    assert answer.status_code == 201
    request, _ = souk.library.calls[0]
    assert (request.book_id, request.days, request.card) == (BOOK_ID, 3, "card-7")


async def test_what_the_path_and_a_header_say_cannot_be_said_in_the_body(
    api: httpx.AsyncClient, souk: World
) -> None:
    headers = {**souk.bearer(), "Idempotency-Key": "k", "X-Card": "card-7"}
    body = {"days": 0, "card": "mine", "book_id": BOOK_ID}
    answer = await api.post(LOANS, json=body, headers=headers)
    assert set(errors(answer)) == {"days", "card", "book_id"}


async def test_what_is_a_headers_to_say_cannot_be_said_in_the_body_alone(
    api: httpx.AsyncClient, souk: World
) -> None:
    headers = {**souk.bearer(), "Idempotency-Key": "k"}
    answer = await api.post(LOANS, json={"days": 3, "card": "mine"}, headers=headers)
    assert set(errors(answer)) == {"card"}
    answer = await api.post("/api/v1/cards", json={"days": 3, "card": "mine"})
    assert set(errors(answer)) == {"card"}
    assert (await api.post("/api/v1/cards", json={"days": 3})).status_code == 200


async def test_a_header_cannot_be_said_in_the_query(api: httpx.AsyncClient, souk: World) -> None:
    await api.get(f"/api/v1/books/{BOOK_ID}/card?days=3&card=stolen", headers={"X-Card": "mine"})
    await api.get(f"/api/v1/books/{BOOK_ID}/card?days=3&card=stolen")
    assert [request.card for request, _ in souk.library.calls] == ["mine", ""]


async def test_a_wrong_path_parameter_is_named(api: httpx.AsyncClient, souk: World) -> None:
    headers = {**souk.bearer(), "Idempotency-Key": "k"}
    answer = await api.post("/api/v1/books/7/loans", json={"days": 0}, headers=headers)
    assert set(errors(answer)) == {"book_id", "days"}


async def test_a_body_may_be_left_out_when_nothing_is_required(
    api: httpx.AsyncClient, souk: World
) -> None:
    answer = await api.put("/api/v1/books/7/touch")
    assert answer.status_code == 200
    assert souk.library.calls[0][0].book_id == "7"


async def test_a_body_left_out_is_told_by_what_is_missing(
    api: httpx.AsyncClient, souk: World
) -> None:
    answer = await api.post(ADD, headers=souk.bearer("admin"))
    assert set(errors(answer)) == {"title"}


async def test_a_body_with_a_get_means_nothing(api: httpx.AsyncClient) -> None:
    answer = await api.request("GET", "/api/v1/books", content=b"{{{", headers={"X": "y"})
    assert answer.status_code == 200


async def test_a_body_over_the_limit_is_refused_by_its_length(
    api: httpx.AsyncClient, souk: World
) -> None:
    body = b'{"title":"' + b"x" * (11 << 20) + b'"}'
    headers = {**souk.bearer("admin"), "Content-Type": "application/json"}
    answer = await api.post(ADD, content=body, headers=headers)
    assert answer.status_code == 413
    problem = answer.json()
    assert (problem["code"], problem["fields"]) == ("RequestTooLarge", {"max_bytes": "10485760"})
    assert answer.headers["connection"] == "close"


async def test_a_body_without_a_length_is_counted_as_it_comes(souk: World) -> None:
    taken = 0
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        if sent:
            return {"type": "http.disconnect"}
        taken += 1
        return {"type": "http.request", "body": b"x" * (1 << 20), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked"),
               (b"authorization", souk.bearer("admin")["Authorization"].encode())]  # fmt: skip
    scope = {"type": "http", "method": "POST", "path": ADD, "query_string": b"",
             "headers": headers, "client": ("203.0.113.7", 1)}  # fmt: skip
    await souk.gateway(scope, receive, send)
    assert sent[0]["status"] == 413
    assert taken == 11


async def test_control_characters_are_refused(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.post(ADD, json={"title": "a\u0000b"}, headers=souk.bearer("admin"))
    assert set(errors(answer)) == {"title"}


async def test_a_header_of_other_letters_is_refused(api: httpx.AsyncClient) -> None:
    headers = httpx.Headers({"X-Card": "caf\u00e9"}, encoding="latin-1")
    answer = await api.get(f"/api/v1/books/{BOOK_ID}/card?days=3", headers=headers)
    assert set(errors(answer)) == {"x-card"}
