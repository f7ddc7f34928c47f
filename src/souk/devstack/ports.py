"""Which ports of this machine are free for us."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable, Sequence
from contextlib import suppress

LEFTOVER_SECONDS_MAX = 5.0


class PortTaken(Exception):  # noqa: N818 - a statement, like a refusal
    """Somebody else listens where Souk should."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens there, whatever options they listen with."""
    with socket.socket() as probe:
        # Without SO_REUSEPORT: with it we would share the port with a stranger unnoticed.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(wanted: int = 0) -> int:
    """`wanted` if nobody has it, else one the system chooses."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise PortTaken("no port is free on 127.0.0.1")


async def until_free(ports: Iterable[tuple[str, int]], *, patient: bool) -> None:
    """Raises PortTaken for a port, each given with the variable it is set by.

    `patient` waits a moment before: a Souk that was killed leaves processes that need it.
    """
    wanted = [(name, port) for name, port in ports if port]
    _must_differ(wanted)
    seconds = LEFTOVER_SECONDS_MAX if patient else 0.0
    give_up = asyncio.get_running_loop().time() + seconds
    for name, port in sorted(wanted):
        while not is_free(port):
            if asyncio.get_running_loop().time() > give_up:
                raise PortTaken(
                    f"port {port} is taken by another program: set {name} to a free one"
                )
            await asyncio.sleep(0.1)


def _must_differ(wanted: Sequence[tuple[str, int]]) -> None:
    seen: set[int] = set()
    for name, port in wanted:
        if port in seen:
            raise PortTaken(
                f"port {port} is wanted twice: set {name} such that the ports of gateway, "
                "services and their health do not meet"
            )
        seen.add(port)
