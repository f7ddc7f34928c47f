"""One JSON line for everything worth telling, with the trace it belongs to and no person in it."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import msgspec
import structlog

from souk.kernel.context import call

# Events and log lines carry ids, not people: what slips in under these names is taken out.
PERSONAL = frozenset(
    ("access_token", "address", "authorization", "card", "cookie", "email", "first_name",
     "last_name", "name_on_card", "new_password", "password", "phone", "phone_number",
     "postal_code", "recipient", "refresh_token", "secret", "street_1", "street_2", "token")
)  # fmt: skip
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
NOISY = ("asyncio", "httpx", "httpcore", "nats", "grpc", "opentelemetry")

Line = MutableMapping[str, Any]


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """`logger(__name__).info("order_placed", order_id=…)`: an event's name and its facts."""
    found: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return found


def configure(*, level: str = "info", form: str = "json", service: str = "souk") -> None:
    """Sets how lines look, for our loggers and for those of libraries; to standard error."""

    def with_service(_: Any, __: str, line: Line) -> Line:
        line["service"] = service
        return line

    shared: list[Any] = [
        structlog.processors.add_log_level,
        with_trace,
        with_service,
        without_people,
    ]
    stamped = [*shared, structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")]
    last = _console() if form == "console" else [structlog.processors.format_exc_info, _to_json]
    _shape([*stamped, *last], level)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*stamped, _with_library],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=LEVELS[level], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(LEVELS[level], logging.WARNING))


def _shape(processors: list[Any], level: str) -> None:
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,  # a second configure(), as in tests, must take effect
    )


def with_trace(_: Any, __: str, line: Line) -> Line:
    trace_id = call().trace_id
    if trace_id and "trace_id" not in line:
        line["trace_id"] = trace_id
    return line


def without_people(_: Any, __: str, line: Line) -> Line:
    for key in line.keys() & PERSONAL:
        line[key] = "[removed]"
    return line


def _with_library(_: Any, __: str, line: Line) -> Line:
    record = line.get("_record")
    if record is not None:
        line["module"] = record.name
    return line


def _to_json(_: Any, __: str, line: Line) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


def _console() -> list[Any]:
    # The default shows the variables of every frame, people's data among them.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(sys.stderr.isatty(), exception_formatter=plain)]


# Until a program's main says otherwise: the library's own default shows variables in tracebacks.
_shape(
    [structlog.processors.add_log_level, with_trace, without_people,
     structlog.processors.format_exc_info, _to_json],
    "info",
)  # fmt: skip
