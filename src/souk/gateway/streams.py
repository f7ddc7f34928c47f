"""Live updates: a server-streaming method as server-sent events and as a WebSocket."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from souk.gateway.answers import refusal_reply
from souk.gateway.callers import Callers
from souk.gateway.exchange import Exchange, Reply
from souk.gateway.feed import End, Ending, Feed
from souk.gateway.headers import Header
from souk.gateway.pressure import Seats
from souk.gateway.problems import encode, is_bug, problem_of, refusal_of, status_of
from souk.gateway.rates import Rates, client_of
from souk.gateway.requests import TOKEN
from souk.gateway.route import Route
from souk.kernel.admission import admit
from souk.kernel.context import Call, Caller
from souk.kernel.contract import Rate
from souk.kernel.refusals import Refusal, RouteNotFound, SignInRequired, Unavailable
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import Gauge
from souk.kernel.transport import Transport

HEARTBEAT_SECONDS = 15.0
FIRST_SECONDS = 2.0  # how long a refusal may take and still have a status of its own
LOOK_SECONDS = 2.0  # how often it is looked whether those who listen still may
LOOKS_AT_ONCE = 500
SEND_SECONDS = 10.0  # a client that does not take a message for so long is dropped
REASON_BYTES_MAX = 120
EVENT_STREAM: list[Header] = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
EXPIRED = SignInRequired(reason="The access token has expired; connect again with a new one.")
open_streams = Gauge("souk_http_streams", "Open WebSockets and event streams.", "way")
log = logger(__name__)
Ask = Callable[[], Awaitable[Caller]]


class Streams:
    def __init__(
        self,
        transport: Transport,
        callers: Callers,
        rates: Rates,
        seats: Seats,
        *,
        life_seconds: float,
    ) -> None:
        self._transport = transport
        self._callers = callers
        self._rates = rates
        self._seats = seats
        self._life_seconds = life_seconds
        self._feeds: dict[Feed, Ask] = {}
        self._looking: asyncio.Task[None] | None = None
        self._ways: Counter[str] = Counter()
        self._is_closed = False

    @property
    def open(self) -> int:
        return len(self._feeds)

    def close(self) -> None:
        """Ends every stream; clients are told to come again."""
        self._is_closed = True
        if self._looking is not None:
            self._looking.cancel()
        for feed in self._feeds:
            feed.stop()

    async def serve_events(
        self,
        exchange: Exchange,
        route: Route,
        values: list[str],
        more: Callable[[Exchange], list[Header]],
    ) -> Reply | None:
        """Refusals before the first message are ordinary answers; later ones are an event."""
        exchange.is_stream = True
        caller, request, ask = await self._admitted(exchange, route, values)
        with self._seats.seat(client_of(Rate.READ, caller)):
            feed = self._feed(exchange, route, request, caller, ask)
            try:
                first = await feed.next(FIRST_SECONDS)
                if isinstance(first, End) and first.error is not None:
                    return self._refused(exchange, first.error)
                exchange.status = 200
                headers = [*route.fixed, *exchange.ids(), *EVENT_STREAM, *more(exchange)]
                await exchange.send(
                    {"type": "http.response.start", "status": 200, "headers": headers}
                )
                await self._tell_events(exchange, feed, first)
            except TimeoutError:
                log.info("slow_client_dropped", route=exchange.route, trace_id=exchange.trace_id)
            finally:
                await self._leave(exchange, feed)
        return None

    async def serve_socket(
        self, exchange: Exchange, route: Route | None, values: list[str]
    ) -> None:
        exchange.is_stream, exchange.verb = True, "GET"
        await exchange.receive()  # websocket.connect
        offered = exchange.scope.get("subprotocols") or []
        chosen = "bearer" if "bearer" in offered else None
        # Accepted first, since a browser sees no reason for a handshake that was refused.
        await exchange.send({"type": "websocket.accept", "subprotocol": chosen, "headers": []})
        code, reason = 1000, ""
        try:
            if route is None:
                raise RouteNotFound()
            exchange.route = route.http.path
            code, reason = await self._socket(exchange, route, values)
        except TimeoutError:
            code, reason = 1008, "too slow"
        except Exception as error:  # noqa: BLE001 - the last place where a client can be told
            code, reason = closing(self._judged(exchange, error))
        exchange.status = code
        if code:
            await exchange.send({"type": "websocket.close", "code": code, "reason": reason})

    async def _socket(self, exchange: Exchange, route: Route, values: list[str]) -> tuple[int, str]:
        """The code and reason to close with; code 0 when the client closed."""
        caller, request, ask = await self._admitted(exchange, route, values)
        with self._seats.seat(client_of(Rate.READ, caller)):
            feed = self._feed(exchange, route, request, caller, ask)
            try:
                while True:
                    news = await feed.next(HEARTBEAT_SECONDS)
                    if isinstance(news, End):
                        return self._socket_end(exchange, news)
                    text = '{"event":"ping"}' if news is None else news.decode()
                    async with asyncio.timeout(SEND_SECONDS):
                        await exchange.send({"type": "websocket.send", "text": text})
            finally:
                await self._leave(exchange, feed)

    def _socket_end(self, exchange: Exchange, end: End) -> tuple[int, str]:
        if end.error is not None:
            return closing(self._judged(exchange, end.error))
        return {
            Ending.DONE: (1000, ""),
            Ending.CLIENT_GONE: (0, ""),
            Ending.STOPPING: (1012, "restarting"),
            Ending.EXPIRED: closing(EXPIRED),
        }[end.how]

    async def _tell_events(self, exchange: Exchange, feed: Feed, first: bytes | End | None) -> None:
        news = first
        while not isinstance(news, End):
            await self._send_event(exchange, b": ping\n\n" if news is None else event(news))
            news = await feed.next(HEARTBEAT_SECONDS)
        if news.how is Ending.CLIENT_GONE:
            return
        last = b"event: end\ndata: {}\n\n"
        error = EXPIRED if news.how is Ending.EXPIRED else news.error
        if error is not None:
            refusal = self._judged(exchange, error)
            last = event(encode(problem_of(refusal, exchange.trace_id)), b"problem")
        elif news.how is Ending.STOPPING:
            last = b"retry: 1000\n\n"
        await self._send_event(exchange, last)
        await exchange.send({"type": "http.response.body", "body": b""})

    async def _send_event(self, exchange: Exchange, data: bytes) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await exchange.send({"type": "http.response.body", "body": data, "more_body": True})

    async def _admitted(
        self, exchange: Exchange, route: Route, values: list[str]
    ) -> tuple[Caller, Any, Ask]:
        if self._is_closed:
            raise Unavailable(service="gateway")
        with route.deadlines.ticket():
            ask = partial(self._callers.caller_of, exchange, route.method, token_of(exchange))
            caller = await ask()
            admit(route.method, caller)
            await self._rates.spend(route.method.rate, caller)
            return caller, await route.reader.read(exchange, values), ask

    def _feed(
        self, exchange: Exchange, route: Route, request: Any, caller: Caller, ask: Ask
    ) -> Feed:
        call = Call(caller, None, exchange.trace_id)
        life = self._life_seconds if caller.user_id else None
        feed = Feed(
            lambda: self._transport.stream(route.method, request),
            call,
            exchange.receive,
            life_seconds=life,
        )
        self._feeds[feed] = ask
        self._count(exchange)
        if caller.user_id and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_after(), name="streams, still allowed")
        return feed

    async def _look_after(self) -> None:
        """Ends the streams of those whose access has ended, as long as there are streams."""
        while self._feeds:
            await asyncio.sleep(LOOK_SECONDS)
            for number, (feed, ask) in enumerate(tuple(self._feeds.items())):
                try:
                    await ask()
                except SignInRequired:
                    feed.stop(Ending.EXPIRED)
                except Refusal:  # the keys cannot be had just now: nobody is worse off for that
                    continue
                if number % LOOKS_AT_ONCE == 0:
                    await asyncio.sleep(0)

    async def _leave(self, exchange: Exchange, feed: Feed) -> None:
        self._feeds.pop(feed, None)
        self._count(exchange, -1)
        await feed.close()

    def _count(self, exchange: Exchange, more: int = 1) -> None:
        way = exchange.scope["type"]
        self._ways[way] += more
        open_streams.set(self._ways[way], way)

    def _refused(self, exchange: Exchange, error: Exception) -> Reply:
        return refusal_reply(self._judged(exchange, error), exchange)

    def _judged(self, exchange: Exchange, error: Exception) -> Refusal:
        refusal = refusal_of(error)
        if is_bug(refusal):
            log.error(
                "stream_failed", route=exchange.route, trace_id=exchange.trace_id, exc_info=error
            )
        return refusal


def event(data: bytes, name: bytes = b"") -> bytes:
    return (b"event: " + name + b"\n" if name else b"") + b"data: " + data + b"\n\n"


def closing(refusal: Refusal) -> tuple[int, str]:
    """4401 is 401, and so on: codes from 4000 are the application's own."""
    told = refusal.name if is_bug(refusal) else f"{refusal.name}: {refusal.detail}"
    reason = told.encode()[:REASON_BYTES_MAX].decode(errors="ignore")
    return 4000 + status_of(refusal), reason


def token_of(exchange: Exchange) -> str | None:
    """Browsers cannot set headers here, so the token may come in the query or as a subprotocol."""
    if b"authorization" in exchange.headers:
        return None
    offered = exchange.scope.get("subprotocols") or []
    if "bearer" in offered:
        rest = [name for name in offered if name != "bearer"]
        return rest[0] if rest else ""
    query = exchange.scope["query_string"]
    if TOKEN.encode() not in query:
        return None
    return next(iter(parse_qs(query.decode("latin-1")).get(TOKEN, ())), None)
