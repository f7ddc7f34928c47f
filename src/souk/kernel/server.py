"""The gRPC face of a process: every hosted service with health, reflection and access checks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from msgspec import structs

from souk.kernel import status, validation, wire
from souk.kernel.clock import monotonic
from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.contract import Idempotency, Method
from souk.kernel.identity import Seal, Verifier
from souk.kernel.limits import Limiter
from souk.kernel.refusals import (
    FieldError,
    IdempotencyKeyRequired,
    InvalidRequest,
    MalformedRequest,
    Refusal,
    Unavailable,
    Unexpected,
)
from souk.kernel.settings import Settings
from souk.kernel.telemetry import logger, metrics, traces
from souk.kernel.transport import MESSAGE_BYTES_MAX, admit

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
log = logger(__name__)


class PortTaken(Exception):  # noqa: N818 - a statement, like a refusal
    """Somebody else listens there."""


class Server:
    """Serves the contracts that are added to it, to Souk's other processes and to anyone else."""

    def __init__(
        self, settings: Settings, *, seal: Seal, verifier: Verifier, limiter: Limiter
    ) -> None:
        self._settings = settings
        self._seal, self._verifier, self._limiter = seal, verifier, limiter
        self._health = health.aio.HealthServicer()
        self._names: list[str] = []
        self._streams: set[asyncio.Task[Any]] = set()
        self._stopping = False
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
            method.name: self._handler(method, getattr(implementation, method.python))
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
            raise PortTaken(f"cannot listen on {address}: SOUK_GRPC_HOST, SOUK_GRPC_PORT")
        await self._server.start()
        await self._tell(SERVING)
        return port

    async def stop(self, *, grace_seconds: float) -> None:
        """Refuses what is new, ends the streams, lets running requests finish."""
        self._stopping = True
        await self._tell(NOT_SERVING)
        for task in tuple(self._streams):
            task.cancel()
        await self._server.stop(grace_seconds)

    async def _tell(self, state: Any) -> None:
        for name in ("", *self._names):
            await self._health.set(name, state)

    def _handler(self, method: Method, run: Callable[[Any], Any]) -> grpc.RpcMethodHandler[Any, Any]:
        # Requests arrive as bytes and are read in here: a request that cannot be read is the
        # client's mistake, and gRPC's own deserializing would call it INTERNAL.
        serve = Stream(self, method, run) if method.streams else Unary(self, method, run)
        wrap = (
            grpc.unary_stream_rpc_method_handler
            if method.streams
            else grpc.unary_unary_rpc_method_handler
        )
        return wrap(serve.handle)
