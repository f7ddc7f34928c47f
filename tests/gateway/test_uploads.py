"""Files that are uploaded, and requests that are taken as they came."""

from __future__ import annotations

import httpx
import pytest

from souk.gateway.uploads import safe_name, safe_type
from tests.gateway.conftest import World

COVER = "/api/v1/books/7/cover"
MAX = 200_000


async def test_a_file_fills_its_field_its_name_and_its_type(
    api: httpx.AsyncClient, souk: World
) -> None:
    files = {"file": ("front page.png", b"\x89PNG" * 20_000, "image/png")}
    answer = await api.post(COVER, files=files)
    assert answer.status_code == 200
    assert answer.json() == {
        "size": 80_000, "file_name": "front page.png", "content_type": "image/png",
        "is_front": False, "title": "",
    }  # fmt: skip
    assert souk.library.calls[0][0].content == b"\x89PNG" * 20_000
    assert souk.library.calls[0][0].book_id == "7"


async def test_the_part_may_be_called_as_the_field_is(api: httpx.AsyncClient) -> None:
    answer = await api.post(COVER, files={"content": ("a.txt", b"abc", "text/plain")})
    assert answer.json()["size"] == 3


async def test_other_parts_and_the_query_fill_other_fields(api: httpx.AsyncClient) -> None:
    files = {"file": ("a.txt", b"abc", "text/plain")}
    answer = await api.post(f"{COVER}?is_front=true", files=files, data={"title": "Für Elise"})
    assert (answer.json()["is_front"], answer.json()["title"]) == (True, "Für Elise")


async def test_wrong_fields_beside_the_file_are_named(api: httpx.AsyncClient) -> None:
    files = {"file": ("a.txt", b"", "text/plain")}
    answer = await api.post(f"{COVER}?is_front=maybe", files=files, data={"colour": "red"})
    assert {error["field"] for error in answer.json()["errors"]} == {
        "is_front", "colour", "content",
    }  # fmt: skip


async def test_a_missing_file_is_named(api: httpx.AsyncClient) -> None:
    answer = await api.post(COVER, files={"title": (None, "x")})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "content"


async def test_a_second_file_is_refused(api: httpx.AsyncClient) -> None:
    files = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    answer = await api.post(COVER, files=files)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "file", "message": "must be one file"}]


async def test_a_file_of_just_the_largest_size_is_taken(api: httpx.AsyncClient) -> None:
    answer = await api.post(COVER, files={"file": ("a", b"x" * MAX)})
    assert answer.json()["size"] == MAX


async def test_a_file_over_its_size_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.post(COVER, files={"file": ("a", b"x" * (MAX + 1))})
    assert answer.status_code == 413
    assert answer.json()["fields"] == {"max_bytes": str(MAX)}


async def test_parts_beside_the_file_are_bounded_too(api: httpx.AsyncClient) -> None:
    answer = await api.post(COVER, files={"file": ("a", b"x")}, data={"title": "x" * 70_000})
    assert answer.status_code == 413


async def test_a_form_of_very_many_parts_is_refused(api: httpx.AsyncClient) -> None:
    parts = [("title", (None, "x")) for _ in range(70)]
    answer = await api.post(COVER, files=parts)
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/csv", None])
async def test_what_is_no_form_is_of_the_wrong_kind(
    api: httpx.AsyncClient, kind: str | None
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await api.post(COVER, content=b"abc", headers=headers)
    assert answer.status_code == 415
    assert answer.json()["fields"] == {"expected": "multipart/form-data"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing like a form",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc',
        b"--x\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n--x--\r\n',
    ],
    ids=["empty", "nonsense", "cut off", "nameless", "no text"],
)
async def test_a_broken_form_is_malformed(api: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await api.post(COVER, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "MalformedRequest"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sheet.csv", "sheet.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\sheet.csv", "sheet.csv"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: x\u202e.csv", "aSet-Cookie_ x.csv"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
        ("x" * 300, "x" * 150),
        ("", ""),
    ],
)
def test_a_file_name_is_made_harmless(given: str, kept: str) -> None:
    assert safe_name(given) == kept


def test_a_media_type_is_kept_bare_or_not_at_all() -> None:
    assert safe_type(b"Text/HTML; page=own") == "text/html"
    assert safe_type(b"no type") == "application/octet-stream"


async def test_a_raw_request_keeps_every_byte_with_its_headers_and_query(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.post(
        "/api/v1/hooks/stripe?a=1&b=caf%C3%A9",
        content=b'{ "odd":   "spacing" }\n',
        headers={"X-Signature": "sig", "Authorization": "Basic abc", "Content-Type": "text/odd"},
    )
    assert answer.json() == {
        "partner": "stripe", "body": '{ "odd":   "spacing" }\n', "signature": "sig",
        "query": {"a": "1", "b": "café"},
    }  # fmt: skip


async def test_headers_sent_twice_are_joined(api: httpx.AsyncClient) -> None:
    headers = [("X-Signature", "one"), ("x-signature", "two")]
    answer = await api.post("/api/v1/hooks/stripe", content=b"x", headers=headers)
    assert answer.json()["signature"] == "one, two"


async def test_the_path_of_a_raw_request_is_still_checked(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/hooks/STRIPE", content=b"x")
    assert answer.status_code == 422
