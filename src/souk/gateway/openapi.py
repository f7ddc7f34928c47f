"""The OpenAPI 3.1 document, from the same tables the routes are made of."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from souk.gateway.openapi_answers import Answers
from souk.gateway.openapi_asks import Asks
from souk.gateway.openapi_system import SYSTEM_TAG, system_paths
from souk.gateway.route import Route
from souk.gateway.schemas import Schemas, plain
from souk.kernel.contract import Idempotency, Method
from souk.kernel.settings import Settings

ABOUT = """\
An open marketplace: many shops, one cart, one checkout, money held until the parcel arrives.

* **Money** is a whole number of minor units with its currency: \
`{"amount": 1999, "currency": "USD"}` is $19.99.
* **Times** are RFC 3339 in UTC, **ids** are UUIDv7 in lower case.
* **Refusals** are `application/problem+json` (RFC 9457): act on `code`, show `detail`, quote \
`trace_id`. Invalid input names every wrong field at once.
* **Retries** of a write are safe with an `Idempotency-Key`: the same key gets the same answer.
* **Live updates** come as a WebSocket or as server-sent events at the same address.
* Every method is also a gRPC method; its name stands in `x-souk-grpc`.
"""
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The `access_token` that register, log in and refresh answer with; or an API "
    "key (`souk_…`), which may come as `X-Api-Key` as well.",
}


def document(routes: Iterable[Route], settings: Settings) -> bytes:
    """The whole document, encoded."""
    routes = list(routes)
    schemas, answers = Schemas(), Answers(settings)
    asks = Asks(schemas)
    names = operation_ids(routes)
    paths: dict[str, Any] = {}
    firsts: dict[Method, str] = {}
    for route in routes:
        at = paths.setdefault(route.http.path, {})
        at[route.http.verb.lower()] = operation(route, names[id(route)], asks, answers, schemas)
        first = firsts.setdefault(route.method, names[id(route)])
        if first != names[id(route)]:
            at[route.http.verb.lower()]["x-souk-same-as"] = first
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": version("souk"),
            "summary": "The API of the Souk marketplace.",
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": settings.public_url.rstrip("/") or "/"}],
        "tags": [*tags(routes), SYSTEM_TAG],
        "paths": dict(sorted(paths.items())) | system_paths(),
        "components": {
            "responses": answers.responses(),
            "examples": answers.examples(),
            "headers": answers.headers(),
            "securitySchemes": {"bearer": BEARER},
        },
    }
    finished = schemas.finish(whole)
    finished["components"]["schemas"] = schemas.components() | schemas.finish(answers.schemas())
    return msgspec.json.encode(finished)


def operation(
    route: Route, name: str, asks: Asks, answers: Answers, schemas: Schemas
) -> dict[str, Any]:
    method = route.method
    comment = plain(method.comment) or words(method.name)
    found: dict[str, Any] = {
        "operationId": name,
        "tags": [method.owner],
        "summary": summary(comment),
        "description": "\n\n".join([comment, *notes(method)]),
        "security": security(method),
    }
    if parameters := asks.parameters(route):
        found["parameters"] = parameters
    if body := asks.body(route):
        found["requestBody"] = body
    found["responses"] = answers.of(route, schemas)
    found["x-souk-grpc"] = method.path.removeprefix("/")
    found["x-souk-roles"] = sorted(method.access.roles)
    found["x-souk-permission"] = method.permission
    if method.streams:
        found["x-souk-stream"] = True
    return found


def security(method: Method) -> list[dict[str, Any]]:
    if method.raw is not None:
        return []
    return [{}, {"bearer": []}] if method.access.public else [{"bearer": []}]


def notes(method: Method) -> list[str]:
    """What the options of a method mean for whoever calls it."""
    found = []
    if method.streams:
        found.append(
            "A stream: connect by WebSocket, or read it as server-sent events with "
            "`Accept: text/event-stream`. Messages are JSON. Clients that cannot set headers send "
            "the token as `?access_token=` or as the WebSocket subprotocols `bearer, <token>`. A "
            'silent WebSocket gets `{"event":"ping"}` every 15 s. It closes with 4000 + the HTTP '
            "status of the refusal, with 1012 when the server restarts."
        )
    if method.access.roles:
        found.append(f"For {listed(sorted(method.access.roles))}.")
    if method.idempotent is Idempotency.REQUIRED:
        found.append("Needs an `Idempotency-Key`; a retry with the same key gets the same answer.")
    if method.raw is not None:
        found.append("The body is taken byte for byte, with its headers and query.")
    return found


def tags(routes: list[Route]) -> list[dict[str, str]]:
    """Services in alphabetical order, described by the first line of their contracts."""
    found: dict[str, str] = {}
    for route in routes:
        module = sys.modules[route.method.request.__module__]
        first = (module.__doc__ or "").strip().partition("\n")[0]
        found.setdefault(route.method.owner, first)
    return [{"name": name, "description": found[name]} for name in sorted(found)]


def operation_ids(routes: list[Route]) -> dict[int, str]:
    """A name for each route: the method's, with the service's where two share it, then a number."""
    owners: dict[str, set[str]] = {}
    for route in routes:
        owners.setdefault(route.method.python, set()).add(route.method.service)
    found: dict[int, str] = {}
    taken: set[str] = set()
    for route in routes:
        name = route.method.python
        if len(owners[name]) > 1:
            name = f"{route.method.owner}_{name}"
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        found[id(route)] = unique
    return found


def summary(comment: str) -> str:
    return re.split(r"(?<=[.;:])\s", comment)[0].rstrip(".;:")


def words(name: str) -> str:
    """`ListOrders` reads "List orders"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).capitalize()


def listed(names: list[str]) -> str:
    plurals = {"customer": "shoppers", "seller": "sellers", "courier": "couriers",
               "support": "support", "admin": "administrators"}  # fmt: skip
    known = [plurals.get(name, name) for name in names]
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
