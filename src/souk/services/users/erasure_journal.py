"""Who was erased, written down outside of the databases: a backup brings people back, this knows.

Ids only. Only ever added to.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from msgspec import Struct

FILE = "erasures.journal"


class Erased(Struct, frozen=True):
    """A line."""

    at: str
    erasure_id: str
    user_id: str


class ErasureJournal(Struct, frozen=True):
    """A file in a folder that outlives the databases."""

    folder: Path

    def add(self, *, at: datetime, erasure_id: str, user_id: str) -> None:
        """On the disk when this returns. A repeated step writes its line again: no harm."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = f"{at.isoformat()} {erasure_id} {user_id}\n".encode()
        file = os.open(self.folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line)  # one call, so lines of several processes do not mix
            os.fsync(file)
        finally:
            os.close(file)

    def read(self) -> list[Erased]:
        """Each person once; a line that was cut off by a crash is none."""
        try:
            lines = (self.folder / FILE).read_text().splitlines()
        except FileNotFoundError:
            return []
        words = [line.split() for line in lines]
        return list({word[2]: Erased(*word) for word in words if len(word) == 3}.values())
