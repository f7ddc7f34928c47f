"""The secrets of a home: made at its first start, then the same for every process of it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from msgspec import structs

from souk.kernel.settings.table import Settings


def with_secrets(settings: Settings) -> Settings:
    """Fills in the secrets that were not given from files under home, made at the first start.

    Processes of one home share them; processes on several machines must be given them.
    """
    missing = [name for name in ("internal_secret", "master_key") if not getattr(settings, name)]
    kept = {name: _kept_secret(settings.home / "secrets" / name) for name in missing}
    return structs.replace(settings, **kept)


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked into place: of several processes at the first start one wins,
    # and none reads a file half written.
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text().strip()
