"""One line and one figure for every request, by its route's template, never by its address."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from typing import TextIO

from souk.gateway.exchange import Exchange
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.settings import Settings
from souk.kernel.telemetry import metrics

FLUSH_SECONDS = 0.2
LINES_MAX = 500
UNKNOWN = "(no route)"
VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Journal:
    """Lines are gathered and written a few times a second: a system call a request is too many."""

    def __init__(self, settings: Settings, out: TextIO | None = None) -> None:
        self._out = out
        self._is_on = settings.log_level in ("debug", "info")
        self._is_json = settings.log_format == "json"
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None
        # Wall time is read once; each line adds what the steady clock has moved since.
        self._epoch = SystemClock().now().timestamp() - monotonic()
        self._second, self._stamp = -1, ""

    def record(self, exchange: Exchange) -> None:
        seconds = monotonic() - exchange.started
        route, verb = exchange.route or UNKNOWN, exchange.verb
        if verb not in VERBS:  # anybody may send any word; figures must not grow with them
            verb = "OTHER"
        if not exchange.is_stream:
            metrics.http_seconds.observe(seconds, f"{verb} {route}", str(exchange.status))
        if not self._is_on:
            return
        write = self._json if self._is_json else self._plain
        self._lines.append(write(exchange, verb, route, seconds * 1000))
        if len(self._lines) >= LINES_MAX:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            out = self._out or sys.stderr
            out.write("".join(self._lines))
            out.flush()
            self._lines.clear()

    def _json(self, exchange: Exchange, verb: str, route: str, ms: float) -> str:
        # By hand: nothing in it comes from outside, and it costs a third of an encoder.
        return (
            f'{{"module":"souk.gateway.access","event":"request","level":"info",'
            f'"service":"gateway","verb":"{verb}","route":"{route}","status":{exchange.status},'
            f'"ms":{ms:.3f},"trace_id":"{exchange.trace_id}","time":"{self._time(exchange)}"}}\n'
        )

    def _plain(self, exchange: Exchange, verb: str, route: str, ms: float) -> str:
        return f"{exchange.status} {verb:6} {route}  {ms:.1f} ms\n"

    def _time(self, exchange: Exchange) -> str:
        moment = self._epoch + exchange.started
        second = int(moment)
        if second != self._second:
            stamp = datetime.fromtimestamp(second, UTC).isoformat()
            self._second, self._stamp = second, stamp.removesuffix("+00:00")
        return f"{self._stamp}.{int((moment - second) * 1e6):06d}Z"
