"""What a saga is made of: steps that are done and undone, and what may become of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Generic, Literal, TypeAlias, TypeVar

from msgspec import Struct

from souk.kernel.contract import Event
from souk.kernel.database import Transaction
from souk.kernel.refusals import IdempotencyKeyInFlight, Kind, Refusal
from souk.kernel.writes import Write

S = TypeVar("S", bound=Struct)
Status: TypeAlias = Literal["running", "parked", "confirmed", "undoing", "done", "undone"]
Told: TypeAlias = Literal["done", "confirmed", "parked", "undone", "running"]


@dataclass(frozen=True, slots=True)
class Parked(Generic[S]):
    """What a step answers that waits for somebody: it is asked again when woken, or at `until`."""

    state: S
    until: datetime


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """Something to do and the way back.

    Both may be called any number of times, `undo` before or without `do`, `do` after `undo`;
    the participant makes the same of it each time, by the saga's id. `undo` gets the state as it
    was recorded last, so of a step in doubt without what its `do` would have added. From the
    `pivot` on there is no way back: steps are only tried again until they succeed.

    `recorded=False` spares the journal a write where doing the step again, with the state before
    it, comes to the same: its record waits for the next step that has one. After a crash the
    steps since the last record are done again, or undone, whether they had been begun or not.
    Where such a step stands right before the pivot, the pivot may have been called for a saga that
    is undone after all, so its effect must be its record (`settle`).
    """

    do: Callable[[S], Awaitable[S | Parked[S]]]
    undo: Callable[[S], Awaitable[None]] | None = None
    _: KW_ONLY
    pivot: bool = False
    recorded: bool = True
    name: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.do.__name__)


@dataclass(frozen=True, slots=True)
class Outcome(Generic[S]):
    """Where a saga stands, as far as who asked needs to know; `refusal` only when undone.

    "running": nobody could say more in the time there was.
    """

    status: Told
    state: S
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class AtOnce(Generic[S]):
    """What is written and told in the very statement that records, where it records."""

    of: Callable[[S], tuple[Sequence[Write], Sequence[Event]]]


# Called in the transaction that records `confirmed`, `done` or `undone`.
InTransaction: TypeAlias = Callable[[Transaction, S, Status, Refusal | None], Awaitable[None]]
Settle: TypeAlias = InTransaction[S] | AtOnce[S]

UNKNOWN = frozenset({Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.INTERNAL, Kind.TOO_MANY})


def is_answer(error: BaseException) -> bool:
    """Whether a step's failure is a no, and not just the lack of an answer."""
    return (
        isinstance(error, Refusal)
        and error.KIND not in UNKNOWN
        and not isinstance(error, IdempotencyKeyInFlight)  # the first call may yet succeed
    )
