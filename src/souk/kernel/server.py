"""The gRPC face of a process: every hosted service with health, reflection and access checks."""

from __future__ import annotations

from typing import Any

import grpc
import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from souk.kernel import wire
from souk.kernel.credentials import Credentials
from souk.kernel.identity import Seal, Verifier
from souk.kernel.limits import Limiter
from souk.kernel.serving import Edge, handler_of
from souk.kernel.settings import Settings
from souk.kernel.transport import MESSAGE_BYTES_MAX

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class PortTaken(Exception):  # noqa: N818 - a statement, like a refusal
    """Somebody else listens there."""


class Server:
    """Serves the contracts that are added to it, to Souk's other processes and to anyone else."""

    def __init__(
        self, settings: Settings, *, seal: Seal, verifier: Verifier | Credentials, limiter: Limiter
    ) -> None:
        self._settings = settings
        self._edge = Edge(settings, seal, verifier, limiter)
        self._health: Any = health.aio.HealthServicer()  # type: ignore[attr-defined]
        self._names: list[str] = []
        self._server = grpc.aio.server(
            maximum_concurrent_rpcs=settings.grpc_concurrency_max,
            options=[
                # With one worker a second listener on the port is a mistake, and must be told.
                ("grpc.so_reuseport", int(settings.workers > 1)),
                ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
                ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.keepalive_permit_without_calls", 1),
            ],
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)

    def add(self, implementation: Any) -> None:
        """Before `start`."""
        handlers = {
            method.name: handler_of(method, implementation, self._edge)
            for method in implementation.METHODS
        }
        generic = grpc.method_handlers_generic_handler(implementation.NAME, handlers)
        self._server.add_generic_rpc_handlers((generic,))
        self._names.append(implementation.NAME)

    async def start(self) -> int:
        """Listens, and answers the port; raises PortTaken."""
        known = (*self._names, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection.enable_server_reflection(known, self._server, pool=wire.pool())
        address = f"{self._settings.grpc_host}:{self._settings.grpc_port}"
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError:
            port = 0
        if not port:
            await self._server.stop(None)
            raise PortTaken(f"cannot listen on {address}: SOUK_GRPC_HOST, SOUK_GRPC_PORT")
        await self._server.start()
        await self._tell(SERVING)
        return port

    async def stop(self, *, grace_seconds: float) -> None:
        """Refuses what is new, ends the streams, lets running requests finish."""
        await self._tell(NOT_SERVING)
        self._edge.close()
        await self._server.stop(grace_seconds)

    async def _tell(self, state: Any) -> None:
        for name in ("", *self._names):
            await self._health.set(name, state)
