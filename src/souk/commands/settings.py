"""`souk settings`: every setting with its value, what it is by default, and what it is for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from souk.commands.terminal import say, table
from souk.kernel.settings import PREFIX, Settings, describe
from souk.kernel.settings.table import SECRETS

PASSWORD = re.compile(r"(?<=://)([^/@\s]*)(?=@)")


def show_settings(settings: Settings) -> int:
    """Secrets and passwords are masked, so that the table can be shown to others."""
    rows = [("variable", "value", "what it is for")]
    for variable in describe():
        field = variable.name.removeprefix(PREFIX).lower()
        value = shown(field, getattr(settings, field, settings.service_urls))
        rows.append((variable.name, value or "-", variable.description))
    table(rows)
    say()
    say("Set a variable in the environment to change it; `souk doctor` checks them.")
    return 0


def shown(field: str, value: Any) -> str:
    """The value as a person may see it."""
    if field in SECRETS:
        return "(given, not shown)" if value else ""
    if isinstance(value, dict):
        return ", ".join(f"{name} {url}" for name, url in value.items())
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Path):
        return str(value)
    return PASSWORD.sub("…", str(value))
