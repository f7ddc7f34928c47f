"""A stream of a service as server-sent events, for a page that follows along."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from souk.gateway.feed import End, Feed
from souk.kernel.context import Call, call
from souk.kernel.refusals import TooManyRequests
from souk.web.visit import Visit

HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 10.0
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
}


class LiveUpdates(Response):
    """Ends with the stream, the visitor, the session's time, or this process.

    The page asks for itself again at every event, so an event need not say more than that.
    """

    def __init__(self, visit: Visit, stream: Callable[[], AsyncIterator[Any]]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._visit, self._stream = visit, stream
        self._call = Call(call().caller, None, call().trace_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._follow(receive, send)
        except TooManyRequests as refusal:
            await PlainTextResponse(refusal.detail, status_code=429)(scope, receive, send)

    async def _follow(self, receive: Receive, send: Send) -> None:
        site = self._visit.site
        with site.seats.seat(self._call.caller.user_id or self._call.caller.address):
            self._visit.exchange.is_stream = True
            life = site.settings.access_token_seconds
            feed = Feed(self._stream, self._call, receive, life_seconds=life)
            site.feeds.add(feed)
            try:
                await send(
                    {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
                )
                await self._tell(feed, send)
            except TimeoutError:
                pass  # a browser that does not listen is dropped
            finally:
                site.feeds.discard(feed)
                await feed.close()

    @staticmethod
    async def _tell(feed: Feed, send: Send) -> None:
        while True:
            news = await feed.next(HEARTBEAT_SECONDS)
            if isinstance(news, End):
                last = b"event: end\ndata: {}\n\n" if news.error else b"retry: 1000\n\n"
                await send({"type": "http.response.body", "body": last})
                return
            data = b": ping\n\n" if news is None else b"event: order\ndata: " + news + b"\n\n"
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": data, "more_body": True})
