"""Where the services of the Souk that runs in a home answer: written by it, read by commands."""

from __future__ import annotations

from pathlib import Path

import msgspec

from souk.devstack.home import HomeLock

FILE = "services.json"


def remember_places(home: Path, places: dict[str, str]) -> None:
    """Writes down host:port of each service."""
    (home / "run" / FILE).write_bytes(msgspec.json.encode(places))


def forget_places(home: Path) -> None:
    """None of them answers any more."""
    (home / "run" / FILE).unlink(missing_ok=True)


def was_killed(home: Path) -> bool:
    """Whether the last Souk here ended without a word; asked by the next one."""
    return (home / "run" / FILE).exists()


def remembered_places(home: Path) -> dict[str, str]:
    """Nothing when no Souk runs there; a killed one leaves its file behind."""
    try:
        places = (home / "run" / FILE).read_bytes()
    except FileNotFoundError:
        return {}
    return msgspec.json.decode(places, type=dict[str, str]) if HomeLock(home).is_held() else {}
