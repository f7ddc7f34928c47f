"""Refusals on the wire: google.rpc.Status with the refusal's name and fields, and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import grpc
import grpc.aio
import msgspec
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2, status_pb2

from souk.kernel.refusals import (
    DeadlineExceeded,
    FieldError,
    InvalidRequest,
    Refusal,
    RequestTooLarge,
    Unavailable,
    Unexpected,
)

CALLER = "souk-caller-bin"
AUTHORIZATION = "authorization"
API_KEY = "x-api-key"
TRACE = "traceparent"
KEY = "idempotency-key"
DETAILS = "grpc-status-details-bin"
DOMAIN = "souk"
VIOLATION_BYTES_MAX = 5000  # gRPC clients take 8 KB of metadata in all


def trailers_of(refusal: Refusal) -> tuple[tuple[str, bytes], ...]:
    """The refusal as gRPC's standard trailing metadata."""
    texts = {key: _text(value) for key, value in refusal.fields.items() if value is not None}
    details: list[Message] = [
        error_details_pb2.ErrorInfo(reason=refusal.name, domain=DOMAIN, metadata=texts)
    ]
    if isinstance(refusal, InvalidRequest):
        details.append(error_details_pb2.BadRequest(field_violations=_violations(refusal)))
    packed = []
    for detail in details:
        packed.append(any_pb2.Any())
        packed[-1].Pack(detail)
    status = status_pb2.Status(
        code=refusal.KIND.code.value[0], message=refusal.detail, details=packed
    )
    return ((DETAILS, status.SerializeToString()),)


def refusal_from(error: grpc.aio.AioRpcError, service: str) -> Refusal:
    """What a failed call means: the refusal that was sent, or what the code says."""
    sent = _unpacked(error)
    if sent is not None:
        return sent
    match error.code():
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return DeadlineExceeded()
        case grpc.StatusCode.RESOURCE_EXHAUSTED if "larger than max" in (error.details() or ""):
            return RequestTooLarge(max_bytes=16 << 20)
        case (
            grpc.StatusCode.UNAVAILABLE
            | grpc.StatusCode.RESOURCE_EXHAUSTED
            | grpc.StatusCode.CANCELLED
        ):
            return Unavailable(service=service)
    return Unexpected()


def has_details(error: grpc.aio.AioRpcError) -> bool:
    """Whether a Souk service said this, rather than the network."""
    return _details(error) is not None


def _details(error: grpc.aio.AioRpcError) -> bytes | None:
    trailers: Any = error.trailing_metadata() or ()
    return next((value for key, value in trailers if key == DETAILS), None)


def _unpacked(error: grpc.aio.AioRpcError) -> Refusal | None:
    sent = _details(error)
    if sent is None:
        return None
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    try:
        for detail in status_pb2.Status.FromString(sent).details:
            detail.Unpack(info)
            detail.Unpack(bad)
        if info.domain != DOMAIN:
            return None
        if info.reason == InvalidRequest.__name__:
            errors = (FieldError(wrong.field, wrong.description) for wrong in bad.field_violations)
            return InvalidRequest(*errors)
        return Refusal.rebuild(info.reason, dict(info.metadata), error.code())
    except (DecodeError, msgspec.ValidationError, TypeError):
        return None  # another version's: its code says enough


def _violations(refusal: InvalidRequest) -> Iterator[Any]:
    left = VIOLATION_BYTES_MAX
    for wrong in refusal.errors:
        left -= len(wrong.field.encode()) + len(wrong.message.encode()) + 8
        if left < 0:
            return
        yield error_details_pb2.BadRequest.FieldViolation(
            field=wrong.field, description=wrong.message
        )


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int():
            return str(value)
        case datetime():
            return value.isoformat()
    return msgspec.json.encode(value).decode()
