"""One server from a wheel: started as our child, watched, healed and stopped in order."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

LOG_BYTES_MAX = 5_000_000
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 10.0
WATCH_SECONDS = 0.25

Tell = Callable[[str], None]


class ServerFailed(Exception):  # noqa: N818 - a statement, like a refusal
    """An embedded server did not start; the message holds the end of its log."""


class Traces(msgspec.Struct, frozen=True):
    """What a running server leaves in `run/`, so that the next start finds it."""

    pid: int
    created: float
    port: int = 0


class Embedded(ABC):
    """What PostgreSQL, NATS and Redis have in common when Souk runs them."""

    name: str
    stop_signal = signal.SIGINT

    def __init__(self, home: Path, *, tell: Tell = lambda _: None, outlive: bool = False) -> None:
        self.home = home.resolve()
        self.tell = tell
        self.outlive = outlive
        self.log = self.home / "run" / f"{self.name}.log"
        self._traces = self.home / "run" / f"{self.name}.json"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients find it, once started."""

    @abstractmethod
    async def prepare(self) -> None:
        """Makes its folders and configuration."""

    @abstractmethod
    def command(self) -> list[str]:
        """What to run."""

    @abstractmethod
    async def answers(self) -> bool:
        """Whether clients are served."""

    def environment(self) -> Mapping[str, str]:
        """Variables on top of ours."""
        return {}

    def port(self) -> int:
        """The port to remember; 0 for a server on a socket."""
        return 0

    def adopt(self) -> None:  # noqa: B027 - a server on a fixed socket has nothing to take over
        """Takes over what clients must know of the server that already runs here."""

    def stale(self, log: str) -> bool:
        """Whether a failed start is worth repeating, judged by the end of the log."""
        del log
        return False

    async def start(self) -> None:
        """Raises ServerFailed with the end of the log."""
        self._traces.parent.mkdir(parents=True, exist_ok=True)
        await self.stop_leftover()
        await self.prepare()
        give_up = asyncio.get_running_loop().time() + START_SECONDS_MAX
        self._spawn()
        while not await self.answers():
            if self._child is not None and self._child.poll() is not None:
                said = self._log_end()
                if not self.stale(said):
                    raise ServerFailed(f"{self.name} did not start:\n{said}")
                await asyncio.sleep(0.2)
                self._spawn()
            if asyncio.get_running_loop().time() > give_up:
                await self.stop()
                raise ServerFailed(f"{self.name} did not answer in time:\n{self._log_end()}")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Ends it in order: what it promised is on disk afterwards."""
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.send_signal(self.stop_signal)
        await _ended(lambda: child.poll() is not None, otherwise=child.kill)
        self._traces.unlink(missing_ok=True)

    async def watch(self) -> None:
        """Starts it again whenever it ends by itself; runs until cancelled."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self._child is None or self._child.poll() is None:
                continue
            self.tell(
                f"{self.name} ended by itself (exit {self._child.returncode}): starting again"
            )
            try:
                await self.start()
            except ServerFailed as failure:
                self.tell(str(failure))
                await asyncio.sleep(2)

    async def stop_leftover(self) -> None:
        """Stops the server that a killed owner left running on this home."""
        process = self.leftover()
        if process is not None:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(self.stop_signal)
            await _ended(lambda: not _runs(process), otherwise=process.kill)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self._traces.unlink(missing_ok=True)

    def leftover(self) -> psutil.Process | None:
        """The server an earlier owner started here, if it still runs."""
        traces = self.traces()
        if traces is None:
            return None
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(traces.pid)
            # A process id is given again after a while: the birth must agree as well.
            if abs(process.create_time() - traces.created) < 1 and _runs(process):
                return process
        return None

    def traces(self) -> Traces | None:
        """What the last start wrote down."""
        with suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode(self._traces.read_bytes(), type=Traces)
        return None

    def _spawn(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_MAX:
            self.log.unlink()
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [*mortal(outlive=self.outlive, command=self.command())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.home,
                env={**os.environ, **self.environment()},
                # Ctrl-C in the terminal is for Souk, which stops its servers last.
                start_new_session=True,
            )
        created = psutil.Process(self._child.pid).create_time()
        traces = Traces(pid=self._child.pid, created=created, port=self.port())
        self._traces.write_bytes(msgspec.json.encode(traces))

    def _log_end(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def mortal(*, outlive: bool, command: list[str]) -> list[str]:
    """The command such that its process ends with us, even when we are killed (Linux)."""
    setpriv = shutil.which("setpriv")
    if outlive or setpriv is None or sys.platform != "linux" or command[0] == setpriv:
        return command
    return [setpriv, "--pdeathsig", "INT", *command]


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _ended(ended: Callable[[], bool], *, otherwise: Callable[[], None]) -> None:
    give_up = asyncio.get_running_loop().time() + STOP_SECONDS_MAX
    while not ended():
        if asyncio.get_running_loop().time() > give_up:
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                otherwise()
            give_up += STOP_SECONDS_MAX
        await asyncio.sleep(0.01)
