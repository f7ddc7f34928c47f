"""The console's frame: which parts of it somebody may see, and the page in it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from starlette.responses import Response

from souk.contracts.operations import GET_HEALTH, LIST_DEAD_LETTERS
from souk.contracts.orders import LIST_ALL_ORDERS
from souk.contracts.payments import GET_LEDGER, LIST_ALL_PAYMENTS
from souk.contracts.shops import LIST_SHOPS_TO_APPROVE
from souk.contracts.users import FIND_USERS
from souk.kernel.admission import admit, at_the_edge
from souk.kernel.contract import Method
from souk.kernel.refusals import Refusal
from souk.web.visit import Visit

OPERATORS = frozenset({"support", "admin", "staff"})
HOME = "/operator"


class Place(Struct, frozen=True):
    """A part of the console, for those who may call what it shows."""

    path: str
    method: Method
    name: str
    picture: str


def places(visit: Visit) -> list[Place]:
    text = visit.text
    every = (
        Place("/shops", LIST_SHOPS_TO_APPROVE, text("Shops"), "shop"),
        Place("/users", FIND_USERS, text("People"), "user"),
        Place("/orders", LIST_ALL_ORDERS, text("Orders"), "box"),
        Place("/payments", LIST_ALL_PAYMENTS, text("Payments"), "lock"),
        Place("/ledger", GET_LEDGER, text("Ledger"), "list"),
        Place("/parked", LIST_DEAD_LETTERS, text("Parked messages"), "mail"),
        Place("/health", GET_HEALTH, text("Health"), "chart"),
    )
    return [place for place in every if may(visit, place.method)]


def may(visit: Visit, method: Method) -> bool:
    """Whether the visitor may call this, by a role or by what a staff role lends."""
    try:
        admit(method, at_the_edge(method, visit.session.caller))
    except Refusal:
        return False
    return True


def console_page(visit: Visit, template: str, /, *, status: int = 200, **values: Any) -> Response:
    return visit.page(
        f"operator/{template}", status=status, places=places(visit), home=HOME, **values
    )


async def door(visit: Visit) -> Response:
    """To the first part that somebody may see."""
    seen = places(visit)
    return visit.go(HOME + seen[0].path) if seen else console_page(visit, "nothing.html")
