"""A page's address, who makes it, and what must be true before it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from souk.web.site import Site
from souk.web.visit import Visit

Handle = Callable[[Visit], Awaitable[Response]]
Plain = Callable[[Site, Request], Awaitable[Response]]


class Page(Struct, frozen=True, kw_only=True):
    """`show` answers GET; `take` answers POST, once its form is known to be ours.

    With `roles` it is for people who have one of them, or for everyone signed in with `{"*"}`;
    others are asked to sign in, or told that it is not for them. `plain` answers GET without
    looking at who asks: for what is the same for everyone. With `is_open` POST needs no token:
    for addresses that are secrets themselves.
    """

    path: str
    show: Handle | None = None
    take: Handle | None = None
    plain: Plain | None = None
    roles: frozenset[str] = frozenset()
    is_open: bool = False

    @property
    def verbs(self) -> list[str]:
        gets = ["GET", "HEAD"] if self.show or self.plain else []
        return [*gets, "POST"] if self.take else gets


ANYONE_SIGNED_IN = frozenset({"*"})
