"""Fixtures every test may ask for: the servers and fresh databases on them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.databases import fresh_database
from tests.support.servers import Desk, of_this_checkout

if TYPE_CHECKING:
    from souk.kernel.database import Database


@pytest.fixture(scope="session")
async def servers() -> AsyncIterator[Desk]:
    """URLs (`postgres`, `nats`, `redis`) of servers shared by all test processes.

    Streams and keys are this process's own; restart or kill nothing here: see `home`.
    """
    async with of_this_checkout().desk() as desk:
        yield desk


@pytest.fixture
async def service_url(servers: Desk) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """`await service_url("orders")`: the URL of a fresh, migrated database."""
    async with AsyncExitStack() as databases:

        async def make(service: str) -> str:
            return await databases.enter_async_context(fresh_database(servers.postgres, service))

        yield make


@pytest.fixture
async def database_of(
    service_url: Callable[[str], Awaitable[str]],
) -> AsyncIterator[Callable[[str], Awaitable[Database]]]:
    """`await database_of("orders")`: a connected Database, fresh and migrated."""
    async with AsyncExitStack() as connected:

        async def make(service: str) -> Database:
            from souk.kernel.database import Database

            database = await Database.connect(await service_url(service), service)
            connected.push_async_callback(database.close)
            return database

        yield make


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty SOUK_HOME with a path short enough for sockets, for servers of one's own."""
    folder = Path(tempfile.mkdtemp(prefix="souk-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A machine without a browser says so: nobody should take pages for tried that were not."""
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum("no Chromium here" in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(f"{count} tests of pages left out: no Chromium here", red=True)
