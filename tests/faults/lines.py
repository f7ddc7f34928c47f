"""HTTP over kept connections at the least cost: the load must not weigh more than the served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from msgspec import Struct

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
FAILURES = (OSError, TimeoutError, EOFError, ValueError)  # what `post` may raise


class Answer(Struct, frozen=True):
    status: int
    head: bytes
    body: bytes

    @property
    def says_when(self) -> bool:
        """Whether it names a moment to ask again."""
        return b"retry-after:" in self.head.lower()


class Lines:
    """To one server; as many connections as there are requests at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[Line] = []

    async def post(self, path: str, body: bytes, headers: str = "") -> Answer:
        """`headers` are whole lines. One that was hung up on is not repeated."""
        async with self._line() as (reader, writer):
            writer.write(
                f"POST {path} HTTP/1.1\r\nHost: souk\r\nContent-Type: application/json\r\n"
                f"{headers}Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
            return Answer(int(head[9:12]), head, await reader.readexactly(int(length)))

    async def close(self) -> None:
        """Hangs up; some may be dead already."""
        while self._idle:
            _, writer = self._idle.pop()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _rested(self) -> Line | None:
        """One that the server has not hung up on meanwhile."""
        while self._idle:
            line = self._idle.pop()
            if not line[0].at_eof():
                return line
            line[1].close()
        return None

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Line]:
        line = self._rested() or await asyncio.open_connection("127.0.0.1", self._port)
        try:
            yield line
        except BaseException:
            line[1].close()
            raise
        self._idle.append(line)
