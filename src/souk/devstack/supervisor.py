"""Keeps Souk's own processes running: started, waited for, healed and stopped in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType

import msgspec

from souk.devstack.embedded import Tell

PARENT_FD = "SOUK_PARENT_FD"
READY = b"ready\n"
READY_SECONDS_MAX = 60.0
RESTART_SECONDS_FIRST = 0.2
RESTART_SECONDS_MAX = 10.0
SETTLED_SECONDS = 30.0


class ProcessFailed(Exception):  # noqa: N818 - a statement, like a refusal
    """A process of Souk ended before it was ready; it said why itself."""


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """One process of Souk: its name for people and what it is told by its environment."""

    name: str
    environment: Mapping[str, str]
    module: str = "souk.commands.worker"


class Supervisor:
    """`async with Supervisor(programs)`: all of them are ready inside, and gone after.

    A process that ends by itself is started again, the sooner the longer it had run. Each holds
    one end of a socket: it says there when it is ready, and stops when our end closes, so that
    none of them outlives us, however we end.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        grace_seconds: float,
        tell: Tell = lambda _: None,
        ready: Tell = lambda _: None,
    ) -> None:
        self._kept = [_Kept(program, grace_seconds, tell) for program in programs]
        self._ready = ready
        self._watches: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Supervisor:
        try:
            started = await asyncio.gather(
                *(self._first_start(kept) for kept in self._kept), return_exceptions=True
            )
            for failure in started:
                if failure is not None:
                    raise failure
        except BaseException:
            await self._stop()
            raise
        self._watches = [asyncio.create_task(kept.watch()) for kept in self._kept]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by the names of the programs, of those that run."""
        return {kept.program.name: kept.pid for kept in self._kept if kept.pid}

    async def _first_start(self, kept: _Kept) -> None:
        await kept.start()
        self._ready(kept.program.name)

    async def _stop(self) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        await asyncio.gather(*(kept.stop() for kept in self._kept))


class _Kept:
    """One program with its process of the moment."""

    def __init__(self, program: Program, grace_seconds: float, tell: Tell) -> None:
        self.program = program
        self._grace_seconds = grace_seconds
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._ours: socket.socket | None = None

    @property
    def pid(self) -> int:
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if running and self._process else 0

    def send(self, number: signal.Signals) -> None:
        if self.pid and self._process:
            self._process.send_signal(number)

    async def start(self) -> None:
        """Returns when it is ready; raises ProcessFailed when it ends before or is too slow."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)  # noqa: FBT003 - its only parameter
        try:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self.program.module),
                env={**os.environ, **self.program.environment, PARENT_FD: str(theirs.fileno())},
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                # Ctrl-C in the terminal is for us; we pass it on when its turn has come.
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._ours = ours
        await self._until_ready(ours)

    async def watch(self) -> None:
        """Starts it again whenever it ends; runs until cancelled."""
        clock = asyncio.get_running_loop().time
        pause = RESTART_SECONDS_FIRST
        while True:
            began = clock()
            code = await self._process.wait() if self._process else None
            if clock() - began > SETTLED_SECONDS:
                pause = RESTART_SECONDS_FIRST
            self._tell(f"{self.program.name} ended by itself (exit {code}): starting again")
            await asyncio.sleep(pause)
            pause = min(2 * pause, RESTART_SECONDS_MAX)
            self._hang_up()
            try:
                await self.start()
            except ProcessFailed as failure:
                self._tell(str(failure))

    async def stop(self) -> None:
        """Asks it to finish what it does, and ends it when that takes too long."""
        if self._process is None:
            return
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(self._grace_seconds):
                await self._process.wait()
        except TimeoutError:
            self._tell(f"{self.program.name} did not finish in time: ended")
            self.send(signal.SIGKILL)
            await self._process.wait()
        self._hang_up()

    async def _until_ready(self, ours: socket.socket) -> None:
        try:
            async with asyncio.timeout(READY_SECONDS_MAX):
                said = await asyncio.get_running_loop().sock_recv(ours, len(READY))
        except TimeoutError:
            self.send(signal.SIGKILL)
            said = b"late"
        if said == READY or self._process is None:
            return
        code = await self._process.wait()
        raise ProcessFailed(f"{self.program.name} ended before it was ready (exit {code})")

    def _hang_up(self) -> None:
        if self._ours is not None:
            self._ours.close()
            self._ours = None
