"""Settings: SOUK_* variables, read and checked once, then handed on."""

from __future__ import annotations

from souk.kernel.settings.kept import with_secrets
from souk.kernel.settings.reading import (
    PREFIX,
    SettingsError,
    Variable,
    describe,
    settings_from,
    unrecognized,
)
from souk.kernel.settings.table import Settings, database_url

__all__ = [
    "PREFIX",
    "Settings",
    "SettingsError",
    "Variable",
    "database_url",
    "describe",
    "settings_from",
    "unrecognized",
    "with_secrets",
]
