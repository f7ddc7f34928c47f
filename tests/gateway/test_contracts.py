"""Every contract of Souk can be served and described."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import schemathesis

from souk.asgi import every_method
from souk.gateway.headers import Security
from souk.gateway.openapi import document
from souk.gateway.route import Patience, Route, router_of, routes_of
from souk.kernel.settings import Settings


@pytest.fixture(scope="module")
def routes() -> list[Route]:
    settings = Settings()
    return routes_of(every_method(), settings, Security(settings), Patience(30))


@pytest.fixture(scope="module")
def described(routes: list[Route]) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(document(routes, Settings()))
    return found


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def test_no_two_methods_want_the_same_address(routes: list[Route]) -> None:
    router = router_of(routes)
    for route in routes:
        found = router.find(route.http.path)
        assert found is not None
        assert found[0][route.http.verb] is route


def test_the_document_is_valid(described: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(described).validate()


def test_every_reference_leads_to_a_final_name(described: dict[str, Any]) -> None:
    assert not [text for text in strings(described) if text.startswith(("got:", "sent:"))]


def test_every_refusal_has_an_example_that_reads_as_a_sentence(described: dict[str, Any]) -> None:
    for name, example in described["components"]["examples"].items():
        detail = example["value"].get("detail", "")
        assert "{" not in detail, f"{name}: {detail}"
