"""Fresh service databases: cloned from a template that was migrated once."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from souk.kernel.database import Database
from tests.support.servers import CHECKOUT

KERNEL = CHECKOUT / "src" / "souk" / "kernel"
SERVICES = CHECKOUT / "src" / "souk" / "services"
BRACKETS = ("begin", "commit")
LEARNT = ("current_setting('jit')", "typeinfo_tree")
_numbers = count(1)


@asynccontextmanager
async def fresh_database(server: str, service: str) -> AsyncIterator[str]:
    """The URL of a migrated database of that service, dropped afterwards.

    A name that is no service's gets the kernel's tables only.
    """
    name = f"test_{service}_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(server, database="postgres")
    try:
        template = await _template(connection, server, service)
        # Copying the files takes a fifth of the time that copying through the log does.
        how = f'template "{template}" strategy file_copy'
        await connection.execute(f'create database "{name}" {how}')
        try:
            yield database_url(server, name)
        finally:
            await connection.execute(f'drop database if exists "{name}" with (force)')
    finally:
        await connection.close()


def database_url(server: str, name: str) -> str:
    """The URL of one database of a server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


@asynccontextmanager
async def counted_statements(database: Database) -> AsyncIterator[list[str]]:
    """What is asked of a service's database meanwhile, without `begin` and `commit`, and
    without what each connection learns once about types.
    """
    asked: list[str] = []

    def note(query: Any) -> None:
        text = query.query
        if text not in BRACKETS and not any(word in text for word in LEARNT):
            asked.append(text)

    connections = [await database.take() for _ in range(4)]
    for connection in connections:
        connection.add_query_logger(note)
        database.give(connection, in_doubt=False)
    yield asked
    await asyncio.sleep(0)  # asyncpg tells a turn later
    for connection in connections:
        assert isinstance(connection, asyncpg.Connection)
        connection.remove_query_logger(note)


async def _template(connection: asyncpg.Connection, server: str, service: str) -> str:
    name = f"template_{service}_{_version(service)}"
    known = "select 1 from pg_database where datname = $1"
    if await connection.fetchval(known, name):
        return name
    from souk.kernel.migrations import migrate_up

    # Several test processes arrive here at once; one migrates, the others find its work.
    async with _only_one(connection, name):
        if not await connection.fetchval(known, name):
            await connection.execute(f'drop database if exists "{name}.draft" with (force)')
            await connection.execute(f'create database "{name}.draft"')
            await migrate_up(database_url(server, f"{name}.draft"), service, _folder(service))
            await connection.execute(f'alter database "{name}.draft" rename to "{name}"')
    return name


@asynccontextmanager
async def _only_one(connection: asyncpg.Connection, name: str) -> AsyncIterator[None]:
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7])
    await connection.execute("select pg_advisory_lock($1)", key)
    try:
        yield
    finally:
        await connection.execute("select pg_advisory_unlock($1)", key)


@cache
def _version(service: str) -> str:
    digest = hashlib.sha256()
    files = [KERNEL / "migrations.py", *(KERNEL / "schema").glob("*.sql")]
    for file in sorted([*files, *_folder(service).glob("*.sql")]):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _folder(service: str) -> Path:
    return SERVICES / service / "migrations"
