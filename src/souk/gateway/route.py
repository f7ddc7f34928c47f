"""One method at one address, with everything about it decided beforehand."""

from __future__ import annotations

from collections.abc import Iterable

from souk.gateway.answers import Answerer, has_id
from souk.gateway.headers import Header, Security
from souk.gateway.pressure import Deadlines
from souk.gateway.requests import Reader
from souk.gateway.router import Router
from souk.kernel.contract import Empty, File, Http, Method
from souk.kernel.settings import Settings

UPLOAD_PATIENCE = 10  # an upload over a phone takes longer than any answer of ours


class Route:
    __slots__ = ("answerer", "deadlines", "fixed", "http", "method", "reader")

    def __init__(
        self, method: Method, http: Http, settings: Settings, security: Security, patience: Patience
    ) -> None:
        varies = b"origin" if settings.cors_origins else b""
        self.method = method
        self.http = http
        self.reader = Reader(method, http, settings.body_bytes_max)
        self.answerer = Answerer(method, http, varies=varies)
        self.fixed: tuple[Header, ...] = security.data
        self.deadlines: Deadlines = patience.long if method.upload else patience.usual


class Patience:
    """How long requests may run: with their body, an upload gets longer than the rest."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.usual = Deadlines(seconds)
        self.long = Deadlines(seconds * UPLOAD_PATIENCE)


def routes_of(
    methods: Iterable[Method], settings: Settings, security: Security, patience: Patience
) -> list[Route]:
    """A route for each HTTP binding; what is internal has none, whatever its contract says."""
    routes = [
        Route(method, http, settings, security, patience)
        for method in methods
        if not method.access.internal
        for http in method.http
    ]
    shown = {(r.http.path, r.method.response) for r in routes if r.http.verb == "GET"}
    for route in routes:
        kind = route.method.response
        if route.http.verb == "POST" and kind not in (Empty, File) and has_id(kind):
            below = {path for path, shows in shown if shows is kind}
            route.answerer.shows_below = any(
                path.startswith(f"{route.http.path}/{{") and path.endswith("}") for path in below
            )
    return routes


def router_of(routes: Iterable[Route]) -> Router[Route]:
    router: Router[Route] = Router()
    for route in routes:
        router.add(route.http.verb, route.http.path, route)
    return router
