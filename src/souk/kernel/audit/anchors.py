"""Where each chain ended when we last looked, kept outside of the database that holds it.

Without it, whoever cuts off the end of a chain leaves a shorter one that is as sound as before.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from souk.kernel.audit.chain import Head


class Anchors(Struct, frozen=True):
    """A folder with a small file for each database."""

    folder: Path

    def read(self, database: str) -> Head:
        """The head as it was written down; the beginning where there is none."""
        try:
            number, digest = self._file(database).read_text().split()
            return Head(int(number), bytes.fromhex(digest))
        except FileNotFoundError:
            return Head()

    def write(self, database: str, head: Head) -> None:
        """Whole or not at all, whatever happens in between."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = self._file(database).with_suffix(f".{os.getpid()}")
        aside.write_text(f"{head.number} {head.hash.hex()}\n")
        aside.replace(self._file(database))

    def _file(self, database: str) -> Path:
        return self.folder / f"{database}.head"
