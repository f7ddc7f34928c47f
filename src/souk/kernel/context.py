"""Who is calling, until when and under which trace: set once at the edge, seen by all below."""

from __future__ import annotations

import time
from contextvars import ContextVar, Token

from msgspec import Struct, structs


class Caller(Struct, frozen=True):
    """Who calls. `service` names the Souk service in between; at the edge it is empty."""

    user_id: str = ""
    roles: frozenset[str] = frozenset()
    session_id: str = ""
    service: str = ""
    address: str = ""  # of the client, for limits and the audit trail
    # Known at the edge only, where they widen or narrow the roles for the one method called.
    permissions: frozenset[str] = frozenset()  # that staff roles lend
    scopes: frozenset[str] | None = None  # that an API key is limited to
    is_confirmed: bool = False  # proved within the last five minutes who they are

    @property
    def is_signed_in(self) -> bool:
        return bool(self.user_id)

    @property
    def is_service(self) -> bool:
        return bool(self.service)

    @property
    def is_operator(self) -> bool:
        return not self.roles.isdisjoint(OPERATORS)

    @property
    def is_seller(self) -> bool:
        """At the first door, not behind it: what a service asks of another is not their asking."""
        return "seller" in self.roles and not self.service


OPERATORS = frozenset({"support", "admin"})
NOBODY = Caller()


class Deed(Struct, frozen=True):
    """What somebody of the staff is doing right now: the method, and the ids it was given."""

    action: str  # "orders.cancel_order"
    subject: str = ""  # "order_id:0190…"
    owner_id: str = ""


class Call(Struct, frozen=True):
    """What surrounds the work done for one request, event or job."""

    caller: Caller = NOBODY
    deadline: float | None = None  # time.monotonic()
    trace_id: str = ""  # 32 hex digits, as W3C Trace Context writes them
    idempotency_key: str = ""
    deed: Deed | None = None  # of staff, for the audit record
    permission: str = ""  # "orders.fulfill_order": what a seller asked for, however deep inside


_current: ContextVar[Call] = ContextVar("call", default=Call())  # noqa: B039 - it is frozen


def call() -> Call:
    return _current.get()


def caller() -> Caller:
    return _current.get().caller


def remaining_seconds() -> float | None:
    """Time left until the deadline (0.0 when it passed), or None where there is none."""
    deadline = _current.get().deadline
    return None if deadline is None else max(deadline - time.monotonic(), 0.0)


class acting:  # noqa: N801 - reads as a statement: `with acting(...)`
    """`with acting(call):` what happens inside belongs to this call.

    Set and reset: a variable left behind would leak into whoever called the app directly.
    """

    __slots__ = ("_call", "_token")

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> Call:
        self._token: Token[Call] = _current.set(self._call)
        return self._call

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def through(service: str) -> acting:
    """The same call, passed on by `service`; the client's idempotency key stays with the client."""
    now = _current.get()
    return acting(
        structs.replace(
            now, caller=structs.replace(now.caller, service=service), idempotency_key=""
        )
    )


def within(seconds: float) -> float:
    """The deadline `seconds` from now, as `Call.deadline` has it."""
    return time.monotonic() + seconds
