"""What a running Souk tells about itself: log lines, figures and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from souk.kernel.telemetry import logs, traces
from souk.kernel.telemetry.logs import logger
from souk.kernel.telemetry.traces import span

if TYPE_CHECKING:
    from souk.kernel.settings import Settings

__all__ = ["configure", "logger", "span"]


def configure(settings: Settings, *, service: str = "souk") -> None:
    """Once, by a program's main: how this process logs, and where its traces go."""
    logs.configure(level=settings.log_level, form=settings.log_format, service=service)
    if settings.otlp_endpoint:
        traces.configure(endpoint=settings.otlp_endpoint, service=service)
