"""Who calls, in tests: shoppers, sellers, operators, services and guests."""

from __future__ import annotations

from souk.kernel.context import NOBODY, Call, Caller, acting
from souk.kernel.ids import new_id


def customer(user_id: str = "", *, session_id: str = "") -> Caller:
    return Caller(user_id or new_id(), frozenset({"customer"}), session_id)


def seller(user_id: str = "") -> Caller:
    return Caller(user_id or new_id(), frozenset({"customer", "seller"}))


def courier() -> Caller:
    return Caller(new_id(), frozenset({"courier"}))


def support() -> Caller:
    return Caller(new_id(), frozenset({"support"}))


def admin() -> Caller:
    return Caller(new_id(), frozenset({"admin"}))


def service(name: str) -> Caller:
    return Caller(service=name)


def guest(address: str = "127.0.0.1") -> Caller:
    return Caller(address=address)


def as_(caller: Caller = NOBODY, *, key: str = "") -> acting:
    """`with as_(customer()):` calls are that person's; `key` is an Idempotency-Key."""
    return acting(Call(caller=caller, idempotency_key=key))
