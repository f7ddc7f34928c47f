"""What the audit record costs writers: none, chained later (ours), chained at the commit.

Run with: .venv/bin/python -m bench.audit
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from souk.devstack.postgres import Postgres
from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.chain import Head, after, prove
from souk.kernel.audit.sealing import sealing
from souk.kernel.clock import monotonic
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_id
from souk.kernel.migrations import create_database, migrate_up

WRITERS, EACH = 16, 250
WORK = "insert into work (id) values ($1)"
TURN = "select pg_advisory_xact_lock(1)"
LINK = "insert into links (number, hash) values ($1, $2)"
LAST = "select number, hash from links order by number desc limit 1"


async def bare(tx: Transaction) -> None:
    await tx.execute(WORK, new_id())


async def chained_later(tx: Transaction) -> None:
    await bare(tx)
    tx.audit("orders.refunded", subject=f"order_id:{new_id()}", after={"amount": 5})


async def chained_at_commit(tx: Transaction) -> None:
    """The rival: the head is locked for the last statements of each transaction."""
    await chained_later(tx)
    await tx.execute(TURN)
    row = await tx.fetchrow(LAST)
    head = after(Head(*row) if row else Head(), b"", b"k")
    await tx.execute(LINK, head.number, head.hash)


async def measure(database: Database, work: object) -> float:
    async def writer() -> None:
        for _ in range(EACH):
            await database.transact(work)  # type: ignore[arg-type]

    began = monotonic()
    await asyncio.gather(*(writer() for _ in range(WRITERS)))
    return WRITERS * EACH / (monotonic() - began)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="souk-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        asyncio.run(serve(home))


async def serve(home: Path) -> None:
    server = Postgres(home)
    await server.start()
    try:
        await compare(await create_database(server.url, "audit"), home)
    finally:
        await server.stop()


async def compare(url: str, home: Path) -> None:
    await migrate_up(url, "audit", home / "none")
    database = await Database.connect(url, "audit", size_max=WRITERS + 2, audit_key=b"k")
    await database.execute("create table work (id uuid primary key)")
    await database.execute("create table links (number bigint primary key, hash bytea)")
    anchors = Anchors(home / "audit")
    job = sealing(database, anchors)
    chaining = asyncio.create_task(job.run(database))
    for work in (bare, chained_later, chained_at_commit) * 2:
        rate = await measure(database, work)
        sys.stdout.write(f"{work.__name__}: {rate:,.0f} transactions a second\n")
    began = monotonic()
    while (await prove(database, anchors.read("audit"))).waiting:  # noqa: ASYNC110 - a job's work
        await asyncio.sleep(0.05)
    sys.stdout.write(f"all chained {monotonic() - began:.2f} s after the last commit\n")
    began = monotonic()
    proof = await prove(database, anchors.read("audit"))
    rate = proof.head.number / (monotonic() - began)
    sys.stdout.write(f"proved at {rate:,.0f} entries a second: {proof.holds}\n")
    job.stop()
    await chaining
    await database.close()


if __name__ == "__main__":
    main()
