"""docs/access.md: who may call what, as the contracts say it."""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import MethodDescriptor

from .contracts import Contracts, enum_values, short, snake
from .services import routes_of

OPERATORS = frozenset({"support", "admin"})
HEAD = """\
# Who may call what

Generated from the contracts by `make generate`; do not edit.

A role opens a method; whether the thing asked for is somebody's own is decided where the method
runs, and what is not theirs looks as if it did not exist. **Permission** is what staff roles and
API keys list; ● in their columns means that it can be lent to them. A staff role lends the
operators' role for the methods it lists; an API key does what its owner may do, within its scopes
(`orders.*` is all of orders). *Internal* methods are for Souk's own services.

How that is done: `kernel/admission.py`. What proves it: `tests/journeys/test_access.py`.
"""
COLUMNS = ("guest", "customer", "seller", "courier", "support", "admin")


def access_table(contracts: Contracts) -> str:
    parts = [HEAD.rstrip()]
    for service in sorted(contracts.services(), key=lambda one: short(one.file)):
        head = ("permission", "REST", *COLUMNS, "staff role", "API key")
        parts += ["", f"## {short(service.file)}", "", row(head), row("---" for _ in head)]
        parts += [row(cells(contracts, method)) for method in service.methods]
    return "\n".join(parts) + "\n"


def row(of: Iterator[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(of)} |"


def cells(contracts: Contracts, method: MethodDescriptor) -> Iterator[str]:
    access = contracts.option(method, "access")
    names = enum_values(access.DESCRIPTOR.fields_by_name["roles"].enum_type)
    roles = {names[number] for number in access.roles}
    yield f"`{short(method.containing_service.file)}.{snake(method.name)}`"
    routes = [f"`{verb} {path}`" for verb, path, _ in routes_of(contracts, method)]
    yield "<br>".join(routes) or ("*internal*" if access.internal else "")
    for column in COLUMNS:
        yield mark(access.public or column in roles)
    is_lendable = (
        not access.internal and not access.reserved and not contracts.option(method, "raw")
    )
    yield mark(is_lendable and (access.public or roles & OPERATORS))
    yield mark(is_lendable)


def mark(may: object) -> str:
    return "●" if may else ""
