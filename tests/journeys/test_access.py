"""Every operation, role, and own, foreign or missing thing, by REST and by gRPC: 0 leaks.

Generated from the contracts: a new method is in it by being written. One that names a thing which
nobody in `access_world` has fails, and says what to add.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import grpc.aio
import msgspec
import pytest
from msgspec import Struct

from souk import contracts
from souk.kernel.contract import Method
from souk.kernel.ids import new_id
from tests.journeys.access_calls import Answer, Ways, gathered, listed, sample
from tests.journeys.access_world import (
    EVERYONES,
    NAMES_MORE,
    NOT_TO_ONESELF,
    OPEN_TO_ALL,
    OPERATORS,
    SECRETS,
    World,
)
from tests.kernel.contract_values import services

ROLES = ("guest", "customer", "seller", "courier", "support", "admin", "staff", "key")
# In this order, so that a thing is still there when it is looked at and changed.
LAST = (
    "move_", "place_", "remove_", "delete_", "cancel_", "end_", "revoke_", "withdraw_", "clear_",
    "close_",
)  # fmt: skip
# End what everything else is tried with: they have tests of their own.
ENDINGS = {
    "users.logout", "users.change_password", "users.request_erasure", "users.delete_user",
}  # fmt: skip
IN_ORDER = ("own", "missing", "foreign")
Way = Callable[[Method, Any, Mapping[str, str]], Awaitable[Answer]]


class Case(Struct, frozen=True):
    """One call: whose things it names, field by field."""

    method: Method
    role: str
    whose: dict[str, str]

    def __str__(self) -> str:
        of = ", ".join(f"{field} {whose}" for field, whose in self.whose.items())
        return f"{self.method.permission} as {self.role}: {of or 'nothing named'}"

    @property
    def twin(self) -> Case:
        """The same with things that nobody has: to whom it is not theirs, both must look alike."""
        whose = {of: "missing" if it == "foreign" else it for of, it in self.whose.items()}
        return Case(self.method, self.role, whose)

    @property
    def is_strangers(self) -> bool:
        """Whether it names what is not theirs to know of."""
        foreign = {field for field, whose in self.whose.items() if whose == "foreign"}
        return bool(foreign - EVERYONES) and not self.may_see

    @property
    def may_call(self) -> bool:
        if self.method.access.internal:
            return False
        if self.role == "key":
            return self.method.access.public  # as anyone: its one scope is such a method
        roles = {self.role, "customer"} if self.role != "guest" else set()
        access = self.method.access
        return access.public or bool(access.roles & roles)

    @property
    def may_see(self) -> bool:
        """Operators see everybody's; the rest what is open to all, where it is open."""
        if self.role in OPERATORS and self.method.access.roles & {self.role}:
            return True
        if self.role in OPERATORS and self.method.access.public:
            return True
        named = {field for field, whose in self.whose.items() if whose == "foreign"}
        return self.method.access.public and named <= OPEN_TO_ALL


def methods() -> list[Method]:
    found = [
        method
        for service in services()[: len(contracts.SERVICES)]
        for method in service.METHODS
        if method.permission not in ENDINGS
    ]
    return sorted(found, key=lambda one: (order_of(one), one.permission))


def order_of(method: Method) -> int:
    """Zero for what leaves everything where it is."""
    return next((n for n, verb in enumerate(LAST, 1) if method.python.startswith(verb)), 0)


def things_of(method: Method) -> list[str]:
    """Fields that name something which is somebody's."""
    fields = msgspec.structs.fields(method.request)
    return [field.name for field in fields if field.name.endswith("_id")]


def values_at(request: Any, field: str) -> list[str]:
    """What stands in a field, or in `items.variant_id` of a list."""
    name, _, rest = field.partition(".")
    value = getattr(request, name, "")
    if isinstance(value, tuple):
        return [found for each in value for found in (values_at(each, rest) if rest else [each])]
    return values_at(value, rest) if rest else [value]


def cases(method: Method, role: str) -> Iterator[Case]:
    required = [f.name for f in msgspec.structs.fields(method.request) if f.required]
    fields = [field for field in things_of(method) if field not in SECRETS]
    base = [field for field in fields if field in required]
    if method.access.internal:  # the door is shut, whatever is behind it
        yield Case(method, role, dict.fromkeys(base, "missing"))
        return
    for whose in IN_ORDER if base else ("own",):
        yield Case(method, role, dict.fromkeys(base, whose))
    # One that is not theirs among others that are: the classic of broken object-level access.
    for field in (*fields, *listed(method.request)):
        if len({*base, field}) > 1 or field not in required:
            yield Case(method, role, dict.fromkeys(base, "own") | {field: "foreign"})


class Trial:
    """Calls, compares, and collects what should not have been."""

    def __init__(self, world: World, ways: Ways) -> None:
        self.world, self.ways = world, ways
        self.wrong: list[str] = []
        self.counted: Counter[str] = Counter()

    async def run(self, role: str) -> None:
        for method in methods():
            for case in cases(method, role):
                for way in (self.ways.rest, self.ways.grpc) if method.http else (self.ways.grpc,):
                    await self.attempt(case, way)

    async def attempt(self, case: Case, way: Way) -> None:
        request = self.request(case)
        if request is None:
            return
        headers = self.world.headers(case.role)
        answer = await way(case.method, request, headers)
        if answer.has_ended and case.role in OPERATORS:
            await self.world.sign_in_again(case.role)
            headers = self.world.headers(case.role)
            answer = await way(case.method, request, headers)
        self.counted[case.role] += 1
        if why := self.fault_of(case, answer):
            self.complain(case, answer, why)
        if case.is_strangers and case.may_call:
            twin = self.request(case.twin)
            assert twin is not None, "who has the rest has the rest"
            as_if_missing = await way(case.method, twin, headers)
            if (answer.code, answer.refusal) != (as_if_missing.code, as_if_missing.refusal):
                told = f"tells that it exists: {as_if_missing.code} {as_if_missing.refusal} else"
                self.complain(case, answer, told)

    def request(self, case: Case) -> Any:
        """None where the role has no such thing of its own."""
        given: dict[str, Any] = {}
        for field, whose in case.whose.items():
            thing: str | None = new_id()
            if whose == "foreign":
                thing = self.world.victim.thing(case.method, field)
                assert thing, (
                    f"{case.method.permission} names a {field}, and nobody has one: add a maker "
                    f"for it to MAKERS in tests/journeys/access_world.py (or, with the reason, to "
                    f"SECRETS or EVERYONES)"
                )
            elif whose == "own" and case.role != "guest":
                thing = self.world.estates[case.role].thing(case.method, field)
            if thing is None:
                return None
            given[field] = thing
        return sample(case.method.request, given)

    def fault_of(self, case: Case, answer: Answer) -> str:
        """What is wrong with an answer by itself; nothing, as it should be."""
        victim = self.world.victim
        if answer.is_a_bug:
            return "a bug"
        if case.role not in OPERATORS and victim.mark in answer.text:
            return "shows what is somebody else's"
        if not case.may_call:
            return "" if answer.is_shut_out else "this role may not call it"
        if case.is_strangers:
            named = self.request(case)
            others = {thing for thing in victim.things.values() if thing in answer.text}
            others -= {value for field in case.whose for value in values_at(named, field)}
            return f"shows {others}" if answer.is_done and others - self.world.open else ""
        if case.method.permission in NOT_TO_ONESELF | NAMES_MORE:
            return ""
        is_own = set(case.whose.values()) == {"own"} and case.role not in ("guest", "key")
        if is_own and (answer.is_shut_out or (answer.is_refused and not order_of(case.method))):
            return "is their own"
        return ""

    def complain(self, case: Case, answer: Answer, why: str) -> None:
        self.wrong.append(f"{case}: {why}; {answer.code} {answer.text[:200]}")


@pytest.fixture
async def world(stack, http):
    return await World(stack, http).built()


@pytest.mark.parametrize("stack", ["together"], indirect=True)
async def test_nobody_reaches_what_is_not_theirs(stack, http, world):
    before = await world.victim.seen()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{stack.grpc_port}") as channel:
        trial = Trial(world, Ways(stack.url, http, channel))
        strangers = [role for role in ROLES if role not in OPERATORS]
        await gathered([trial.run(role) for role in strangers])
        after = await world.victim.seen()
        for role in OPERATORS:
            await trial.run(role)
    assert not trial.wrong, f"{len(trial.wrong)} of {trial.counted}:\n" + "\n".join(trial.wrong)
    assert after == before, "somebody who is no operator changed what is not theirs"
    assert set(trial.counted) == set(ROLES)
