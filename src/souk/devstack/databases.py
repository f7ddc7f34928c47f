"""Creates and migrates the database of each service, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from souk.kernel.migrations import create_database, migrate_down, migrate_up
from souk.kernel.settings import database_url

AT_ONCE = 4

Step = Callable[[str], None]


async def bring_up(
    server_url: str, services: Sequence[str], *, step: Step = lambda _: None
) -> list[str]:
    """Creates what is missing and applies what is new; the names of what was applied.

    Raises MigrationError of the first service whose files do not fit its database.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(service: str) -> list[str]:
        async with gate:
            url = await create_database(server_url, f"souk_{service}")
            applied = await migrate_up(url, service, migrations_of(service))
        step(service)
        return applied

    results = await asyncio.gather(*map(one, services), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [name for result in results if not isinstance(result, BaseException) for name in result]


async def bring_down(server_url: str, service: str, *, steps: int) -> list[str]:
    """Takes back the last migrations of one service; the names of what was taken back."""
    url = database_url(server_url, service)
    return await migrate_down(url, service, migrations_of(service), steps=steps)


def migrations_of(service: str) -> Path:
    """The folder with a service's migrations."""
    return Path(__file__).parents[1] / "services" / service / "migrations"
