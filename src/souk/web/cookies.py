"""Cookies: what a browser brought, and what it is to keep."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from starlette.responses import Response

ACCESS = "souk_access"
REFRESH = "souk_refresh"
CART = "souk_cart"  # a guest's key to the cart and to the orders made of it
COUNT = "souk_count"  # how many things are in it, so that no page need ask
NOTE = "souk_note"  # what the next page is to say
LANGUAGE = "souk_language"
WISH = "souk_wish"  # what a guest wanted saved, until they sign in
DEVICE = "souk_device"  # makes this browser one that its owner signed in with before
DAY_SECONDS = 86_400
YEAR_SECONDS = 365 * DAY_SECONDS


class Kept(Struct, frozen=True):
    value: str
    seconds: int | None


class Jar:
    """The browser's cookies with our changes. Scripts see none of them."""

    def __init__(
        self, brought: Mapping[str, str], *, is_secure: bool, refresh_seconds: int
    ) -> None:
        # With this prefix browsers refuse such a cookie from a neighbouring host.
        self._prefix = "__Host-" if is_secure else ""
        self._is_secure, self._refresh_seconds = is_secure, refresh_seconds
        self._brought = brought
        self._changed: dict[str, Kept | None] = {}

    def get(self, name: str) -> str:
        if name in self._changed:
            kept = self._changed[name]
            return kept.value if kept else ""
        return self._brought.get(self._prefix + name, "")

    def keep(self, name: str, value: str, *, seconds: int | None = YEAR_SECONDS) -> None:
        """Without `seconds`, until the browser is closed."""
        self._changed[name] = Kept(value, seconds)

    def drop(self, name: str) -> None:
        if self.get(name):
            self._changed[name] = None

    def sign_in(self, access_token: str, refresh_token: str) -> None:
        self.keep(ACCESS, access_token, seconds=self._refresh_seconds)
        self.keep(REFRESH, refresh_token, seconds=self._refresh_seconds)

    def renew(self, access_token: str) -> None:
        """The same session with a token that says more."""
        self.keep(ACCESS, access_token, seconds=self._refresh_seconds)

    def sign_out(self) -> None:
        for name in (ACCESS, REFRESH, COUNT):
            self.drop(name)

    def write(self, response: Response) -> None:
        for name, kept in self._changed.items():
            response.set_cookie(
                self._prefix + name,
                kept.value if kept else "",
                max_age=kept.seconds if kept else 0,
                path="/",
                secure=self._is_secure,
                httponly=True,
                samesite="lax",
            )
