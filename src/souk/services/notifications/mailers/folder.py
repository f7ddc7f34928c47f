"""Mails as files that `souk mail` shows: without a mail server nothing leaves the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

from souk.services.notifications.mailers import Begin, Mail, Mailer, MailNotTaken


class FolderMailer(Mailer):
    """One file a mail, whole from the moment it can be seen; a repeated mail replaces itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: Mail, begin: Begin) -> None:
        await begin()
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise MailNotTaken(f"the folder: {error.strerror}", was_handed_in=True) from error

    def _write(self, mail: Mail) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # mails are personal
        aside = self._folder / f".{mail.id}"
        aside.write_bytes(mail.message.as_bytes())
        aside.replace(self._folder / f"{mail.id}.eml")
