"""The tables of each service, brought to where its code expects them, and back."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from msgspec import Struct

KERNEL = "kernel"
SCHEMA = Path(__file__).parent / "schema"
NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
DOWN = re.compile(r"^-- down[ \t]*$", re.MULTILINE)
LOCK = 0x50_55_4B_00  # any number, the same in all processes
LOCK_SECONDS_MAX = 120

TABLE = """
create table if not exists schema_migrations (
    scope      text not null,
    version    text not null,
    checksum   text not null,
    applied_at timestamptz not null default now(),
    primary key (scope, version)
)
"""
Applied = Mapping[tuple[str, str], str]  # (scope, version) -> checksum


class MigrationError(Exception):
    """Files and database do not fit together; the message says how and what to do."""


class Migration(Struct, frozen=True):
    """One file: `0003_add_returns.sql` is version "0003_add_returns" of its service."""

    scope: str
    version: str
    up: str
    down: str

    @property
    def checksum(self) -> str:
        """Of the way up, for that is what has been done; the way down may still be mended."""
        return hashlib.sha256(self.up.encode()).hexdigest()


async def migrate_up(url: str, service: str, folder: Path) -> list[str]:
    """Applies what is missing, the kernel's tables first; answers "scope/version" of each.

    Any number of processes may call it at once. Each file is one transaction. When nothing is
    missing it costs one query. Raises MigrationError for files that do not fit what was applied.
    """
    wanted = read_folder(KERNEL, SCHEMA) + read_folder(service, folder)
    connection = await _connect(url)
    try:
        if not _missing(wanted, await _applied(connection)):
            return []
        await _lock(connection)
        await connection.execute(TABLE)
        missing = _missing(wanted, await _applied(connection))
        for migration in missing:
            await _apply(connection, migration)
        return [f"{migration.scope}/{migration.version}" for migration in missing]
    finally:
        await connection.close()


async def migrate_down(url: str, service: str, folder: Path, *, steps: int = 1) -> list[str]:
    """Takes back the last `steps` files of the service, the latest first."""
    known = {migration.version: migration for migration in read_folder(service, folder)}
    connection = await _connect(url)
    try:
        await _lock(connection)
        applied = await _applied(connection)
        latest = sorted((version for scope, version in applied if scope == service), reverse=True)
        undone = latest[:steps]
        for version in undone:
            if version not in known:
                raise MigrationError(
                    f"{service}/{version} was applied by code that has a file for it; "
                    f"there is none in {folder}, so it cannot be taken back here"
                )
            await _take_back(connection, known[version])
        return [f"{service}/{version}" for version in undone]
    finally:
        await connection.close()


async def pending(url: str, service: str, folder: Path) -> list[str]:
    """What `migrate_up` would apply; raises MigrationError as it would."""
    connection = await _connect(url)
    try:
        wanted = read_folder(KERNEL, SCHEMA) + read_folder(service, folder)
        missing = _missing(wanted, await _applied(connection))
        return [f"{migration.scope}/{migration.version}" for migration in missing]
    finally:
        await connection.close()


async def create_database(server_url: str, name: str) -> str:
    """Makes the database unless it exists; answers its URL. Safe when several do it at once."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is no name for a database")
    connection = await _connect(database_url(server_url, "postgres"))
    try:
        for attempt in range(20):
            if await connection.fetchval("select 1 from pg_database where datname = $1", name):
                break
            try:
                await connection.execute(f'create database "{name}"')
            except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
                break
            except asyncpg.ObjectInUseError:  # somebody looks at template1 just now
                await asyncio.sleep(0.05 * (attempt + 1))
        else:
            raise MigrationError(f"{name} cannot be created: template1 stays in use")
    finally:
        await connection.close()
    return database_url(server_url, name)


def database_url(server_url: str, name: str) -> str:
    """The URL of one database of a server, whichever database `server_url` names, if any."""
    parts = urlsplit(server_url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"  # urlunsplit loses an empty host


def read_folder(scope: str, folder: Path) -> list[Migration]:
    """Every migration of a folder in order; none where there is no folder."""
    migrations: list[Migration] = []
    numbers: dict[str, str] = {}
    for file in sorted(folder.glob("*.sql")):
        match = NAME.fullmatch(file.name)
        if not match:
            raise MigrationError(f"{file}: call it like 0001_add_returns.sql")
        if twin := numbers.setdefault(match[1], file.name) != file.name and numbers[match[1]]:
            raise MigrationError(f"{file} has the number of {twin}; give it the next one")
        parts = DOWN.split(file.read_text("utf-8").replace("\r\n", "\n"))
        if len(parts) != 2:
            raise MigrationError(f"{file} needs one line `-- down`, and the way back below it")
        migrations.append(Migration(scope, file.stem, *parts))
    return migrations


def _missing(wanted: Sequence[Migration], applied: Applied) -> list[Migration]:
    """In order; raises MigrationError when an applied one was edited or one comes too late."""
    missing: list[Migration] = []
    for migration in wanted:
        name = f"{migration.scope}/{migration.version}"
        checksum = applied.get((migration.scope, migration.version))
        if checksum is None:
            missing.append(migration)
        elif checksum != migration.checksum:
            raise MigrationError(
                f"{name} was edited after it had been applied. Undo the edit and put the change "
                "into a new file; on a machine of your own you may drop the database instead."
            )
        elif late := next((each for each in missing if each.scope == migration.scope), None):
            raise MigrationError(
                f"{late.scope}/{late.version} comes before {name}, which is applied already. "
                "Give it the next free number."
            )
    return missing


async def _apply(connection: asyncpg.Connection, migration: Migration) -> None:
    async with _naming(connection, migration, "up"):
        await connection.execute(migration.up)
        await connection.execute(
            "insert into schema_migrations (scope, version, checksum) values ($1, $2, $3)",
            *(migration.scope, migration.version, migration.checksum),
        )


async def _take_back(connection: asyncpg.Connection, migration: Migration) -> None:
    async with _naming(connection, migration, "down"):
        await connection.execute(migration.down)
        await connection.execute(
            "delete from schema_migrations where scope = $1 and version = $2",
            *(migration.scope, migration.version),
        )


@asynccontextmanager
async def _naming(
    connection: asyncpg.Connection, migration: Migration, way: str
) -> AsyncIterator[None]:
    """One transaction; an error in it names the file."""
    try:
        async with connection.transaction():
            yield
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{migration.scope}/{migration.version}, {way}: {error}") from error


async def _applied(connection: asyncpg.Connection) -> dict[tuple[str, str], str]:
    try:
        rows = await connection.fetch("select scope, version, checksum from schema_migrations")
    except asyncpg.UndefinedTableError:
        return {}
    return {(scope, version): checksum for scope, version, checksum in rows}


async def _lock(connection: asyncpg.Connection) -> None:
    """Held until the connection closes."""
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
    except asyncpg.LockNotAvailableError:
        raise MigrationError(
            f"another process has been migrating for {LOCK_SECONDS_MAX} s; see what it waits for"
        ) from None


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(
        url,
        timeout=10,
        server_settings={
            "application_name": "souk-migrations",
            "lock_timeout": f"{LOCK_SECONDS_MAX}s",
            "client_min_messages": "warning",
        },
    )
