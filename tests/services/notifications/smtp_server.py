"""A mail server small enough to read: it takes mails, and misbehaves when it is told to."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class SmtpServer:
    """`replies` says something else than yes to a verb; `answers_to_lose` hangs up after so many
    mails that it has taken."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.replies: dict[str, str] = {}
        self.answers_to_lose = 0
        self.extensions = ["8BITMIME"]
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.commands: list[str] = []  # with "(tls)" before those that nobody could overhear
        self.passwords: list[str] = []
        self._tls = tls

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 test\r\n")
            while line := await reader.readline():
                if not await self._answer(line.decode().strip(), reader, writer):
                    break
        finally:
            writer.close()

    async def _answer(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        verb, _, rest = line.partition(" ")
        is_encrypted = writer.get_extra_info("sslcontext") is not None
        self.commands.append(f"{'(tls) ' if is_encrypted else ''}{line}")
        reply = self.replies.get(verb) or self._usual(verb, rest, is_encrypted=is_encrypted)
        writer.write(f"{reply}\r\n".encode())
        await writer.drain()
        if reply.startswith("354"):
            return await self._take(reader, writer)
        if reply.startswith("220") and self._tls is not None:
            await writer.start_tls(self._tls)
        return verb != "QUIT"

    def _usual(self, verb: str, rest: str, *, is_encrypted: bool) -> str:
        match verb:
            case "EHLO":
                offered = [*self.extensions, "AUTH PLAIN"]
                if self._tls and not is_encrypted:
                    offered.append("STARTTLS")
                return "\r\n".join((*(f"250-{one}" for one in offered), "250 HELP"))
            case "STARTTLS":
                return "220 go on"
            case "AUTH":
                self.passwords.append(b64decode(rest.split()[1]).split(b"\0")[2].decode())
                return "235 hello"
            case "DATA":
                return "354 go on"
            case "QUIT":
                return "221 bye"
            case "RCPT":
                self.recipients.append(rest.partition(":")[2].strip("<> "))
        return "250 ok"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        data = await reader.readuntil(b"\r\n.\r\n")
        mail = message_from_bytes(data[:-5].replace(b"\r\n..", b"\r\n."), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if reply := self.replies.get("."):
            writer.write(f"{reply}\r\n".encode())
            return True
        self.mails.append(mail)
        if self.answers_to_lose:
            self.answers_to_lose -= 1
            return False
        writer.write(b"250 taken\r\n")
        return True


@asynccontextmanager
async def smtp_server(
    *, port: int = 0, tls: ssl.SSLContext | None = None, implicit: bool = False
) -> AsyncIterator[SmtpServer]:
    """Listens while the block runs. `tls` is offered by STARTTLS, or there from the first byte."""
    server = SmtpServer(None if implicit else tls)
    listening = await asyncio.start_server(
        server.serve, "127.0.0.1", port, ssl=tls if implicit else None
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
