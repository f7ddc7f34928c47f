"""Mails as files that `souk mail` shows: without a mail server nothing leaves the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from souk.kernel.together import Together
from souk.services.notifications.mailers import Begin, Mail, Mailer, MailNotTaken


class FolderMailer(Mailer):
    """One file a mail, whole from the moment it can be seen; a repeated mail replaces itself."""

    AT_ONCE: ClassVar[int] = 32

    def __init__(self, folder: Path, *, suffix: str = "eml") -> None:
        self._folder, self._suffix = folder, suffix
        self._write = Together(self._write_all)  # one trip to a thread for many

    async def send(self, mail: Mail, begin: Begin) -> None:
        await begin()
        try:
            await self._write(mail)
        except OSError as error:
            raise MailNotTaken(f"the folder: {error.strerror}", was_handed_in=True) from error

    async def forget(self, mail_ids: Iterable[str]) -> None:
        await asyncio.to_thread(self._forgotten, mail_ids)

    async def _write_all(self, mails: Sequence[Mail]) -> Sequence[None]:
        return await asyncio.to_thread(self._written, mails)

    def _written(self, mails: Sequence[Mail]) -> Sequence[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # mails are personal
        for mail in mails:
            aside = self._folder / f".{mail.id}"
            aside.write_bytes(mail.content)
            aside.replace(self._folder / f"{mail.id}.{self._suffix}")
        return [None] * len(mails)

    def _forgotten(self, mail_ids: Iterable[str]) -> None:
        for mail_id in mail_ids:
            (self._folder / f"{mail_id}.{self._suffix}").unlink(missing_ok=True)
