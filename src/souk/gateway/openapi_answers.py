"""What a method may answer, as OpenAPI says it: its success, and every refusal with an example."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, get_type_hints

import msgspec

from souk.gateway.answers import statuses
from souk.gateway.problems import (
    MethodNotAllowed,
    UnsupportedMediaType,
    problem_of,
    status_of,
)
from souk.gateway.route import Route
from souk.gateway.router import parameters_of
from souk.gateway.schemas import REFERENCE, Schema, Schemas, plain
from souk.kernel.contract import File, Idempotency, Method
from souk.kernel.refusals import (
    DeadlineExceeded,
    FieldError,
    IdempotencyKeyInFlight,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    InvalidRequest,
    Kind,
    MalformedRequest,
    NotAllowed,
    Refusal,
    RequestTooLarge,
    RouteNotFound,
    SignInRequired,
    StepUpRequired,
    TooManyRequests,
    Unavailable,
    Unexpected,
)
from souk.kernel.settings import Settings

PROBLEM = "application/problem+json"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ID = "0197a3f2-5c1e-7d4b-9a86-3f2b1c0d4e5f"
OFTEN = (Unavailable, DeadlineExceeded, Unexpected)
SAID = {
    200: "Done.",
    201: "Made.",
    202: "Accepted: the work goes on.",
    204: "Done; there is nothing to say.",
}
BASE: Schema = {
    "type": "object",
    "description": "A refusal, as RFC 9457 writes it.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of problem."},
        "title": {"type": "string"},
        "status": {"type": "integer", "description": "The HTTP status."},
        "code": {"type": "string", "description": "What a program acts on."},
        "detail": {"type": "string", "description": "What a person is told."},
        "trace_id": {"type": "string", "description": "What to quote when asking for help."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "The facts of the refusal, as text.",
        },
        "errors": {"type": "array", "items": {"$ref": REFERENCE + "FieldError"}},
    },
    "required": ["type", "title", "status", "code", "trace_id"],
}
FIELD_ERROR: Schema = {
    "type": "object",
    "description": "One wrong field of a request.",
    "properties": {
        "field": {"type": "string", "description": "Where: `items[0].quantity`."},
        "message": {"type": "string"},
    },
    "required": ["field", "message"],
}
HEADERS: dict[str, Any] = {
    "X-Request-Id": {
        "description": "The id the client sent, or the trace id.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds to wait before asking again.",
        "schema": {"type": "integer"},
    },
    "ETag": {
        "description": "Send it back as If-None-Match to hear only of changes.",
        "schema": {"type": "string"},
    },
    "Location": {"description": "Where it is found.", "schema": {"type": "string"}},
    "Allow": {"description": "What this address answers.", "schema": {"type": "string"}},
}


class Answers:
    """Gathers the refusals that are mentioned, so that each is described once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._refusals: dict[str, type[Refusal]] = {}

    def of(self, route: Route, schemas: Schemas) -> dict[str, Any]:
        found = {
            str(status): good(route, status, schemas)
            for status in statuses(route.method, route.http)
        }
        if route.answerer.is_public and not route.method.streams:
            found["304"] = {"description": "Nothing has changed since that ETag."}
        by_status: dict[int, list[type[Refusal]]] = {}
        for kind in (*route.method.errors, *self._shared(route)):
            kinds = by_status.setdefault(status_of(kind), [])
            if kind not in kinds:
                kinds.append(kind)
        for status, kinds in sorted(by_status.items()):
            found[str(status)] = self._refused(status, kinds)
        return found

    def schemas(self) -> dict[str, Schema]:
        found = {name: refusal_schema(kind) for name, kind in sorted(self._refusals.items())}
        return {"Problem": BASE, "FieldError": FIELD_ERROR} | found

    def examples(self) -> dict[str, Any]:
        return {name: example(sample(kind)) for name, kind in sorted(self._refusals.items())}

    def responses(self) -> dict[str, Any]:
        """Those that most methods share."""
        return {kind.__name__: self._response(status_of(kind), [kind]) for kind in OFTEN}

    def headers(self) -> dict[str, Any]:
        return HEADERS

    def _shared(self, route: Route) -> list[type[Refusal]]:
        method = route.method
        found: list[type[Refusal]] = [MalformedRequest, InvalidRequest, *OFTEN]
        if method.raw is None:
            found.append(SignInRequired)
        if not method.access.public:
            found.append(NotAllowed)
        if method.access.step_up:
            found.append(StepUpRequired)
        if parameters_of(route.http.path):
            found.append(RouteNotFound)
        if route.http.body == "*":
            found.append(RequestTooLarge)
            if method.raw is None:
                found.append(UnsupportedMediaType)
        if self._settings.rate_per_minute(method.rate) or method.streams:
            found.append(TooManyRequests)
        return found + keyed(method)

    def _refused(self, status: int, kinds: list[type[Refusal]]) -> dict[str, Any]:
        for kind in kinds:
            self._refusals[kind.__name__] = kind
        if len(kinds) == 1 and kinds[0] in OFTEN:
            return {"$ref": f"#/components/responses/{kinds[0].__name__}"}
        return self._response(status, kinds)

    def _response(self, status: int, kinds: list[type[Refusal]]) -> dict[str, Any]:
        names = [kind.__name__ for kind in kinds]
        references = [{"$ref": REFERENCE + name} for name in names]
        schema = references[0] if len(names) == 1 else {"anyOf": references}
        examples = {name: {"$ref": f"#/components/examples/{name}"} for name in names}
        found: dict[str, Any] = {
            "description": ", ".join(sample(kind).title for kind in kinds) + ".",
            "content": {PROBLEM: {"schema": schema, "examples": examples}},
        }
        if any(kind.KIND in (Kind.TOO_MANY, Kind.UNAVAILABLE) for kind in kinds):
            found["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
        return found


def good(route: Route, status: int, schemas: Schemas) -> dict[str, Any]:
    method = route.method
    named = ["X-Request-Id"]
    if route.answerer.is_public and not method.streams:
        named.append("ETag")
    if status == 201 and route.answerer.shows_below:
        named.append("Location")
    more = {name: {"schema": {"type": "string"}} for name in method.answer_headers.values()}
    found: dict[str, Any] = {
        "description": SAID.get(status, HTTPStatus(status).phrase + "."),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in named} | more,
    }
    if status == method.answer.when_status:
        found["x-souk-when"] = {
            "field": method.answer.when_field,
            "value": method.answer.when_value,
        }
    if method.streams:
        message = schemas.got(method.response)
        events = {"schema": event_schema(message), "x-souk-message": message}
        found["content"] = {"text/event-stream": events}
    elif method.response is File:
        found["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    elif status != 204:
        found["content"] = {"application/json": {"schema": schemas.got(method.response)}}
    return found


def event_schema(message: Schema) -> Schema:
    """One server-sent event: a message has no name, what else is told has one."""
    data = {"type": "string", "contentMediaType": "application/json"}
    named = {"event": {"type": "string", "enum": ["problem", "end"]}, "data": data}
    plain_data = {**data, "contentSchema": message}
    return {
        "anyOf": [
            {"type": "object", "properties": named, "required": ["event"]},
            {"type": "object", "properties": {"data": plain_data}, "required": ["data"]},
            {"type": "object", "properties": {"retry": {"type": "integer"}}, "required": ["retry"]},
        ]
    }


def keyed(method: Method) -> list[type[Refusal]]:
    if method.idempotent is Idempotency.NONE:
        return []
    return [IdempotencyKeyRequired, IdempotencyKeyReused, IdempotencyKeyInFlight]


def refusal_schema(kind: type[Refusal]) -> Schema:
    said: Schema = {
        "code": {"const": kind.__name__},
        "status": {"const": status_of(kind)},
    }
    if fields := refusal_fields(kind):
        said["fields"] = {
            "type": "object",
            "properties": {name: {"type": "string"} for name in fields},
        }
    if kind is InvalidRequest:
        said["errors"] = {"type": "array", "minItems": 1}
    return {
        "description": told(kind),
        "allOf": [{"$ref": REFERENCE + "Problem"}, {"type": "object", "properties": said}],
    }


def example(refusal: Refusal) -> dict[str, Any]:
    value = msgspec.to_builtins(problem_of(refusal, TRACE))
    return {"summary": refusal.title, "value": value}


def told(kind: type[Refusal]) -> str:
    """The refusal in a sentence: its detail where that needs no facts, else its documentation."""
    doc = kind.__dict__.get("__doc__")
    if doc:
        return plain(doc)
    detail = kind.DETAIL
    return detail if detail and not detail.startswith("{") else sample(kind).title + "."


def refusal_fields(kind: type[Refusal]) -> dict[str, Any]:
    if kind is InvalidRequest:
        return {}
    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind.__annotations__ if name in hints and name.islower()}


def sample(kind: type[Refusal]) -> Refusal:
    """A refusal with facts made up, for examples."""
    if kind is InvalidRequest:
        return InvalidRequest(FieldError("items[0].quantity", "must be at least 1"))
    if kind is SignInRequired:
        return SignInRequired()
    if kind is MethodNotAllowed:
        return MethodNotAllowed(allowed="GET, HEAD, OPTIONS")
    return kind(**{name: fact(name, hint) for name, hint in refusal_fields(kind).items()})


def fact(name: str, hint: Any) -> Any:
    known = {
        "max_bytes": 10 << 20,
        "retry_seconds": 30,
        "service": "payments",
        "expected": "application/json",
        "reason": "The body is not JSON.",
        "sku": "TEE-M-RED",
        "currency": "USD",
    }
    if name in known:
        return known[name]
    if hint is bool:
        return True
    if hint in (int, float):
        return 2
    if name.endswith("_id"):
        return ID
    return f"({name.replace('_', ' ')})"
