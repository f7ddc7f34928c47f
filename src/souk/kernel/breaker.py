"""Leaves a dependency alone for a moment after it failed several times in a row."""

from __future__ import annotations

from souk.kernel.clock import monotonic


class Breaker:
    """Open after `failures_max` failures in a row; then one probe every `rest_seconds`.

    A probe needs no sign-off: when it is lost, the next one goes after another rest.
    """

    __slots__ = ("_failures", "_failures_max", "_probe_at", "_rest_seconds")

    def __init__(self, *, failures_max: int = 5, rest_seconds: float = 1.0) -> None:
        self._failures_max, self._rest_seconds = failures_max, rest_seconds
        self._failures = 0
        self._probe_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._failures_max

    def permits(self) -> bool:
        """Whether a call may go out now."""
        if self._failures < self._failures_max:
            return True
        now = monotonic()
        if now < self._probe_at:
            return False
        self._probe_at = now + self._rest_seconds
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        self._probe_at = monotonic() + self._rest_seconds
