"""From a method's answer to an HTTP answer: status, caching, files."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

import msgspec

from souk.gateway.exchange import Exchange, Reply
from souk.gateway.files import file_reply
from souk.gateway.headers import Header
from souk.gateway.problems import MethodNotAllowed, problem_of, status_of
from souk.gateway.requests import plain_type, struct_fields
from souk.kernel.context import Caller
from souk.kernel.contract import Empty, File, Http, Method
from souk.kernel.refusals import Kind, Refusal, RequestTooLarge

JSON = b"application/json"
PROBLEM = b"application/problem+json"
CREATING = ("Create", "Register", "Add", "Place")
NO_STORE: Header = (b"cache-control", b"no-store")
encode = msgspec.json.Encoder().encode


class Answerer:
    """Answers for one route; what can be decided beforehand is."""

    def __init__(self, method: Method, http: Http, *, varies: bytes = b"") -> None:
        answer = method.answer
        self.status = ordinary_status(method, http)
        self._path = answer.when_field.split(".") if answer.when_field else []
        self._when = (answer.when_value, answer.when_status)
        self._is_file = method.response is File
        # Answers that depend on a header (a guest's cart) are as private as those to a token.
        tells = bool(method.headers or method.answer_headers or method.raw)
        self.is_public = http.verb == "GET" and method.access.public and not tells
        self.is_for_all = self.is_public and answer.max_age_seconds > 0
        shared = b"public, max-age=%d" % answer.max_age_seconds
        self._anyone: Header = (b"cache-control", shared if answer.max_age_seconds else b"no-cache")
        self._someone: Header = (b"cache-control", b"private, no-cache")
        self._vary: Header = (
            b"vary",
            b"authorization, x-api-key" + (b", " + varies if varies else b""),
        )
        self._headers = [
            (field, name.lower().encode()) for field, name in method.answer_headers.items()
        ]
        self.shows_below = False  # whether what was created is found at <path>/<id>

    def reply(self, exchange: Exchange, result: Any, caller: Caller) -> Reply:
        status = self._status(result)
        if status == 204:
            return Reply(204, headers=[NO_STORE])
        reply = file_reply(status, result) if self._is_file else Reply(status, JSON, encode(result))
        if not self.is_public:
            reply.headers.append(NO_STORE)
        else:
            # SHA-1 by the processor's own instructions; it guards nothing, it only tells apart.
            digest = hashlib.sha1(reply.body, usedforsecurity=False).hexdigest()
            reply.tag = b'"%s"' % digest[:24].encode()
            reply.headers += (self._someone if caller.user_id else self._anyone, self._vary)
        for field, name in self._headers:
            if value := getattr(result, field):
                reply.headers.append((name, value.encode("latin-1")))
        if status == 201 and self.shows_below:
            address = f"{quote(exchange.scope['path'])}/{quote(result.id, safe='')}"
            reply.headers.append((b"location", address.encode()))
        return reply

    def _status(self, result: Any) -> int:
        if not self._path:
            return self.status
        value = result
        for name in self._path:
            value = getattr(value, name, None)
        return self._when[1] if value == self._when[0] else self.status


def ordinary_status(method: Method, http: Http) -> int:
    if method.answer.status:
        return method.answer.status
    if method.response is Empty:
        return 204
    return 201 if http.verb == "POST" and method.name.startswith(CREATING) else 200


def statuses(method: Method, http: Http) -> list[int]:
    """Every status of success."""
    found = {ordinary_status(method, http)}
    if method.answer.when_field:
        found.add(method.answer.when_status)
    return sorted(found)


def refusal_reply(refusal: Refusal, exchange: Exchange) -> Reply:
    headers: list[Header] = [NO_STORE]
    if refusal.retry_after_seconds is not None:
        headers.append((b"retry-after", b"%d" % refusal.retry_after_seconds))
    if refusal.KIND is Kind.UNAUTHENTICATED:
        told = b', error="invalid_token"' if b"authorization" in exchange.headers else b""
        headers.append((b"www-authenticate", b'Bearer realm="souk"' + told))
    if isinstance(refusal, MethodNotAllowed):
        headers.append((b"allow", refusal.allowed.encode()))
    if isinstance(refusal, RequestTooLarge) and exchange.is_http1:
        headers.append((b"connection", b"close"))
    body = encode(problem_of(refusal, exchange.trace_id))
    reply = Reply(status_of(refusal), PROBLEM, body, headers)
    reply.lingers = exchange.is_unread
    return reply


def has_id(kind: type[Any]) -> bool:
    """Whether an answer carries the `id` of what it shows."""
    return any(
        field.encode_name == "id" and isinstance(plain_type(field.type), msgspec.inspect.StrType)
        for field in struct_fields(kind)
    )
