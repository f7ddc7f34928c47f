"""The gateway: an ASGI application whose routes are the contracts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from souk.gateway.answers import refusal_reply
from souk.gateway.callers import Callers, Verifier, idempotency_key
from souk.gateway.docs import docs_page
from souk.gateway.exchange import ClientGone, Exchange, Receive, Reply, Scope, Send, Traces
from souk.gateway.headers import Cors, Header, Security
from souk.gateway.health import Health
from souk.gateway.journal import Journal
from souk.gateway.openapi import document
from souk.gateway.pages import Page, Pages
from souk.gateway.pressure import WAIT_SECONDS_MAX, Gate, Lane, Seats, Ticket
from souk.gateway.problems import MethodNotAllowed, is_bug, refusal_of
from souk.gateway.rates import Limiter, Rates
from souk.gateway.route import Patience, Route, router_of, routes_of
from souk.gateway.router import Found
from souk.gateway.shelf import Key, Shelf
from souk.gateway.streams import Streams
from souk.kernel.admission import admit
from souk.kernel.clock import monotonic
from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.contract import Method
from souk.kernel.events.live import Live
from souk.kernel.refusals import RouteNotFound
from souk.kernel.settings import Settings
from souk.kernel.telemetry import logger, traces
from souk.kernel.transport import Transport

REQUESTS_MAX = 1000
STREAMS_MAX = 10_000
STREAMS_EACH_MAX = 32
CLIENT_GONE = 499  # what logs call a request whose client did not wait; nobody hears it
log = logger(__name__)


class Gateway:
    """Serves every method that has an HTTP rule, and what describes and watches them.

    `ready` answers what this process stands on, each with "ok" or with what is wrong with it.
    """

    def __init__(  # noqa: PLR0913 - the parts it is put together from
        self,
        methods: Iterable[Method],
        transport: Transport,
        *,
        settings: Settings,
        verifier: Verifier,
        limiter: Limiter,
        ready: Callable[[], Awaitable[Mapping[str, str]]],
        requests_max: int = REQUESTS_MAX,
        streams_max: int = STREAMS_MAX,
        streams_each_max: int = STREAMS_EACH_MAX,
    ) -> None:
        methods = tuple(methods)
        self._transport = transport
        self._settings = settings
        self._security = Security(settings)
        self._cors = Cors(
            settings.cors_origins, (name for method in methods for name in method.headers.values())
        )
        self._traces = Traces()
        self._callers = Callers(verifier, settings.trusted_proxies)
        self._rates = Rates(settings, limiter)
        self._gate = Gate(requests_max)
        self._lanes = {rate: Lane(seconds) for rate, seconds in WAIT_SECONDS_MAX.items()}
        self._patience = Patience(settings.request_timeout_seconds)
        self._journal = Journal(settings)
        routes = routes_of(methods, settings, self._security, self._patience)
        self._router = router_of(routes)
        self._shelf = Shelf(routes, bytes_max=settings.shelf_bytes_max)
        self._streams = Streams(
            transport,
            self._callers,
            self._rates,
            Seats(each_max=streams_each_max, all_max=streams_max),
            life_seconds=settings.access_token_seconds,
        )
        self._pages = Pages(self._security)
        self._pages.add_described(document(routes, settings), docs_page())
        self._pages.add_health(Health(ready, self._gate, metrics_token=settings.metrics_token))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send, self._traces)
        if scope["type"] == "http":
            await self._serve(exchange)
        elif scope["type"] == "websocket":
            found = self._find(exchange)
            route = None if found is None else found[0].get("GET")
            is_stream = route is not None and route.method.streams
            await self._streams.serve_socket(
                exchange, route if is_stream else None, found[1] if found else []
            )
            self._journal.record(exchange)
        else:
            raise ValueError(f"{scope['type']} is not for the gateway")

    def follow(self, live: Live) -> None:
        """Lets events empty what is kept of public answers."""
        self._shelf.follow(live)

    def close(self) -> None:
        """Refuses new requests and ends streams; what runs may finish."""
        self._gate.is_closed = True
        self._streams.close()

    async def stop(self, grace_seconds: float = 10) -> None:
        """Closes, and waits for what runs, but no longer than the grace."""
        self.close()
        until = monotonic() + grace_seconds
        while (self._gate.running or self._streams.open) and monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # an event would cost every request something
        await self._shelf.stop()
        self._journal.flush()

    async def _serve(self, exchange: Exchange) -> None:
        fixed: tuple[Header, ...] = self._security.data
        try:
            page = self._pages.find(exchange.scope["path"])
            if page is not None:
                fixed = page.fixed
                reply: Reply | None = await self._page(exchange, page)
            else:
                reply = await self._method(exchange)
                if reply is not None and reply.is_file:
                    fixed = self._security.file
        except ClientGone:
            exchange.status, reply = CLIENT_GONE, None
        except Exception as error:  # noqa: BLE001 - the last place where a client can be answered
            reply, fixed = self._refused(exchange, error), self._security.data
        if reply is not None:
            await self._send(exchange, reply, fixed)
        self._journal.record(exchange)

    async def _page(self, exchange: Exchange, page: Page) -> Reply:
        exchange.route = page.path
        if exchange.verb == "OPTIONS":
            return self._options(exchange, "GET, HEAD, OPTIONS")
        if exchange.verb not in ("GET", "HEAD"):
            raise MethodNotAllowed(allowed="GET, HEAD, OPTIONS")
        return await page.show(exchange)

    async def _method(self, exchange: Exchange) -> Reply | None:
        found = self._find(exchange)
        if found is None:
            raise RouteNotFound()
        routes, values = found
        route = routes.get(exchange.verb)
        if route is None:
            if exchange.verb == "OPTIONS":
                return self._options(exchange, allowed(routes))
            if exchange.verb != "HEAD" or "GET" not in routes or routes["GET"].method.streams:
                raise MethodNotAllowed(allowed=allowed(routes))
            route = routes["GET"]
        exchange.route = route.http.path
        if route.method.streams:
            return await self._streams.serve_events(exchange, route, values, self._with_cors)
        key = self._shelf.key(exchange, route)
        if key is not None:
            return await self._shared(exchange, route, values, key)
        with self._gate, route.deadlines.ticket() as ticket:
            caller = await self._callers.caller_of(exchange, route.method)
            admit(route.method, caller)  # before its body is read; and again where it runs
            await self._rates.spend(route.method.rate, caller)
            return await self._answer(exchange, route, values, caller, ticket)

    async def _shared(self, exchange: Exchange, route: Route, values: list[str], key: Key) -> Reply:
        """An answer that is the same for all who ask without a name."""
        caller = Caller(address=self._callers.address_of(exchange.scope))
        await self._rates.spend(route.method.rate, caller)
        kept = self._shelf.find(key)
        if kept is not None:
            return kept
        with self._gate, route.deadlines.ticket() as ticket:
            return await self._shelf.load(
                key, lambda: self._answer(exchange, route, values, caller, ticket)
            )

    async def _answer(
        self, exchange: Exchange, route: Route, values: list[str], caller: Caller, ticket: Ticket
    ) -> Reply:
        method = route.method
        key = idempotency_key(method, exchange)
        request = await route.reader.read(exchange, values)
        deadline = ticket.deadline
        if method.upload is not None:  # its time began before its body came
            deadline = min(deadline, within(self._patience.seconds))
        with (
            self._lanes[method.rate],  # entered with the whole request: no slow client holds it up
            acting(Call(caller, deadline, exchange.trace_id, key)),
        ):
            if traces.Tracing.tracer is None:
                result = await self._transport.call(method, request)
            else:
                parent = exchange.headers.get(b"traceparent", b"").decode("latin-1")
                with traces.span(f"{exchange.verb} {exchange.route}", parent=parent):
                    exchange.span_id = traces.traceparent(exchange.trace_id).split("-")[2]
                    result = await self._transport.call(method, request)
        reply = route.answerer.reply(exchange, result, caller)
        self._shelf.note(route, reply.status)
        return reply

    def _find(self, exchange: Exchange) -> Found[Route] | None:
        scope = exchange.scope
        return self._router.find(scope["path"], scope.get("raw_path") or b"")

    def _options(self, exchange: Exchange, verbs: str) -> Reply:
        origin = exchange.headers.get(b"origin")
        headers: list[Header] = [(b"allow", verbs.encode())]
        if origin is not None and b"access-control-request-method" in exchange.headers:
            headers += self._cors.on_preflight(origin, verbs.encode())
        return Reply(204, headers=headers)

    def _refused(self, exchange: Exchange, error: Exception) -> Reply:
        refusal = refusal_of(error)
        if is_bug(refusal):
            log.error(
                "request_failed",
                route=exchange.route,
                trace_id=exchange.trace_id,
                exc_info=error,
            )
        return refusal_reply(refusal, exchange)

    async def _send(self, exchange: Exchange, reply: Reply, fixed: tuple[Header, ...]) -> None:
        further = self._with_cors(exchange)
        if self._gate.is_closed and exchange.is_http1:
            further.append((b"connection", b"close"))
        try:
            await exchange.reply(reply, fixed, further)
        except OSError:  # the client left while it was being answered
            exchange.status = CLIENT_GONE

    def _with_cors(self, exchange: Exchange) -> list[Header]:
        if not self._cors.is_on:
            return []
        origin = exchange.headers.get(b"origin")
        told = [] if origin is None or exchange.verb == "OPTIONS" else self._cors.on_answer(origin)
        return [*told, (b"vary", b"origin")]


def allowed(routes: Mapping[str, Route]) -> str:
    verbs = {*routes, "OPTIONS"}
    if "GET" in routes and not routes["GET"].method.streams:
        verbs.add("HEAD")
    return ", ".join(sorted(verbs))
