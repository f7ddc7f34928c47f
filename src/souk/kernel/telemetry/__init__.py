"""What a running Souk tells about itself: log lines, figures and traces."""

from __future__ import annotations

from souk.kernel.telemetry.logs import logger
from souk.kernel.telemetry.traces import span

__all__ = ["logger", "span"]
