"""The lives of one worker, seen from outside: begun, armed, ended, begun again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.exact.worker import Nature

BEGIN_SECONDS_MAX = 60
KILLED = -signal.SIGKILL


class LifeEnded(Exception):  # noqa: N818 - what happened, and often what was meant to
    """The worker is dead; `status` is how it went."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the worker ended with {status}")
        self.status = status


class Life:
    """One process of Souk."""

    def __init__(self, cradle: Cradle) -> None:
        self.pid = self.grpc_port = 0
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._cradle = cradle

    async def arm(self, failpoints: str) -> None:
        """With these and no others."""
        await self._cradle.ask(f"arm {failpoints}", "armed")

    async def counts(self) -> dict[str, int]:
        """How often each failpoint was reached since this was asked last, in order."""
        answer = await self._cradle.ask("counts", "counts")
        return msgspec.json.decode(answer, type=dict[str, int])

    async def steps(self) -> list[str]:
        return msgspec.json.decode(await self._cradle.ask("steps", "steps"), type=list[str])

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        await self.ended

    async def stop(self) -> int:
        """In good order; how it ended."""
        if not self.ended.done():
            self._cradle.write("stop")
        return await asyncio.wait_for(asyncio.shield(self.ended), 30)


class Cradle:
    """The process that lives are forked from."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.log = log
        self.life: Life | None = None
        self._process = process
        self._answers: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def begin(self, failpoints: str = "") -> Life:
        """The next life, ready to serve. Raises LifeEnded when it dies on the way."""
        assert self.life is None or self.life.ended.done()
        while not self._answers.empty():
            self._answers.get_nowait()  # of the life before
        life = self.life = Life(self)
        life.pid = int(await self.ask(f"live {failpoints}", "pid"))
        life.grpc_port = int(await self._hear("ready"))
        return life

    async def ask(self, line: str, answer: str) -> str:
        """Raises LifeEnded when no answer will come."""
        self.write(line)
        return await self._hear(answer)

    def write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())

    async def close(self) -> None:
        if self.life and self.life.pid and not self.life.ended.done():
            await self.life.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reading

    async def _hear(self, wanted: str) -> str:
        try:
            what, about = await asyncio.wait_for(self._answers.get(), BEGIN_SECONDS_MAX)
        except TimeoutError:
            log = self.log.read_text()[-6000:]
            raise AssertionError(f"{wanted} awaited in vain\n{log}") from None
        if what == "ended":
            raise LifeEnded(int(about))
        assert what == wanted, f"{wanted} awaited, {what} heard"
        return about

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := (await self._process.stdout.readline()).decode().strip():
            what, _, about = line.partition(" ")
            if what == "ended" and self.life:
                self.life.ended.set_result(int(about))
            self._answers.put_nowait((what, about))


@asynccontextmanager
async def cradle(nature: Nature, log: Path) -> AsyncIterator[Cradle]:
    """A worker without a life yet; nothing of it is left at the end."""
    with log.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.exact.worker"),
            msgspec.json.encode(nature, enc_hook=_text).decode(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=file,
            env={name: text for name, text in os.environ.items() if not name.startswith("SOUK_")},
            cwd=Path(__file__).parents[3],
        )
    made = Cradle(process, log)
    try:
        await made._hear("born")
        yield made
    finally:
        await made.close()


def _text(value: Any) -> str:
    return str(value)
