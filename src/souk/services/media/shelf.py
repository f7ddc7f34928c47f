"""Where the files of pictures lie: a folder of Souk's home, through obstore."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore

FOLDER = "objects"


class Shelf:
    """Files by name. Whole files appear and go; nobody ever reads half of one."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, name: str, content: bytes) -> None:
        """The same name is always the same content, so writing it again changes nothing."""
        await obstore.put_async(self._store, _path(name), content)

    async def find(self, name: str) -> bytes | None:
        try:
            found = await obstore.get_async(self._store, _path(name))
        except FileNotFoundError:
            return None
        return bytes(await found.bytes_async())

    async def remove(self, names: Iterable[str]) -> None:
        """Removing what is not there is success."""
        for name in names:
            try:
                await obstore.delete_async(self._store, _path(name))
            except FileNotFoundError:
                continue


def local_shelf(home: Path) -> Shelf:
    """In Souk's home."""
    return Shelf(LocalStore(home / FOLDER, automatic_cleanup=True, mkdir=True))


def _path(name: str) -> str:
    """Spread over 256 folders, so that none of them holds a million."""
    return f"media/{name[:2]}/{name}"
