"""Refusals: answers of "no" that keep their type and fields on their way between services."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, ClassVar, get_type_hints

import msgspec
from grpc import StatusCode
from typing_extensions import dataclass_transform


class Kind(Enum):
    """The families of refusal: HTTP status and gRPC code of each."""

    INVALID = (422, StatusCode.INVALID_ARGUMENT)
    NOT_FOUND = (404, StatusCode.NOT_FOUND)
    CONFLICT = (409, StatusCode.FAILED_PRECONDITION)
    NOT_ALLOWED = (403, StatusCode.PERMISSION_DENIED)
    UNAUTHENTICATED = (401, StatusCode.UNAUTHENTICATED)
    PAYMENT_REQUIRED = (402, StatusCode.ABORTED)
    TOO_MANY = (429, StatusCode.RESOURCE_EXHAUSTED)
    UNAVAILABLE = (503, StatusCode.UNAVAILABLE)
    TOO_LARGE = (413, StatusCode.OUT_OF_RANGE)
    BAD_REQUEST = (400, StatusCode.INVALID_ARGUMENT)
    TIMEOUT = (504, StatusCode.DEADLINE_EXCEEDED)
    INTERNAL = (500, StatusCode.INTERNAL)

    @property
    def status(self) -> int:
        return self.value[0]

    @property
    def code(self) -> StatusCode:
        return self.value[1]


class FieldError(msgspec.Struct, frozen=True):
    """One wrong field of a request: a path such as `items[0].quantity`, and what is wrong."""

    field: str
    message: str


@dataclass_transform(kw_only_default=True)
class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """A "no" that a caller can act on.

    Subclasses (generated from messages with the `error` option) declare fields, a KIND, and a
    DETAIL in which `{field}` is filled in. Fields travel as text and come back typed.
    """

    KIND: ClassVar[Kind] = Kind.INTERNAL
    DETAIL: ClassVar[str] = ""
    known: ClassVar[dict[str, type[Refusal]]] = {}

    def __init_subclass__(cls) -> None:
        Refusal.known[cls.__name__] = cls

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)
        super().__init__(self.detail)

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def title(self) -> str:
        """`InsufficientStock` reads "Insufficient stock"."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name).capitalize()

    @property
    def slug(self) -> str:
        return self.title.lower().replace(" ", "-")

    @property
    def fields(self) -> dict[str, Any]:
        return dict(self.__dict__)

    @property
    def detail(self) -> str:
        try:
            return self.DETAIL.format_map(self.fields)
        except (KeyError, IndexError, ValueError):
            return self.DETAIL

    @property
    def retry_after_seconds(self) -> int | None:
        """When it is worth asking again; told as Retry-After."""
        if self.KIND in (Kind.TOO_MANY, Kind.UNAVAILABLE):
            return int(self.fields.get("retry_seconds") or 1)
        return None

    @staticmethod
    def rebuild(name: str, metadata: dict[str, str], code: StatusCode) -> Refusal:
        """The refusal `name` from fields sent as text; an unknown name keeps its family."""
        cls = Refusal.known.get(name)
        if cls is None:
            kind = next((kind for kind in Kind if kind.code is code), Kind.INTERNAL)
            cls = type(name, (Refusal,), {"KIND": kind})
        hints = get_type_hints(cls)
        known = {
            key: value for key, value in metadata.items() if key in hints or not cls.__annotations__
        }
        return cls(
            **{k: msgspec.convert(v, hints.get(k, str), strict=False) for k, v in known.items()}
        )


class InvalidRequest(Refusal):
    """Fields of the request are wrong; all of them are named."""

    KIND = Kind.INVALID
    DETAIL = "Some fields are not valid."

    def __init__(self, *errors: FieldError) -> None:
        super().__init__()
        self.errors = errors

    @property
    def fields(self) -> dict[str, Any]:
        return {}


class MalformedRequest(Refusal):
    KIND = Kind.BAD_REQUEST
    DETAIL = "{reason}"
    reason: str


class RequestTooLarge(Refusal):
    KIND = Kind.TOO_LARGE
    DETAIL = "The body is larger than {max_bytes} bytes."
    max_bytes: int


class RouteNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is nothing at this address."


class SignInRequired(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "{reason}"
    reason: str = "Sign in and send the access token as a bearer token."

    def __init__(self, *, reason: str = reason) -> None:
        super().__init__(reason=reason)


class NotAllowed(Refusal):
    KIND = Kind.NOT_ALLOWED
    DETAIL = "Your account may not do this."


class StepUpRequired(Refusal):
    KIND = Kind.NOT_ALLOWED
    DETAIL = "Prove once more who you are (auth/step-up), then ask again within five minutes."


class TooManyRequests(Refusal):
    KIND = Kind.TOO_MANY
    DETAIL = "Too many requests; try again in {retry_seconds} s."
    retry_seconds: int


class Unavailable(Refusal):
    """A dependency is away, or this process is full or stopping."""

    KIND = Kind.UNAVAILABLE
    DETAIL = "The service {service} is not available just now; try again in {retry_seconds} s."
    service: str
    retry_seconds: int = 1

    def __init__(self, *, service: str, retry_seconds: int = 1) -> None:
        super().__init__(service=service, retry_seconds=retry_seconds)


class DeadlineExceeded(Refusal):
    """Time ran out; whether the work was done is not known."""

    KIND = Kind.TIMEOUT
    DETAIL = "The time allowed for this request ran out."


class IdempotencyKeyRequired(Refusal):
    KIND = Kind.BAD_REQUEST
    DETAIL = "Send an Idempotency-Key header of 1 to 255 printable characters."


class IdempotencyKeyReused(Refusal):
    KIND = Kind.INVALID
    DETAIL = "This Idempotency-Key was used for a different request."


class IdempotencyKeyInFlight(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A request with this Idempotency-Key is still running."


class Unexpected(Refusal):
    """A bug: logged with its trace id, told without detail."""

    KIND = Kind.INTERNAL
