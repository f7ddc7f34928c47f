"""Ports for what tests start: each test process has a stretch of them to itself."""

from __future__ import annotations

import fcntl
import socket
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import gettempdir

# Below the ports that the system itself gives to whoever asks for any.
FIRST, STRETCHES, STRETCH = 10_000, 10, 2_000


def free_row(length: int) -> int:
    """The first of that many free ports; no other test process is given any of them.

    Rows go round the stretch: what listened on the last one may still be letting go of it.
    """
    begin, rounds = _own_stretch()
    for _ in range(STRETCH // length):
        first = begin + next(rounds) % (STRETCH // length) * length
        if all(_is_free(port) for port in range(first, first + length)):
            return first
    raise AssertionError(f"no {length} free ports in a row from {begin} on")


@cache
def _own_stretch() -> tuple[int, count[int]]:
    """Looking whether ports are free is not enough: two who look at once see the same."""
    for number in range(STRETCHES):
        claim = (Path(gettempdir()) / f"souk-test-ports-{number}").open("w")
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            claim.close()
            continue
        _CLAIMS.append(claim)  # an open file is what holds the lock, until the process ends
        return FIRST + number * STRETCH, count()
    raise AssertionError(f"{STRETCHES} test processes hold all ports already")


_CLAIMS: list[object] = []


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Closed connections of those who listened here before do no harm.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
