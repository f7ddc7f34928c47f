"""What the generated contracts are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
UInt32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]
# 64-bit integers are JSON numbers, so they stay within what a double holds exactly.
Int64 = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
UInt64 = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Empty(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing."""


class File(Struct, frozen=True, kw_only=True):
    """A document or an image as an answer: sent as it is, with its type and name."""

    content: bytes = b""
    content_type: str = "application/octet-stream"
    name: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """Something that happened, told once by the service where it did."""

    SUBJECT: ClassVar[str]
    AGGREGATE: ClassVar[str]  # the field that names the aggregate; its events keep their order


class Idempotency(StrEnum):
    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Rate(StrEnum):
    READ = "read"
    WRITE = "write"
    SIGN_IN = "sign_in"
    CHECKOUT = "checkout"
    UPLOAD = "upload"
    WEBHOOK = "webhook"


class Http(Struct, frozen=True):
    """One REST route of a method; `{name}` in the path is a field of the request."""

    verb: str
    path: str
    body: str = ""  # "*": the whole request is the body; "": there is none


class Access(Struct, frozen=True):
    """Who may call: anyone, people with one of the roles, or (internal) only Souk's services.

    `step_up`: they must have proved within the last five minutes who they are.
    """

    public: bool = False
    roles: frozenset[str] = frozenset()
    internal: bool = False
    reserved: bool = False  # never lent, neither to staff roles nor to API keys
    step_up: bool = False


class Answer(Struct, frozen=True):
    """How a method answers over HTTP; `status` 0 leaves it to the convention."""

    status: int = 0
    when_field: str = ""
    when_value: str = ""
    when_status: int = 0
    max_age_seconds: int = 0
    emptied_by: tuple[str, ...] = ()  # subjects of events that make kept answers old


class Upload(Struct, frozen=True):
    """A multipart/form-data request: which fields take the file, its name and its type."""

    field: str
    name_field: str = ""
    content_type_field: str = ""
    max_bytes: int = 0


class Raw(Struct, frozen=True):
    """A request taken as it came: which fields take its body, headers and query."""

    body_field: str
    headers_field: str = ""
    query_field: str = ""


class Method(Struct, frozen=True, kw_only=True, eq=False):
    """One method of a service: all that transport, gateway and documents need to know."""

    service: str  # "souk.orders.v1.OrderService"
    name: str  # "CancelOrder"
    python: str  # "cancel_order"
    request: type[Any]
    response: type[Any]
    streams: bool = False
    http: tuple[Http, ...] = ()
    access: Access = Access()
    errors: tuple[type[Any], ...] = ()
    idempotent: Idempotency = Idempotency.NONE
    rate: Rate = Rate.READ
    answer: Answer = Answer()
    upload: Upload | None = None
    raw: Raw | None = None
    headers: dict[str, str] = {}  # request field -> HTTP header that fills it
    answer_headers: dict[str, str] = {}  # field of the answer -> HTTP header it is sent as
    comment: str = ""

    @property
    def path(self) -> str:
        """As gRPC names it."""
        return f"/{self.service}/{self.name}"

    @property
    def owner(self) -> str:
        """The service's short name: souk.orders.v1.OrderService belongs to `orders`."""
        return self.service.split(".")[1]

    @property
    def permission(self) -> str:
        """What staff roles and API keys are allowed, one method at a time."""
        return f"{self.owner}.{self.python}"


def at_most_one(oneof: str, **members: Any) -> None:
    """Holds a oneof to its promise; raises ValueError."""
    chosen = [name for name, value in members.items() if value is not None]
    if len(chosen) > 1:
        raise ValueError(f"{oneof}: give only one of {', '.join(chosen)}")
