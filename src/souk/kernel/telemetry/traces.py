"""Where a request spent its time, across processes; sent to a collector when one is set.

Without SOUK_OTLP_ENDPOINT a span costs nothing and OpenTelemetry is not even imported; trace ids
travel all the same (W3C Trace Context), so that log lines of several processes can be joined.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from souk.kernel.context import call
from souk.kernel.ids import new_id

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
NOWHERE: AbstractContextManager[Any] = nullcontext()


class Tracing:
    """The tracer of this process, when there is one."""

    tracer: Any = None
    provider: Any = None


def span(name: str, *, parent: str = "", **attributes: Any) -> AbstractContextManager[Any]:
    """`with span("price_it"):` what happens inside is one bar of the trace.

    `parent` is a traceparent that came from outside; else the span that is open here.
    """
    if Tracing.tracer is None:
        return NOWHERE
    found: AbstractContextManager[Any] = Tracing.tracer.start_as_current_span(
        name, context=_from(parent) if parent else None, attributes=attributes
    )
    return found


def new_trace_id() -> str:
    return new_id().replace("-", "")


def trace_id_of(traceparent: str) -> str:
    """The trace that a client began, or a new one where it sent none or nonsense."""
    match = TRACEPARENT.fullmatch(traceparent)
    is_sound = match is not None and int(match[1], 16) and int(match[2], 16)
    return match[1] if match is not None and is_sound else new_trace_id()


def traceparent(trace_id: str) -> str:
    """How the next process hears of this trace."""
    if Tracing.tracer is not None:
        from opentelemetry import trace

        current = trace.get_current_span().get_span_context()
        if current.is_valid:
            return f"00-{current.trace_id:032x}-{current.span_id:016x}-01"
    return f"00-{trace_id}-{_new_span_id()}-00"


def configure(*, endpoint: str, service: str) -> None:
    """Sends spans to the OTLP/HTTP collector at `endpoint`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    class OurIds(IdGenerator):
        """A trace is known by one id in spans, in log lines and in problem documents."""

        def generate_trace_id(self) -> int:
            return int(call().trace_id or new_trace_id(), 16)

        def generate_span_id(self) -> int:
            return int(_new_span_id(), 16)

    provider = TracerProvider(
        resource=Resource.create({"service.name": service}), id_generator=OurIds()
    )
    path = "/v1/traces"
    address = endpoint if endpoint.endswith(path) else endpoint.rstrip("/") + path
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    Tracing.provider, Tracing.tracer = provider, provider.get_tracer("souk")


async def stop() -> None:
    """Sends what is left."""
    provider, Tracing.provider, Tracing.tracer = Tracing.provider, None, None
    if provider is not None:
        await asyncio.to_thread(provider.shutdown)


def _from(parent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})


def _new_span_id() -> str:
    return new_id().replace("-", "")[16:]
