"""What can be allowed: every method of every contract, by name."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from functools import cache

from souk.contracts import SERVICES
from souk.contracts.api import Role
from souk.contracts.users import Permission, UnknownPermission
from souk.kernel.context import OPERATORS
from souk.kernel.contract import Method

OF_SHOPS = frozenset({"shop_id", "product_id", "order_id"})
EVERY = ".*"  # "orders.*" is every method of orders


def is_for_staff(method: Method) -> bool:
    """What support or admins may do can be lent; what makes people admins cannot.

    What is open to everyone is lent as well: of an order operators see more than strangers do.
    """
    access = method.access
    is_theirs = access.public or not access.roles.isdisjoint(OPERATORS)
    return is_theirs and not access.reserved and not method.raw


def is_for_shops(method: Method) -> bool:
    """What is done for a shop, by sellers alone or by whoever has to do with its things."""
    access = method.access
    if access.internal or access.reserved or method.raw:
        return False
    if access.roles:
        return Role.SELLER in access.roles and Role.CUSTOMER not in access.roles
    return access.public and not OF_SHOPS.isdisjoint(method.request.__struct_fields__)


def is_for_keys(method: Method) -> bool:
    return not (method.access.internal or method.access.reserved or method.raw)


@cache
def catalog() -> tuple[Permission, ...]:
    """By name; methods that can be lent to nobody are left out."""
    found = (
        Permission(
            name=method.permission,
            description=method.comment,
            for_staff=is_for_staff(method),
            for_keys=is_for_keys(method),
            for_shops=is_for_shops(method),
        )
        for method in every_method()
    )
    return tuple(
        sorted((one for one in found if one.for_staff or one.for_keys), key=lambda one: one.name)
    )


def for_staff(names: Iterable[str]) -> tuple[str, ...]:
    """Sorted and once each; raises UnknownPermission."""
    return _known(names, frozenset(one.name for one in catalog() if one.for_staff))


def for_keys(names: Iterable[str]) -> tuple[str, ...]:
    """Likewise; a whole service may be named as well."""
    single = {one.name for one in catalog() if one.for_keys}
    whole = {name.partition(".")[0] + EVERY for name in single}
    return _known(names, frozenset(single | whole))


def every_method() -> Iterable[Method]:
    for place in SERVICES.values():
        module, _, name = place.partition(":")
        yield from getattr(importlib.import_module(module), name).METHODS


def _known(names: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            raise UnknownPermission(permission=name[:100])
    return tuple(sorted(set(names)))
