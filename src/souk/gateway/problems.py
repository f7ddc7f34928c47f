"""Refusals as RFC 9457 problem documents."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from souk.kernel.refusals import (
    DeadlineExceeded,
    FieldError,
    InvalidRequest,
    Kind,
    Refusal,
    Unexpected,
)

TYPES = "https://souk.dev/problems/"
encode = msgspec.json.Encoder().encode


class HttpRefusal(Refusal):
    """A "no" that only HTTP has, with a status of its own."""

    KIND = Kind.BAD_REQUEST
    STATUS: ClassVar[int] = 400


class MethodNotAllowed(HttpRefusal):
    STATUS = 405
    DETAIL = "This address answers {allowed} only."
    allowed: str


class UnsupportedMediaType(HttpRefusal):
    STATUS = 415
    DETAIL = "Send the body as {expected}."
    expected: str


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal, as RFC 9457 writes it."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    trace_id: str = ""
    fields: dict[str, str] = {}
    errors: tuple[FieldError, ...] = ()


def status_of(refusal: Refusal | type[Refusal]) -> int:
    status: int = getattr(refusal, "STATUS", 0) or refusal.KIND.status
    return status


def problem_of(refusal: Refusal, trace_id: str = "") -> Problem:
    bug = isinstance(refusal, Unexpected)
    return Problem(
        type=TYPES + refusal.slug,
        title=refusal.title,
        status=status_of(refusal),
        code=refusal.name,
        detail="" if bug else refusal.detail,
        trace_id=trace_id,
        fields={} if bug else texts(refusal.fields),
        errors=refusal.errors if isinstance(refusal, InvalidRequest) else (),
    )


def refusal_of(error: BaseException) -> Refusal:
    """What a client is told of a failure; whatever is no refusal is a bug."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, TimeoutError):
        return DeadlineExceeded()
    return Unexpected()


def is_bug(refusal: Refusal) -> bool:
    return refusal.KIND is Kind.INTERNAL


def texts(fields: dict[str, Any]) -> dict[str, str]:
    """Fields as text, as they also travel between services."""
    return {name: text(value) for name, value in fields.items() if value is not None}


def text(value: Any) -> str:
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else encode(plain).decode()
