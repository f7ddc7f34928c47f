"""What all pages share: clients, templates, assets, and the policies under which they are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from jinja2 import Environment

from souk.gateway.callers import Callers, Verifier
from souk.gateway.feed import Feed
from souk.gateway.pressure import Seats
from souk.gateway.rates import Limiter, Rates
from souk.kernel.cache import Cache
from souk.kernel.clock import Clock, monotonic
from souk.kernel.settings import Settings
from souk.kernel.transport import Switchboard
from souk.web.assets import Assets
from souk.web.clients import Clients
from souk.web.forgery import Forgery
from souk.web.sessions import Sessions
from souk.web.templating import environment

T = TypeVar("T")
STREAMS_MAX, STREAMS_EACH_MAX = 10_000, 32
# Pictures of products lie wherever their shops keep them.
POLICY = (
    "default-src 'none'; script-src 'nonce-{}'; style-src 'self'; img-src 'self' data: https: "
    "http:; connect-src 'self'; form-action 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class Site:
    def __init__(
        self,
        board: Switchboard,
        *,
        settings: Settings,
        verifier: Verifier,
        limiter: Limiter,
        cache: Cache,
        clock: Clock,
    ) -> None:
        self.settings, self.clock, self.cache = settings, clock, cache
        self.clients = Clients(board, Rates(settings, limiter))
        self.assets = Assets()
        self.templates: Environment = environment(self.assets)
        self.forgery = Forgery(settings.internal_secret, settings.public_address)
        self.callers = Callers(verifier, settings.trusted_proxies)
        self.sessions = Sessions(self.clients.users, verifier, cache)
        self.seats = Seats(each_max=STREAMS_EACH_MAX, all_max=STREAMS_MAX)
        self.feeds: set[Feed] = set()
        self._kept: dict[str, tuple[float, Any]] = {}
        self.is_secure = settings.public_address.startswith("https://")

    @property
    def takes_passkeys(self) -> bool:
        """Browsers tie passkeys to the name of a host; a bare address has none."""
        host = urlsplit(self.settings.public_address).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return True
        return False

    async def remembered(self, name: str, seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
        """What hardly ever changes and is the same for everyone."""
        kept = self._kept.get(name)
        if kept is None or kept[0] <= monotonic():
            kept = self._kept[name] = (monotonic() + seconds, await ask())
        found: T = kept[1]
        return found

    def policy(self, nonce: str) -> str:
        return POLICY.format(nonce)

    def address(self, path: str) -> str:
        """The whole address of a page, as the world knows it."""
        return self.settings.public_address + quote(path, safe="/?&=%:,+~-._")

    def is_own(self, url: str) -> bool:
        return url.startswith(self.settings.public_address + "/")

    def headers(self) -> Iterator[tuple[str, str]]:
        """On every answer."""
        yield "x-content-type-options", "nosniff"
        # With no-referrer browsers would hide from us that a form came from our own page.
        yield "referrer-policy", "same-origin"
        yield "x-frame-options", "DENY"
        yield "cross-origin-opener-policy", "same-origin"
        yield "permissions-policy", "camera=(), geolocation=(), microphone=()"
        if self.is_secure:
            yield "strict-transport-security", "max-age=31536000"
