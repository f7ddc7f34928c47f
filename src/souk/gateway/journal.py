"""One line and one figure for every request, by its route's template, never by its address."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime, timedelta
from typing import TextIO

import msgspec
from msgspec import Struct

from souk.gateway.exchange import Exchange
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.settings import Settings
from souk.kernel.telemetry import metrics

FLUSH_SECONDS = 0.2
FLUSH_BYTES = 64 << 10
UNKNOWN = "(no route)"
VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
encode = msgspec.json.Encoder().encode


class Line(Struct, frozen=True):
    """As the other log lines are, with what belongs to a request."""

    verb: str
    route: str
    status: int
    ms: float
    trace_id: str
    time: datetime
    event: str = "request"
    module: str = "souk.gateway.access"
    level: str = "info"
    service: str = "gateway"


class Journal:
    """Lines are gathered and written a few times a second: a system call a request is too many."""

    def __init__(self, settings: Settings, out: TextIO | None = None) -> None:
        self._out = out
        self._is_on = settings.log_level in ("debug", "info")
        self._is_json = settings.log_format == "json"
        self._lines = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        # Wall time is read once; each line adds what the steady clock has moved since.
        self._epoch = SystemClock().now() - timedelta(seconds=monotonic())

    def record(self, exchange: Exchange) -> None:
        seconds = monotonic() - exchange.started
        route, verb = exchange.route or UNKNOWN, exchange.verb
        if verb not in VERBS:  # anybody may send any word; figures must not grow with them
            verb = "OTHER"
        if not exchange.is_stream:
            metrics.http_seconds.observe(seconds, f"{verb} {route}", str(exchange.status))
        if not self._is_on:
            return
        ms = round(seconds * 1000, 3)
        if self._is_json:
            at = self._epoch + timedelta(seconds=exchange.started)
            line = Line(verb, route, exchange.status, ms, exchange.trace_id, at)
            self._lines += encode(line) + b"\n"
        else:
            self._lines += f"{exchange.status} {verb:6} {route}  {ms:.1f} ms\n".encode()
        if len(self._lines) >= FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            out = self._out or sys.stderr
            out.write(self._lines.decode())
            out.flush()
            self._lines.clear()
