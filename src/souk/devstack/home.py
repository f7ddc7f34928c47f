"""The folder in which one Souk keeps its data, its sockets and its secrets."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path

SOCKET_PATH_BYTES_MAX = 100
"""Unix socket paths end at 104 bytes on macOS and 108 on Linux, the closing zero included."""


class HomeInUse(Exception):  # noqa: N818 - a statement, like a refusal
    """Another Souk already runs in this folder."""


class HomeLock:
    """Held as long as a Souk runs in its home; the system lets go of it however the owner ends."""

    def __init__(self, home: Path) -> None:
        self._path = home / "run" / "lock"
        self._file: int | None = None

    def acquire(self) -> None:
        """Raises HomeInUse with the owner's process id."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.read(file, 32).decode(errors="replace").strip()
            os.close(file)
            home = self._path.parent.parent
            raise HomeInUse(
                f"another Souk (process {owner or 'unknown'}) already runs in {home}: "
                "stop it, or give this one a SOUK_HOME and ports of its own"
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def is_held(self) -> bool:
        """Whether a Souk runs in this home; leaves no trace in a folder that is none."""
        if not self._path.exists():
            return False
        try:
            self.acquire()
        except HomeInUse:
            return True
        self.release()
        return False

    def release(self) -> None:
        """Lets another Souk have the home."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Mark:
    """Something done once in the life of a home."""

    def __init__(self, name: str) -> None:
        self._name = name

    def is_set(self, home: Path) -> bool:
        """Whether it was done."""
        return (home / "run" / self._name).exists()

    def set(self, home: Path) -> None:
        """It is done."""
        (home / "run" / self._name).touch()


def secret(home: Path, name: str) -> str:
    """The secret of that name, made on first use and readable by its owner only."""
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        made = secrets.token_urlsafe(32)
        draft = folder / f".{name}.{os.getpid()}"
        draft.write_text(made)
        draft.chmod(0o600)
        # link, not rename: of two who make it at once, the first one's stays.
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def socket_folder(home: Path, name: str, *, owner: int) -> Path:
    """A folder only `owner` enters, short enough that a socket in it can be bound."""
    folder = home.resolve() / "run" / name
    if len(os.fsencode(folder)) + len("/.s.PGSQL.5432") > SOCKET_PATH_BYTES_MAX:
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"souk-{digest}-{name}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = folder.lstat()
    # The temporary folder is everybody's: a link or a stranger's folder there is a trap.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
        raise PermissionError(f"{folder} belongs to someone else: remove it and start again")
    if found.st_uid != owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)
    return folder
