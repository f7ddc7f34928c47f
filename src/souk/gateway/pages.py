"""What the gateway shows of itself: the API's description, its pages, health and figures."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable

from msgspec import Struct

from souk.gateway.answers import JSON, NO_STORE
from souk.gateway.docs import DocsPage
from souk.gateway.exchange import Exchange, Reply
from souk.gateway.headers import Header, Security
from souk.gateway.health import Health

KEEP: Header = (b"cache-control", b"no-cache")
HTML = b"text/html; charset=utf-8"


class Page(Struct, frozen=True):
    path: str
    show: Callable[[Exchange], Awaitable[Reply]]
    fixed: tuple[Header, ...]


class Pages:
    def __init__(self, security: Security) -> None:
        self._security = security
        self._pages: dict[str, Page] = {}

    def find(self, path: str) -> Page | None:
        return self._pages.get(path)

    def add(
        self, path: str, show: Callable[[Exchange], Awaitable[Reply]], policy: bytes = b""
    ) -> None:
        fixed = self._security.page(policy) if policy else self._security.data
        self._pages[path] = Page(path, show, fixed)

    def add_described(self, openapi: bytes, docs: DocsPage) -> None:
        self.add("/openapi.json", kept(JSON, openapi))
        self.add("/docs", kept(HTML, docs.html), docs.policy)
        self.add("/", to_docs)

    def add_health(self, health: Health) -> None:
        self.add("/health", health.show)
        self.add("/health/live", health.show_live)
        self.add("/health/ready", health.show_ready)
        self.add("/metrics", health.show_metrics)


def kept(kind: bytes, body: bytes) -> Callable[[Exchange], Awaitable[Reply]]:
    """The same bytes for everyone, sent again only when they have changed."""
    whole = Reply(200, kind, body, [KEEP])
    whole.tag = b'"%s"' % hashlib.sha256(body).hexdigest()[:24].encode()

    async def show(_: Exchange) -> Reply:
        return whole

    return show


async def to_docs(_: Exchange) -> Reply:
    return Reply(307, headers=[(b"location", b"/docs"), NO_STORE])
