"""Ports for what tests start: each test process has a stretch of them to itself."""

from __future__ import annotations

import socket
from functools import cache
from itertools import count

# Below the ports that the system itself gives to whoever asks for any.
FIRST, STRETCHES, STRETCH = 10_000, 10, 2_000


def free_row(length: int) -> int:
    """The first of that many free ports; no other test process is given any of them.

    Rows go round the stretch: what listened on the last one may still be letting go of it.
    """
    claim, rounds = _own_stretch()
    begin = claim.getsockname()[1] + 1
    for _ in range(STRETCH // length):
        first = begin + next(rounds) % ((STRETCH - 1) // length) * length
        if all(_is_free(port) for port in range(first, first + length)):
            return int(first)
    raise AssertionError(f"no {length} free ports in a row from {begin} on")


@cache
def _own_stretch() -> tuple[socket.socket, count[int]]:
    """Looking whether ports are free is not enough: two who look at once see the same.

    Whoever holds the first port of a stretch has it all, until the process ends.
    """
    for number in range(STRETCHES):
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", FIRST + number * STRETCH))
        except OSError:
            claim.close()
        else:
            return claim, count()
    raise AssertionError(f"{STRETCHES} test processes hold all ports already")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Closed connections of those who listened here before do no harm.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
