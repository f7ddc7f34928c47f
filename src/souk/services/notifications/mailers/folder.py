"""Mails as files, for `souk mail` to show: where no mail server is set, nothing leaves the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

from souk.services.notifications.mailers import Mail, Mailer, MailNotTaken


class FolderMailer(Mailer):
    """One file a mail, whole from the moment it can be seen; a repeated mail replaces itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise MailNotTaken(f"the folder: {error.strerror}") from error

    def _write(self, mail: Mail) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # mails are personal
        aside = self._folder / f".{mail.id}"
        aside.write_bytes(mail.message.as_bytes())
        aside.replace(self._folder / f"{mail.id}.eml")
