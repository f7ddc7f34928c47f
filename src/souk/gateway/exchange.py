"""One request and its answer, as the server hands them to us."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from itertools import chain
from typing import Any

from souk.gateway.headers import Header
from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from souk.kernel.refusals import RequestTooLarge

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# A client that is refused while it still sends hears it only once it has sent: most libraries do
# not listen before. So what it sends is thrown away for a while.
LINGER_BYTES_MAX = 128 << 20
LINGER_SECONDS_MAX = 5.0
LINGER_SILENCE_SECONDS = 0.5
COMPRESS_FROM_BYTES = 1024
COMPRESS_LEVEL = 4
COMPRESS_ASIDE_FROM_BYTES = 256 << 10  # in a thread: milliseconds that others need not wait
COMPRESSIBLE = (b"application/json", b"application/problem+json", b"text/", b"image/svg+xml")
VARIES: Header = (b"vary", b"accept-encoding")
REQUEST_ID = re.compile(rb"[A-Za-z0-9._:@+/=-]{1,128}")
TRACEPARENT = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


class ClientGone(Exception):  # noqa: N818 - not an error: nobody is there to be answered
    """The client went away before it was answered."""


class Traces:
    """Makes trace ids: a random half for this process, and a number that never comes again."""

    def __init__(self) -> None:
        self._process = new_id().replace("-", "")[16:]
        self._count = int(new_id()[-12:], 16)

    def next(self) -> tuple[str, str]:
        """A new trace id and the id of its first span."""
        self._count += 1
        number = f"{self._count:016x}"
        return self._process + number, number


class Reply:
    """An answer on its way out. Its headers come on top of those that every answer carries."""

    __slots__ = ("body", "headers", "is_file", "kind", "lingers", "packed", "status", "tag")

    def __init__(
        self, status: int, kind: bytes = b"", body: bytes = b"", headers: list[Header] | None = None
    ) -> None:
        self.status = status
        self.kind = kind
        self.body = body
        self.headers = [] if headers is None else headers
        self.tag = b""  # names these very bytes; a client that has them is told so
        self.packed: bytes | None = None  # compressed, once somebody wanted it so
        self.is_file = False  # a file brings a content policy of its own
        self.lingers = False  # the request's body is thrown away before the answer ends


class Exchange:
    """What was asked, under which ids, and what has been answered so far."""

    __slots__ = (
        "headers", "is_read", "is_stream", "receive", "request_id", "route", "scope", "send",
        "span_id", "started", "status", "trace_id", "verb",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send, traces: Traces) -> None:
        self.scope = scope
        self.receive = receive
        self.send = send
        self.started = monotonic()
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.verb: str = scope.get("method", "GET")
        self.route = ""  # the template, never the address: addresses hold ids and searches
        self.status = 0
        self.is_read = False  # the body, to its end
        self.is_stream = False
        self.trace_id, self.span_id = traces.next()
        if parent := self.headers.get(b"traceparent"):
            self.trace_id = traced(parent) or self.trace_id
        given = self.headers.get(b"x-request-id")
        known = given is not None and REQUEST_ID.fullmatch(given)
        self.request_id: bytes = given if given and known else self.trace_id.encode()

    @property
    def accepts_gzip(self) -> bool:
        accepted = self.headers.get(b"accept-encoding")
        return accepted is not None and b"gzip" in accepted and accepts(accepted, b"gzip")

    @property
    def is_http1(self) -> bool:
        version: str = self.scope.get("http_version", "1.1")
        return version.startswith("1")

    def ids(self) -> list[Header]:
        parent = f"00-{self.trace_id}-{self.span_id}-01"
        return [(b"x-request-id", self.request_id), (b"traceparent", parent.encode())]

    @property
    def is_unread(self) -> bool:
        """Whether the client has a body that was not read to its end."""
        length = self.headers.get(b"content-length")
        has_body = b"transfer-encoding" in self.headers if length is None else length != b"0"
        return has_body and not self.is_read

    async def next_piece(self) -> MutableMapping[str, Any]:
        """Of the body; the last one has no `more_body`."""
        message = await self.receive()
        self.is_read = not message.get("more_body")
        return message

    async def body(self, bytes_max: int) -> bytes:
        """The whole body; raises RequestTooLarge without reading what cannot be kept."""
        self.check_length(bytes_max)
        message = await self.next_piece()
        piece: bytes = message.get("body", b"")
        if not message.get("more_body"):
            if message["type"] == "http.disconnect":
                raise ClientGone
            if len(piece) > bytes_max:
                raise RequestTooLarge(max_bytes=bytes_max)
            return piece
        pieces, size = [piece], len(piece)
        while message.get("more_body"):
            if size > bytes_max:
                raise RequestTooLarge(max_bytes=bytes_max)
            message = await self.next_piece()
            if message["type"] == "http.disconnect":
                raise ClientGone
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
        if size > bytes_max:
            raise RequestTooLarge(max_bytes=bytes_max)
        return b"".join(pieces)

    def check_length(self, bytes_max: int) -> None:
        length = self.headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > bytes_max:
            raise RequestTooLarge(max_bytes=bytes_max)

    async def reply(self, reply: Reply, *further: Iterable[Header]) -> None:
        """Sends an answer whole, compressed where that is wanted and worth it.

        The reply is left as it is: it may go out to others as well.
        """
        headers = [*chain(*further), *self.ids(), *reply.headers]
        given = self.headers.get(b"if-none-match") if reply.tag else None
        known = None if given is None else known_tag(reply.tag, given)
        if known is not None:
            headers += (
                ((b"etag", known), VARIES) if is_worth_packing(reply) else ((b"etag", known),)
            )
            await self._send(304, headers, b"")
            return
        body, tag = reply.body, reply.tag
        if reply.kind:
            headers.append((b"content-type", reply.kind))
        if is_worth_packing(reply):
            headers.append(VARIES)
            if self.accepts_gzip:
                body = reply.packed = reply.packed or await compressed(reply.body)
                tag = packed_tag(tag) if tag else b""
                headers.append((b"content-encoding", b"gzip"))
        if tag:
            headers.append((b"etag", tag))
        if reply.status not in (204, 304):
            headers.append((b"content-length", b"%d" % len(body)))
        await self._send(reply.status, headers, body, lingers=reply.lingers)

    async def _send(
        self, status: int, headers: list[Header], body: bytes, *, lingers: bool = False
    ) -> None:
        self.status = status
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        if lingers:
            await self.send({"type": "http.response.body", "body": body[:-1], "more_body": True})
            await self._linger()
            body = body[-1:]
        sent = b"" if self.verb == "HEAD" else body
        await self.send({"type": "http.response.body", "body": sent})

    async def _linger(self) -> None:
        left, until = LINGER_BYTES_MAX, monotonic() + LINGER_SECONDS_MAX
        while left > 0 and monotonic() < until:
            try:
                async with asyncio.timeout(LINGER_SILENCE_SECONDS):
                    message = await self.next_piece()
            except TimeoutError:
                return
            if not message.get("more_body"):
                return
            left -= len(message.get("body", b""))


def traced(parent: bytes) -> str:
    """The trace id of a traceparent header; empty when it is not valid."""
    match = TRACEPARENT.fullmatch(parent)
    if match is None or parent.startswith(b"ff") or match[1].strip(b"0") == b"":
        return ""
    return match[1].decode()


def accepts(header: bytes, coding: bytes) -> bool:
    """Whether Accept-Encoding names the coding, and not with `q=0`."""
    for offer in header.split(b","):
        name, _, weight = offer.partition(b";")
        if name.strip().lower() == coding:
            return not re.fullmatch(rb"\s*q=0(\.0*)?\s*", weight)
    return False


async def compressed(body: bytes) -> bytes:
    if len(body) >= COMPRESS_ASIDE_FROM_BYTES:
        return await asyncio.to_thread(zlib.compress, body, COMPRESS_LEVEL, 31)
    return zlib.compress(body, COMPRESS_LEVEL, 31)


def is_worth_packing(reply: Reply) -> bool:
    return len(reply.body) >= COMPRESS_FROM_BYTES and reply.kind.startswith(COMPRESSIBLE)


def packed_tag(tag: bytes) -> bytes:
    """A strong tag names exact bytes, so the compressed form has a tag of its own."""
    return tag[:-1] + b'-gzip"'


def known_tag(tag: bytes, given: bytes) -> bytes | None:
    """The form of this tag, plain or compressed, that If-None-Match names, if it does."""
    for part in given.split(b","):
        named = part.strip().removeprefix(b"W/")
        if named in (tag, packed_tag(tag)):
            return named
        if named == b"*":
            return tag
    return None
