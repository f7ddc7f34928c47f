"""Tokens and API keys at the edge: what they are believed, for how long, and how far they reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from souk.kernel.admission import admit, at_the_edge
from souk.kernel.clock import FixedClock
from souk.kernel.context import NOBODY, Caller
from souk.kernel.contract import Access, Empty, Method
from souk.kernel.credentials import Credentials, Grant, new_api_key
from souk.kernel.refusals import NotAllowed, SignInRequired

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ADA = Caller("ada", frozenset({"customer"}), "key:1", scopes=frozenset({"orders.get_order"}))
CLERK = Caller("clerk", frozenset({"customer", "staff"}), "s-1")


class Desk:
    """What would be asked of users."""

    def __init__(self) -> None:
        self.grant: Grant | None = Grant(ADA)
        self.asked: list[str] = []

    async def verify(self, token: str) -> Caller:
        return CLERK

    async def check_key(self, digest: str) -> Grant | None:
        self.asked.append(digest)
        return self.grant

    async def permissions_of(self, user_id: str) -> frozenset[str]:
        self.asked.append(user_id)
        return frozenset({"orders.cancel_order", "users.grant_role"})


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def credentials(desk: Desk, clock: FixedClock) -> Credentials:
    tokens: Any = desk
    return Credentials(tokens, desk.check_key, desk.permissions_of, clock)


def method(name: str, access: Access) -> Method:
    return Method(
        service="souk.orders.v1.OrderService", name=name, python=name, request=Empty,
        response=Empty, access=access,
    )  # fmt: skip


def roles(*names: str, **more: Any) -> Access:
    return Access(roles=frozenset(names), **more)


async def test_a_key_is_looked_up_once_and_only_its_hash_is_told(credentials, desk):
    key = new_api_key()
    assert await credentials.verify(key) == await credentials.verify_bearer(f"Bearer {key}") == ADA
    assert len(desk.asked) == 1
    assert key not in desk.asked[0]


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda key: key[:-1],
        lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"),
        lambda key: key[:10] + ("A" if key[10] != "A" else "B") + key[11:],
        lambda key: key + "0",
        lambda key: "souk_",
    ],
)
async def test_a_mistyped_key_is_refused_without_asking_anyone(credentials, desk, spoilt):
    with pytest.raises(SignInRequired):
        await credentials.verify(spoilt(new_api_key()))
    assert desk.asked == []


async def test_an_unknown_key_and_one_whose_time_has_come_are_refused(credentials, desk, clock):
    desk.grant = None
    with pytest.raises(SignInRequired):
        await credentials.verify(new_api_key())
    desk.grant = Grant(ADA, NOW + timedelta(seconds=10))
    key = new_api_key()
    assert await credentials.verify(key) == ADA
    clock.advance(timedelta(seconds=10))
    with pytest.raises(SignInRequired):
        await credentials.verify(key)


def test_a_key_does_what_its_scopes_list_and_nothing_else():
    listed = at_the_edge(method("get_order", roles("customer")), ADA)
    assert listed == Caller("ada", frozenset({"customer"}), "key:1")
    for other in (
        method("cancel_order", roles("customer")),
        method("get_order", roles("customer", reserved=True)),
    ):
        with pytest.raises(NotAllowed):
            at_the_edge(other, ADA)
    assert at_the_edge(method("list_methods", Access(public=True)), ADA) == NOBODY
    whole = Caller("ada", frozenset({"customer"}), scopes=frozenset({"orders.*"}))
    assert at_the_edge(method("anything", roles("customer")), whole).user_id == "ada"
    # A scope gives no right that its owner has not.
    with pytest.raises(NotAllowed):
        admit(ours := method("anything", roles("admin")), at_the_edge(ours, whole))


async def test_a_staff_role_lends_the_lesser_operators_role_for_what_it_lists(credentials):
    clerk = await credentials.verify("a.b.c")
    both = method("cancel_order", roles("customer", "support", "admin"))
    assert at_the_edge(both, clerk).roles == {"customer", "staff", "support"}
    only_admins = method("cancel_order", roles("admin"))
    assert at_the_edge(only_admins, clerk).roles == {"customer", "staff", "admin"}
    assert at_the_edge(method("get_order", roles("support")), clerk).roles == CLERK.roles
    reserved = method("cancel_order", roles("admin", reserved=True))
    assert at_the_edge(reserved, clerk).roles == CLERK.roles
    assert at_the_edge(both, clerk).permissions == frozenset()
