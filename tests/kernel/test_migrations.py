"""Databases are made, brought up to date once however many do it, and back again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from souk.kernel.ids import new_id
from souk.kernel.migrations import (
    KERNEL,
    SCHEMA,
    MigrationError,
    create_database,
    database_url,
    migrate_down,
    migrate_up,
    pending,
)
from tests.support.servers import Desk

FIRST = "create table things (id uuid primary key);\n-- down\ndrop table things;\n"
SECOND = "alter table things add name text;\n-- down\nalter table things drop name;\n"
KERNEL_FILES = [f"kernel/{path.stem}" for path in sorted(SCHEMA.glob("*.sql"))]
KERNEL_TABLES = {
    "audit", "dead_letters", "idempotency_keys", "inbox", "leases", "outbox", "person_keys",
    "sagas",
}  # fmt: skip


@pytest.fixture
async def url(servers: Desk) -> AsyncIterator[str]:
    """Of an empty database."""
    name = f"test_migrations_{new_id().replace('-', '')}"
    yield await create_database(servers.postgres, name)
    connection = await asyncpg.connect(database_url(servers.postgres, "postgres"))
    await connection.execute(f"drop database {name} with (force)")
    await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_things.sql").write_text(FIRST)
    (tmp_path / "0002_named_things.sql").write_text(SECOND)
    return tmp_path


async def columns(url: str, table: str) -> list[str]:
    connection = await asyncpg.connect(url)
    sql = "select column_name from information_schema.columns where table_name = $1 order by 1"
    names = [row[0] for row in await connection.fetch(sql, table)]
    await connection.close()
    return names


async def tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    await connection.close()
    return {row[0] for row in rows}


async def test_the_kernels_tables_come_first_and_then_the_services(url: str, folder: Path):
    applied = await migrate_up(url, "things", folder)

    assert applied == [*KERNEL_FILES, "things/0001_things", "things/0002_named_things"]
    assert await tables(url) == KERNEL_TABLES | {"things", "schema_migrations"}
    assert await columns(url, "things") == ["id", "name"]


async def test_a_second_time_there_is_nothing_to_do(url: str, folder: Path):
    await migrate_up(url, "things", folder)

    assert await migrate_up(url, "things", folder) == []
    assert await pending(url, "things", folder) == []


async def test_what_is_missing_can_be_asked_without_applying_it(url: str, folder: Path):
    assert len(await pending(url, "things", folder)) == len(KERNEL_FILES) + 2
    assert await tables(url) == set()


async def test_only_new_files_are_applied(url: str, folder: Path):
    await migrate_up(url, "things", folder)
    (folder / "0003_more.sql").write_text("create table more (id uuid);\n-- down\ndrop table more;")

    assert await migrate_up(url, "things", folder) == ["things/0003_more"]


async def test_a_service_without_a_folder_has_the_kernels_tables(url: str, tmp_path: Path):
    assert await migrate_up(url, "bare", tmp_path / "none") == KERNEL_FILES


async def test_many_processes_at_once_apply_each_file_once(url: str, folder: Path):
    answers = await asyncio.gather(*(migrate_up(url, "things", folder) for _ in range(8)))

    assert sorted(len(answer) for answer in answers) == [0] * 7 + [len(KERNEL_FILES) + 2]


async def test_the_way_back_is_taken_step_by_step(url: str, folder: Path):
    await migrate_up(url, "things", folder)

    assert await migrate_down(url, "things", folder) == ["things/0002_named_things"]
    assert await columns(url, "things") == ["id"]
    assert await migrate_down(url, "things", folder, steps=5) == ["things/0001_things"]
    assert "things" not in await tables(url)
    assert await migrate_down(url, "things", folder) == []


async def test_what_was_taken_back_can_be_applied_again(url: str, folder: Path):
    await migrate_up(url, "things", folder)
    await migrate_down(url, "things", folder, steps=2)

    assert len(await migrate_up(url, "things", folder)) == 2


async def test_the_kernels_own_tables_can_be_taken_back(url: str, tmp_path: Path):
    await migrate_up(url, "bare", tmp_path)

    steps = len(KERNEL_FILES)
    assert await migrate_down(url, KERNEL, SCHEMA, steps=steps) == KERNEL_FILES[::-1]
    assert await tables(url) == {"schema_migrations"}


async def test_an_applied_file_that_was_edited_is_refused(url: str, folder: Path):
    await migrate_up(url, "things", folder)
    (folder / "0001_things.sql").write_text(FIRST.replace("uuid", "bigint"))

    with pytest.raises(MigrationError, match="things/0001_things was edited after"):
        await migrate_up(url, "things", folder)


async def test_line_endings_and_the_way_back_are_no_edit(url: str, folder: Path):
    await migrate_up(url, "things", folder)
    changed = FIRST.replace("drop table", "drop table if exists").replace("\n", "\r\n")
    (folder / "0001_things.sql").write_bytes(changed.encode())

    assert await migrate_up(url, "things", folder) == []


async def test_a_file_that_comes_too_late_is_refused(url: str, folder: Path):
    second = (folder / "0002_named_things.sql").read_text()
    (folder / "0002_named_things.sql").rename(folder / "0003_named_things.sql")
    await migrate_up(url, "things", folder)
    (folder / "0002_between.sql").write_text(second)

    with pytest.raises(MigrationError, match=r"0002_between comes before things/0003_named_thing"):
        await migrate_up(url, "things", folder)


async def test_older_code_works_on_a_newer_database(url: str, folder: Path):
    await migrate_up(url, "things", folder)
    (folder / "0002_named_things.sql").unlink()

    assert await migrate_up(url, "things", folder) == []


async def test_older_code_cannot_take_back_what_it_does_not_know(url: str, folder: Path):
    await migrate_up(url, "things", folder)
    (folder / "0002_named_things.sql").unlink()

    with pytest.raises(MigrationError, match="there is none in"):
        await migrate_down(url, "things", folder)


async def test_a_file_that_fails_leaves_nothing_and_names_itself(url: str, folder: Path):
    (folder / "0003_broken.sql").write_text(
        "create table half (id uuid);\nselect 1 from nowhere;\n-- down\ndrop table half;"
    )

    with pytest.raises(MigrationError, match=r"things/0003_broken, up: .*nowhere"):
        await migrate_up(url, "things", folder)

    assert "half" not in await tables(url)
    assert await columns(url, "things") == ["id", "name"]
    (folder / "0003_broken.sql").write_text("create table half (id uuid);\n-- down\n")
    assert await migrate_up(url, "things", folder) == ["things/0003_broken"]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("3_things.sql", SECOND, "call it like 0001_add_returns.sql"),
        ("0003-things.sql", SECOND, "call it like 0001_add_returns.sql"),
        ("0002_twin.sql", SECOND, "has the number of 0002_named_things.sql"),
        ("0003_one_way.sql", "select 1;", "needs one line `-- down`"),
        ("0003_two_ways.sql", "-- down\n-- down\n", "needs one line `-- down`"),
    ],
)
async def test_a_file_that_is_no_migration_is_refused(
    folder: Path, name: str, text: str, complaint: str
):
    (folder / name).write_text(text)

    with pytest.raises(MigrationError, match=complaint):
        await migrate_up("postgresql://nobody@127.0.0.1:1/none", "things", folder)


async def test_a_database_is_made_once_however_many_ask(servers: Desk):
    name = f"test_made_{new_id().replace('-', '')}"

    urls = await asyncio.gather(*(create_database(servers.postgres, name) for _ in range(6)))

    assert set(urls) == {database_url(servers.postgres, name)}
    connection = await asyncpg.connect(urls[0])
    assert await connection.fetchval("select current_database()") == name
    await connection.close()
    connection = await asyncpg.connect(database_url(servers.postgres, "postgres"))
    await connection.execute(f"drop database {name}")
    await connection.close()


@pytest.mark.parametrize("name", ["", "Big", 'x"; drop table y', "1st", "x" * 64])
async def test_a_name_that_could_be_anything_else_makes_no_database(name: str):
    with pytest.raises(ValueError, match="is no name for a database"):
        await create_database("postgresql://nobody@127.0.0.1:1/", name)


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("postgresql://u:p@host:5432", "postgresql://u:p@host:5432/souk_x"),
        ("postgresql://host/postgres?sslmode=require", "postgresql://host/souk_x?sslmode=require"),
        ("postgresql:///?host=/run/pg", "postgresql:///souk_x?host=/run/pg"),
        ("postgresql://u@/?host=/run/pg", "postgresql://u@/souk_x?host=/run/pg"),
    ],
)
def test_one_server_url_leads_to_all_its_databases(server: str, url: str):
    assert database_url(server, "souk_x") == url
