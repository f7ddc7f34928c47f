"""Whether this process lives, whether it can serve, and its figures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from hmac import compare_digest
from ipaddress import ip_address

import msgspec

from souk.gateway.answers import JSON, NO_STORE
from souk.gateway.exchange import Exchange, Reply
from souk.gateway.pressure import Gate
from souk.kernel.telemetry import logger, metrics

READY_SECONDS = 3
OK = "ok"
TEXT = b"text/plain; charset=utf-8"
PASSED_ON = frozenset({b"x-forwarded-for", b"forwarded", b"x-real-ip"})
encode = msgspec.json.Encoder().encode
log = logger(__name__)


class Health:
    def __init__(
        self,
        ready: Callable[[], Awaitable[Mapping[str, str]]],
        gate: Gate,
        *,
        metrics_token: str = "",
    ) -> None:
        self._ready = ready
        self._gate = gate
        self._right = f"Bearer {metrics_token}".encode() if metrics_token else b""

    async def show(self, _: Exchange) -> Reply:
        return Reply(200, JSON, encode({"status": OK}), [NO_STORE])

    async def show_live(self, _: Exchange) -> Reply:
        return Reply(200, JSON, encode({"status": OK}), [NO_STORE])

    async def show_ready(self, _: Exchange) -> Reply:
        """503 takes this process out of service; `checks` says what is away."""
        checks = {"gateway": "stopping"} if self._gate.is_closed else await self._checks()
        is_ready = all(state == OK for state in checks.values())
        body = encode({"status": OK if is_ready else "unavailable", "checks": checks})
        headers = [NO_STORE] if is_ready else [NO_STORE, (b"retry-after", b"1")]
        return Reply(200 if is_ready else 503, JSON, body, headers)

    async def show_metrics(self, exchange: Exchange) -> Reply:
        """Figures tell how business goes, so they are for whoever has the token; where none is
        set, for this machine, and not for what a proxy on it passes on."""
        if not self._may_count(exchange):
            return Reply(403, TEXT, b"For whoever has SOUK_METRICS_TOKEN.\n", [NO_STORE])
        figures, kind = await asyncio.to_thread(metrics.render)
        return Reply(200, kind.encode(), figures, [NO_STORE])

    def _may_count(self, exchange: Exchange) -> bool:
        if self._right:
            return compare_digest(exchange.headers.get(b"authorization", b""), self._right)
        host, _ = exchange.scope.get("client") or ("", 0)
        return is_local(host) and PASSED_ON.isdisjoint(exchange.headers)

    async def _checks(self) -> dict[str, str]:
        try:
            async with asyncio.timeout(READY_SECONDS):
                return {"gateway": OK, **await self._ready()}
        except TimeoutError:
            return {"gateway": f"checks took longer than {READY_SECONDS} s"}
        except Exception:  # a check that fails is an answer, whatever it fails with
            log.exception("readiness_check_failed")
            return {"gateway": "checks failed"}


def is_local(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a socket file, say, behind which a proxy may sit
        return False
