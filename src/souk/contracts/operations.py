"""Operations: how the services of a process are, and what they could not take in.

Generated from souk/operations/v1/operations.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.kernel.contract import Access, Int32, Method, Rate
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class GetHealthRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    service: Annotated[str, Meta(min_length=1, pattern="^[a-z]{2,40}$")]


class ServiceHealth(Struct, frozen=True, kw_only=True):
    service: str = ""
    has_database: bool = False
    has_bus: bool = False
    has_cache: bool = False
    events_waiting: Annotated[
        Int32, Meta(description="Events that wait to be published; at most 10,000 are counted.")
    ] = 0
    dead_letters: Annotated[
        Int32, Meta(description="Messages that are parked; at most 10,000 are counted.")
    ] = 0
    started_at: Instant | None = None


class ListDeadLettersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    service: Annotated[str, Meta(min_length=1, pattern="^[a-z]{2,40}$")]
    page_size: Annotated[int, Meta(ge=0, le=100, description="100 when absent.")] = 0


class DeadLetter(Struct, frozen=True, kw_only=True):
    id: str = ""
    consumer: Annotated[
        str, Meta(description='Who could not take it in; "relay" when no broker would take it.')
    ] = ""
    subject: str = ""
    reason: str = ""
    deliveries: Annotated[Int32, Meta(description="How often it was tried.")] = 0
    first_failed_at: Instant | None = None
    parked_at: Instant | None = None


class DeadLetterList(Struct, frozen=True, kw_only=True):
    items: tuple[DeadLetter, ...] = ()


class ReplayDeadLettersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    service: Annotated[str, Meta(min_length=1, pattern="^[a-z]{2,40}$")]
    message_ids: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=100)]


class Replayed(Struct, frozen=True, kw_only=True):
    done: Annotated[
        Int32,
        Meta(
            description=(
                "How many took effect now, or were sent at last; and how many stay where they are."
            )
        ),
    ] = 0
    failed: Int32 = 0


class ServiceNotHere(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "The service {service} does not run here."
    service: str


class OperationsService(ABC):
    """Answered by every process, for each of the services that run in it."""

    NAME: ClassVar[str] = "souk.operations.v1.OperationsService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def get_health(self, request: GetHealthRequest) -> ServiceHealth:
        """How a service is, from the inside."""

    @abstractmethod
    async def list_dead_letters(self, request: ListDeadLettersRequest) -> DeadLetterList:
        """Messages that a service failed to take in too often, the oldest first."""

    @abstractmethod
    async def replay_dead_letters(self, request: ReplayDeadLettersRequest) -> Replayed:
        """Hands parked messages to their consumers again; each takes effect once."""


class OperationsServiceClient(OperationsService):
    """Calls OperationsService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def get_health(self, request: GetHealthRequest) -> ServiceHealth:
        answer: ServiceHealth = await self._transport.call(GET_HEALTH, request)
        return answer

    async def list_dead_letters(self, request: ListDeadLettersRequest) -> DeadLetterList:
        answer: DeadLetterList = await self._transport.call(LIST_DEAD_LETTERS, request)
        return answer

    async def replay_dead_letters(self, request: ReplayDeadLettersRequest) -> Replayed:
        answer: Replayed = await self._transport.call(REPLAY_DEAD_LETTERS, request)
        return answer


GET_HEALTH = Method(
    service="souk.operations.v1.OperationsService",
    name="GetHealth",
    python="get_health",
    request=GetHealthRequest,
    response=ServiceHealth,
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(ServiceNotHere,),
    rate=Rate.WRITE,
    comment="How a service is, from the inside.",
)
LIST_DEAD_LETTERS = Method(
    service="souk.operations.v1.OperationsService",
    name="ListDeadLetters",
    python="list_dead_letters",
    request=ListDeadLettersRequest,
    response=DeadLetterList,
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(ServiceNotHere,),
    rate=Rate.WRITE,
    comment="Messages that a service failed to take in too often, the oldest first.",
)
REPLAY_DEAD_LETTERS = Method(
    service="souk.operations.v1.OperationsService",
    name="ReplayDeadLetters",
    python="replay_dead_letters",
    request=ReplayDeadLettersRequest,
    response=Replayed,
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(ServiceNotHere,),
    rate=Rate.WRITE,
    comment="Hands parked messages to their consumers again; each takes effect once.",
)

OperationsService.METHODS = (
    GET_HEALTH,
    LIST_DEAD_LETTERS,
    REPLAY_DEAD_LETTERS,
)
