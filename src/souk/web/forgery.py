"""Whether a form was sent from one of our own pages: its origin, and a token bound to a cookie."""

from __future__ import annotations

import base64
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from souk.kernel.ids import new_secret

FIELD = "csrf"
COOKIE = "souk_seal"
SEAL_BYTES = 16
OURS = ("same-origin", "none")


class Forgery:
    """Makes and checks tokens. Only we can make the token of a cookie, so that a cookie which a
    neighbouring host managed to set is worth nothing."""

    def __init__(self, secret: str, public_address: str) -> None:
        self._key = hmac.digest(secret.encode(), b"souk form token 1", "sha256")
        self._own = origin_of(public_address)

    def new_seal(self) -> str:
        return new_secret(SEAL_BYTES)

    def token(self, seal: str) -> str:
        mark = hmac.digest(self._key, seal.encode(), "sha256")[:SEAL_BYTES]
        return base64.urlsafe_b64encode(mark).decode().rstrip("=")

    def is_fresh(self, seal: str, token: str) -> bool:
        return bool(seal) and hmac.compare_digest(self.token(seal).encode(), token.encode())

    def is_ours(self, request: Request) -> bool:
        """Whether the browser says that one of our pages sent this; old browsers say nothing.

        Pages that tell nobody where they are send an origin of "null", so `Sec-Fetch-Site`, which
        no page can make up, counts for more.
        """
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in OURS
        origin = request.headers.get("origin")
        if origin is None:
            return True
        told = origin_of(origin)
        return told == self._own or told == (request.url.scheme, request.headers.get("host", ""))


def origin_of(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
