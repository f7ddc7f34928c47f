"""Statuses, caching, compression, files and the headers of every answer."""

from __future__ import annotations

import gzip

import httpx
import pytest

from souk.gateway.exchange import accepts
from tests.gateway.conftest import World, world
from tests.gateway.fake_contract import BOOK_ID

BOOKS = "/api/v1/books"
LEND = f"{BOOKS}/{BOOK_ID}/loans"
ORIGIN = "https://shop.example"


async def test_a_read_answers_200_as_json(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{BOOKS}/7")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "id": BOOK_ID, "title": "Middlemarch", "price": {"amount": 1999, "currency": "USD"},
        "tags": ["novel"], "added_at": "2026-01-02T03:04:05Z",
    }  # fmt: skip


async def test_what_is_made_answers_201_and_where_it_is(
    api: httpx.AsyncClient, souk: World
) -> None:
    answer = await api.post(BOOKS, json={"title": "Emma"}, headers=souk.bearer("admin"))
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BOOKS}/{BOOK_ID}"


@pytest.mark.parametrize(("days", "status"), [(3, 201), (40, 202)])
async def test_a_field_of_the_answer_decides_between_two_statuses(
    api: httpx.AsyncClient, souk: World, days: int, status: int
) -> None:
    headers = {**souk.bearer(), "Idempotency-Key": "k"}
    answer = await api.post(LEND, json={"days": days}, headers=headers)
    assert answer.status_code == status


async def test_nothing_to_say_is_204_without_a_body(api: httpx.AsyncClient, souk: World) -> None:
    answer = await api.delete(LEND, headers=souk.bearer())
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


async def test_head_is_a_get_without_its_body(api: httpx.AsyncClient) -> None:
    head, get = await api.head(BOOKS), await api.get(BOOKS)
    assert head.content == b""
    for name in ("content-length", "etag", "content-type", "cache-control"):
        assert head.headers[name] == get.headers[name]


async def test_an_unknown_address_is_404(api: httpx.AsyncClient) -> None:
    for path in ("/api/v1/nothing", "/api/v1/books/", "/api/v1"):
        answer = await api.get(path)
        assert answer.status_code == 404
        assert answer.json()["code"] == "RouteNotFound"


async def test_a_verb_that_is_not_served_is_405_with_those_that_are(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.patch(BOOKS)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert answer.json()["fields"] == {"allowed": "GET, HEAD, OPTIONS, POST"}
    assert (await api.post("/health")).headers["allow"] == "GET, HEAD, OPTIONS"
    watched = await api.head(f"{BOOKS}/7/live")
    assert watched.headers["allow"] == "GET, OPTIONS"


async def test_a_fixed_address_does_not_lend_the_verbs_of_a_parameter(
    api: httpx.AsyncClient,
) -> None:
    assert (await api.delete(f"{BOOKS}/new")).headers["allow"] == "GET, HEAD, OPTIONS"


async def test_a_public_read_may_be_kept_and_asked_after(api: httpx.AsyncClient) -> None:
    first = await api.get(BOOKS)
    assert first.headers["cache-control"] == "no-cache"
    assert "authorization" in first.headers["vary"]
    again = await api.get(BOOKS, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("given", ["W/{}", '"other", {}', "*", ' "a",W/{} '])
async def test_a_tag_is_known_in_every_form_clients_send(
    api: httpx.AsyncClient, given: str
) -> None:
    tag = (await api.get(BOOKS)).headers["etag"]
    answer = await api.get(BOOKS, headers={"If-None-Match": given.format(tag)})
    assert answer.status_code == 304


async def test_a_tag_of_other_content_is_not_known(api: httpx.AsyncClient) -> None:
    tag = (await api.get(BOOKS)).headers["etag"]
    answer = await api.get(f"{BOOKS}?page=2", headers={"If-None-Match": f'{tag}, "x"'})
    assert answer.status_code == 200


async def test_a_contract_says_for_how_long_anyone_may_keep_an_answer(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(f"{BOOKS}/new")
    assert answer.headers["cache-control"] == "public, max-age=60"


async def test_what_a_signed_in_caller_reads_is_kept_by_them_alone(
    api: httpx.AsyncClient, souk: World
) -> None:
    answer = await api.get(f"{BOOKS}/new", headers=souk.bearer())
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_what_is_private_is_not_stored(api: httpx.AsyncClient, souk: World) -> None:
    card = await api.get(f"{BOOKS}/{BOOK_ID}/card?days=1", headers={"X-Card": "mine"})
    loans = await api.get("/api/v1/loans", headers=souk.bearer())
    refused = await api.get("/api/v1/loans")
    for answer in (card, loans, refused):
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


async def test_large_answers_are_compressed_for_those_who_can_read_them(
    api: httpx.AsyncClient, souk: World
) -> None:
    souk.library.books = 50
    plain = await api.get(BOOKS)
    async with api.stream("GET", BOOKS, headers={"Accept-Encoding": "br, gzip"}) as packed:
        raw = b"".join([piece async for piece in packed.aiter_raw()])
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(raw) < len(plain.content) / 5
    assert gzip.decompress(raw) == plain.content
    assert "accept-encoding" in plain.headers["vary"]


async def test_the_compressed_form_has_a_tag_of_its_own_which_is_known_again(
    api: httpx.AsyncClient, souk: World
) -> None:
    souk.library.books = 50
    plain = await api.get(BOOKS)
    packed = await api.get(BOOKS, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'
    again = await api.get(BOOKS, headers={"If-None-Match": packed.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["etag"] == packed.headers["etag"]


async def test_very_large_answers_are_compressed_aside(api: httpx.AsyncClient, souk: World) -> None:
    souk.library.books = 5000
    answer = await api.get(BOOKS, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.json()["items"]) == 5000


async def test_small_answers_are_not_compressed(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{BOOKS}/7", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("header", "is_accepted"),
    [(b"gzip", True), (b"br;q=1, GZIP ; q=0.5", True), (b"gzip;q=0", False),
     (b"gzip; q=0.000", False), (b"x-gzip", False), (b"identity", False)],
)  # fmt: skip
def test_a_coding_is_accepted_unless_it_weighs_nothing(header: bytes, is_accepted: bool) -> None:
    assert accepts(header, b"gzip") is is_accepted


async def test_a_file_is_sent_as_it_is(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{BOOKS}/image/cover")
    assert answer.content == b"\x89PNG"
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers.get_list("content-security-policy") == [
        answer.headers["content-security-policy"]
    ]


async def test_a_file_with_a_name_is_saved_under_it(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{BOOKS}/odd/cover")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="Umschlag _ _neu_.txt"; '
        "filename*=UTF-8''Umschlag%20%E2%80%93%20%E2%80%9Cneu%E2%80%9D.txt"
    )


async def test_a_page_of_ours_may_run_its_own_script_and_anyone_elses_may_not(
    api: httpx.AsyncClient,
) -> None:
    ours = (await api.get(f"{BOOKS}/page/cover")).headers
    theirs = (await api.get(f"{BOOKS}/theirs/cover")).headers
    assert "script-src 'sha256-" in ours["content-security-policy"]
    assert "frame-ancestors 'none'" in ours["content-security-policy"]
    assert ours["content-type"] == "text/html; charset=utf-8"
    assert "script-src" not in theirs["content-security-policy"]
    assert "sandbox" in theirs["content-security-policy"]


async def test_every_answer_carries_the_headers_that_keep_browsers_careful(
    api: httpx.AsyncClient,
) -> None:
    for path in (BOOKS, "/api/v1/nothing", "/health", "/docs", "/openapi.json"):
        headers = (await api.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"]
        assert "strict-transport-security" not in headers


async def test_https_is_insisted_on_only_where_it_is_spoken() -> None:
    made = world(public_url="https://souk.example")
    async with made.client() as client:
        headers = (await client.get(BOOKS)).headers
    assert headers["strict-transport-security"] == "max-age=31536000"


async def test_other_origins_get_nothing_unless_they_are_listed(api: httpx.AsyncClient) -> None:
    answer = await api.get(BOOKS, headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_listed_origin_may_read_answers_and_refusals() -> None:
    made = world(cors_origins=(ORIGIN,))
    async with made.client() as client:
        for path in (BOOKS, "/api/v1/loans", "/api/v1/nothing"):
            answer = await client.get(path, headers={"Origin": ORIGIN})
            assert answer.headers["access-control-allow-origin"] == ORIGIN
            assert "retry-after" in answer.headers["access-control-expose-headers"]
            assert "origin" in answer.headers["vary"]
        stranger = await client.get(BOOKS, headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in stranger.headers
        assert "origin" in stranger.headers["vary"]


async def test_a_preflight_tells_verbs_and_headers() -> None:
    made = world(cors_origins=("*",))
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    async with made.client() as client:
        answer = await client.options(BOOKS, headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "idempotency-key", "x-card"} <= set(allowed)
    assert answer.headers["access-control-max-age"] == "7200"


async def test_a_plain_options_tells_what_is_served(api: httpx.AsyncClient) -> None:
    answer = await api.options(BOOKS)
    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert (await api.options("/api/v1/nothing")).status_code == 404
