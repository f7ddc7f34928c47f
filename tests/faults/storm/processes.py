"""The processes of a started Souk, found from outside, and what can be done to them."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct

from souk.devstack.embedded import Traces
from souk.devstack.home import socket_folder
from souk.devstack.servers import Servers, Urls
from souk.kernel.clock import monotonic
from souk.kernel.settings import Settings

BROKER_DISK_MB = 192
LOOK_SECONDS = 0.05


class Town(Struct, frozen=True, kw_only=True, eq=False):
    """Where a Souk runs: its home, and its topmost process."""

    home: Path
    pid: int

    def urls(self) -> Urls:
        """Of its servers, for whoever counts."""
        return Servers(self.home, Settings()).adopted()

    def services(self) -> list[psutil.Process]:
        """The processes that serve, in the order of their birth."""
        found = []
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.pid).children():
                with suppress(psutil.NoSuchProcess):
                    if "souk.commands.worker" in child.cmdline():
                        found.append(child)
        return found

    def server(self, name: str) -> psutil.Process | None:
        """`postgres`, `nats` or `redis`, if it runs just now."""
        with suppress(OSError, msgspec.DecodeError, psutil.NoSuchProcess):
            written = (self.home / "run" / f"{name}.json").read_bytes()
            traces = msgspec.json.decode(written, type=Traces)
            process = psutil.Process(traces.pid)
            if abs(process.create_time() - traces.created) < 1:
                return process
        return None

    def signal_server(self, name: str, number: signal.Signals) -> None:
        server = self.server(name)
        if server is not None:
            with suppress(psutil.NoSuchProcess):
                server.send_signal(number)

    async def keep_away(self, name: str, seconds: float) -> None:
        """Kills it as often as it comes back, for so long."""
        until = monotonic() + seconds
        while True:
            self.signal_server(name, signal.SIGKILL)
            if monotonic() >= until:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def flush_redis(self) -> None:
        path = socket_folder(self.home, "redis", owner=os.geteuid()) / "redis.sock"
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_unix_connection(str(path))
                writer.write(b"FLUSHALL\r\n")
                await reader.readline()
                writer.close()

    def fill_broker_disk(self) -> None:
        with suppress(OSError), self._ballast.open("ab") as file:
            while True:
                file.write(bytes(1 << 20))
                file.flush()

    def free_broker_disk(self) -> None:
        """The broker gives up when its disk is full, and must be started again."""
        with suppress(OSError):
            if self._ballast.exists():
                self._ballast.unlink()
                self.signal_server("nats", signal.SIGKILL)

    @property
    def _ballast(self) -> Path:
        # Its disk is mounted for it alone, so we go there through one of its processes.
        streams = (self.home / "nats" / "streams").resolve().relative_to("/")
        return Path(f"/proc/{self.pid}/root") / streams / "ballast"


def small_disk(home: Path) -> tuple[str, ...]:
    """A command to run Souk under, that gives its broker a small disk; empty where one may not."""
    if os.geteuid() != 0 or not (shutil.which("unshare") and shutil.which("mount")):
        return ()
    streams = home / "nats" / "streams"
    streams.mkdir(parents=True, exist_ok=True)
    mount = f"mount -t tmpfs -o size={BROKER_DISK_MB}m storm '{streams}'"
    tried = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount], capture_output=True, check=False
    )
    if tried.returncode != 0:
        return ()
    return ("unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "storm")
