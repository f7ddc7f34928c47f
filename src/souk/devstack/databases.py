"""Creates and migrates the database of each service, several at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg

from souk.kernel.migrations import migrate_down, migrate_up
from souk.kernel.settings import database_url

AT_ONCE = 4

Step = Callable[[str], None]


async def bring_up(
    server_url: str, services: Sequence[str], *, step: Step = lambda _: None
) -> dict[str, list[str]]:
    """Creates what is missing and applies what is new; the versions applied by service."""
    await _create_missing(server_url, services)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(service: str) -> list[str]:
        async with gate:
            applied = await migrate_up(
                database_url(server_url, service), service, migrations_of(service)
            )
        step(service)
        return applied

    async with asyncio.TaskGroup() as group:
        tasks = {service: group.create_task(one(service)) for service in services}
    return {service: task.result() for service, task in tasks.items()}


async def bring_down(server_url: str, service: str, *, steps: int) -> list[str]:
    """Takes back the last migrations of one service; the versions taken back."""
    url = database_url(server_url, service)
    return await migrate_down(url, service, migrations_of(service), steps=steps)


def migrations_of(service: str) -> Path:
    """The folder with a service's migrations."""
    return Path(__file__).parents[1] / "services" / service / "migrations"


async def _create_missing(server_url: str, services: Sequence[str]) -> None:
    connection = await asyncpg.connect(server_url, database="postgres", timeout=10)
    try:
        rows = await connection.fetch("select datname from pg_database")
        known = {row["datname"] for row in rows}
        for service in services:
            if f"souk_{service}" in known:
                continue
            try:
                await connection.execute(f'create database "souk_{service}"')
            except asyncpg.DuplicateDatabaseError:
                continue  # another process was quicker
    finally:
        await connection.close()
