"""The OpenAPI document: what it promises is what the gateway does."""

from __future__ import annotations

from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis

from tests.gateway.conftest import World
from tests.gateway.fake_contract import BOOK_ID


@pytest.fixture
async def document(api: httpx.AsyncClient) -> dict[str, Any]:
    answer = await api.get("/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def validator(document: dict[str, Any], name: str) -> jsonschema_rs.Draft202012Validator:
    """For one schema of the document, with everything it refers to."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


async def test_the_document_is_valid(document: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(document)
    assert document["openapi"] == "3.1.0"
    schema.validate()


async def test_every_route_is_described_and_nothing_internal(document: dict[str, Any]) -> None:
    described = {(verb, path) for path, verbs in document["paths"].items() for verb in verbs}
    assert ("get", "/api/v1/library/books") in described
    assert ("delete", "/api/v1/books/{book_id}/loans") in described
    assert not [path for _, path in described if "internal" in path]
    assert {"/health", "/health/live", "/health/ready", "/metrics"} <= set(document["paths"])


async def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    names = [each["operationId"] for verbs in document["paths"].values() for each in verbs.values()]
    assert len(names) == len(set(names))
    assert {"list_books", "list_books_2"} <= set(names)


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "$ref":
                    place: Any = document
                    for step in inner.removeprefix("#/").split("/"):
                        place = place[step]
                else:
                    walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)


async def test_path_query_and_headers_are_parameters(document: dict[str, Any]) -> None:
    asked = document["paths"]["/api/v1/books"]["get"]["parameters"]
    by_name = {one["name"]: one for one in asked}
    assert by_name["page"] == {
        "name": "page", "in": "query", "required": False,
        "schema": {"type": "integer", "minimum": 0, "maximum": 1000},
    }  # fmt: skip
    assert by_name["status"]["schema"] == {"type": "string", "enum": ["lent", "waiting"]}
    assert by_name["near.latitude"]["schema"] == {"type": "number", "minimum": -90, "maximum": 90}
    assert by_name["tags"]["schema"]["maxItems"] == 3
    lent = document["paths"]["/api/v1/books/{book_id}/loans"]["post"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in lent] == [
        ("book_id", "path", True), ("X-Card", "header", False), ("Idempotency-Key", "header", True),
    ]  # fmt: skip
    assert lent[0]["schema"]["format"] == "uuid"


async def test_a_body_leaves_out_what_comes_by_path_and_header(document: dict[str, Any]) -> None:
    body = document["paths"]["/api/v1/books/{book_id}/loans"]["post"]["requestBody"]
    assert body["required"]
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = document["components"]["schemas"][name]
    assert list(schema["properties"]) == ["days"]
    assert schema["required"] == ["days"]
    assert schema["additionalProperties"] is False
    touched = document["paths"]["/api/v1/books/{book_id}/touch"]["put"]["requestBody"]
    assert not touched["required"]


async def test_an_upload_is_a_form_with_a_file(document: dict[str, Any]) -> None:
    cover = document["paths"]["/api/v1/books/{book_id}/cover"]["post"]
    form = cover["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert form["properties"]["file"]["format"] == "binary"
    assert {one["name"] for one in cover["parameters"]} == {"book_id", "is_front", "title"}


async def test_every_refusal_stands_under_its_status_with_an_example(
    document: dict[str, Any],
) -> None:
    answers = document["paths"]["/api/v1/books/{book_id}/loans"]["post"]["responses"]
    assert set(answers) == {
        "201", "202", "400", "401", "403", "404", "409", "413", "415", "422", "500", "503", "504",
    }  # fmt: skip
    conflict = answers["409"]["content"]["application/problem+json"]
    assert list(conflict["examples"]) == ["BookIsLent", "IdempotencyKeyInFlight"]
    example = document["components"]["examples"]["BookIsLent"]["value"]
    assert example["code"] == "BookIsLent"
    assert set(example["fields"]) == {"title", "waiting", "is_long", "fee"}
    refusal = validator(document, "BookIsLent")
    assert refusal.is_valid(example)
    assert not refusal.is_valid({**example, "code": "Other"})


async def test_statuses_stand_only_where_they_can_occur(document: dict[str, Any]) -> None:
    def statuses(verb: str, path: str) -> set[str]:
        return set(document["paths"][path][verb]["responses"])

    listed = statuses("get", "/api/v1/books")
    assert {"200", "304", "400", "401", "422", "503"} <= listed
    assert not {"403", "404", "413", "415"} & listed
    assert "204" in statuses("delete", "/api/v1/books/{book_id}/loans")
    assert "200" not in statuses("delete", "/api/v1/books/{book_id}/loans")
    assert "403" in statuses("get", "/api/v1/loans")
    assert "401" not in statuses("post", "/api/v1/hooks/{partner}")


async def test_access_is_told(document: dict[str, Any]) -> None:
    paths = document["paths"]
    assert paths["/api/v1/loans"]["get"]["security"] == [{"bearer": []}]
    assert paths["/api/v1/books"]["get"]["security"] == [{}, {"bearer": []}]
    assert paths["/api/v1/loans"]["get"]["x-souk-roles"] == ["customer"]
    assert (
        paths["/api/v1/loans"]["get"]["x-souk-grpc"] == "souk.library.v1.LibraryService/ListLoans"
    )


async def test_tags_are_described(document: dict[str, Any]) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert tags["library"].startswith("An invented library")
    assert tags["system"]


async def test_streams_are_described(document: dict[str, Any]) -> None:
    watch = document["paths"]["/api/v1/books/{book_id}/live"]["get"]
    assert watch["x-souk-stream"]
    events = watch["responses"]["200"]["content"]["text/event-stream"]
    assert events["x-souk-message"] == {"$ref": "#/components/schemas/News"}
    assert "WebSocket" in watch["description"]


async def test_answers_are_exactly_as_described(
    api: httpx.AsyncClient, souk: World, document: dict[str, Any]
) -> None:
    book = validator(document, "Book")
    answer = (await api.get("/api/v1/books/7")).json()
    assert book.is_valid(answer)
    assert book.is_valid({**answer, "price": None})
    assert not book.is_valid({name: value for name, value in answer.items() if name != "title"})
    assert not book.is_valid({**answer, "price": 5})
    refused = await api.post(f"/api/v1/books/{BOOK_ID}/loans", json={})
    problem = validator(document, "SignInRequired")
    assert problem.is_valid(refused.json())
