"""Who may call a method, checked where it runs; and what staff do, kept for the audit record."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from souk.kernel.context import NOBODY, OPERATORS, Call, Caller, Deed, call
from souk.kernel.contract import Method
from souk.kernel.refusals import NotAllowed, SignInRequired, StepUpRequired

LESSER = frozenset({"support"})


def admit(method: Method, caller: Caller) -> None:
    """Refuses who may not call this; the same wherever the method runs."""
    access = method.access
    if access.public or caller.service:
        return
    if not caller.user_id:
        raise SignInRequired()
    if access.internal or access.roles.isdisjoint(caller.roles):
        raise NotAllowed()
    if access.step_up and not caller.is_confirmed:
        raise StepUpRequired()


def at_the_edge(method: Method, caller: Caller) -> Caller:
    """The caller as whom this one method runs; raises NotAllowed for a key that may not call it.

    An API key does what its scopes list; beside them it is nobody, who may read what is public. A
    staff role lends the operators' role for the methods it lists, so use cases know operators and
    need not know of staff roles.
    """
    if caller.scopes is None and not caller.permissions:
        return caller
    scopes, permission, reserved = caller.scopes, method.permission, method.access.reserved
    if scopes is not None and (reserved or not {permission, f"{method.owner}.*"} & scopes):
        if method.access.public:
            return NOBODY
        raise NotAllowed()
    roles = caller.roles
    if permission in caller.permissions and not reserved:
        roles |= LESSER if method.access.public else lent(method.access.roles)
    return structs.replace(caller, roles=roles, permissions=frozenset(), scopes=None)


def lent(roles: frozenset[str]) -> frozenset[str]:
    """The operators' role that opens a method for these; the lesser one, where it suffices."""
    return LESSER & roles or OPERATORS & roles


def recorded(method: Method, request: Any) -> Call:
    """The present call with what it is about: where staff act, any transaction will record it;
    where sellers do, shops ask whether their role there allows it."""
    now = call()
    if now.caller.is_operator:
        return structs.replace(now, deed=deed(method, request))
    if now.caller.is_seller:
        return structs.replace(now, permission=method.permission)
    return now


def deed(method: Method, request: Any) -> Deed:
    """The method, the first id it was given, and whose it is, should that be said."""
    ids = [
        (name, value)
        for name in request.__struct_fields__
        if name.endswith("_id") and isinstance(value := getattr(request, name), str) and value
    ]
    subject = ":".join(ids[0]) if ids else ""
    return Deed(f"{method.owner}.{method.python}", subject, dict(ids).get("user_id", ""))
