"""Puts the clock of one process of Souk wrong; called in each by `tests/faults/sabotage`."""

from __future__ import annotations

import fcntl
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from souk.kernel.clock import SystemClock

VARIABLE = "STORM_CLOCK"
_held: list[int] = []


def shift() -> None:
    """`STORM_CLOCK=<service or "worker">:<seconds>`; of the workers it is always one."""
    who, _, seconds = os.environ[VARIABLE].partition(":")
    if who != os.environ["SOUK_SERVICES"] and not (who == "worker" and _is_the_one()):
        return
    by = timedelta(seconds=float(seconds))

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + by

    SystemClock.now = now  # type: ignore[method-assign]


def _is_the_one() -> bool:
    """The lock passes to the next process when its holder dies."""
    file = os.open(Path(os.environ["SOUK_HOME"]) / "run" / "wrong-clock", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    _held.append(file)
    return True
