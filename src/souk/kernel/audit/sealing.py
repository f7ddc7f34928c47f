"""The job that chains what has been recorded, and writes down outside where the chain ends."""

from __future__ import annotations

import asyncio

from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.chain import BATCH, Head, head_of, link_waiting
from souk.kernel.database import Database
from souk.kernel.jobs import Job, every
from souk.kernel.telemetry import logger

GATHER_SECONDS = 0.2  # so that a busy service makes a few links at a time, and not one a commit
# Our own commits wake the job: looking finds only what a process that died has left behind.
LOOK_SECONDS = 10
WAITS = "select exists (select from audit where number is null)"
LINK = "select hash from audit where number = $1"
log = logger(__name__)


def sealing(database: Database, anchors: Anchors) -> Job:
    """Runs in every process; the chain itself is extended by one at a time."""

    async def seal_audit() -> None:
        await asyncio.sleep(GATHER_SECONDS)
        await seal(database, anchors)

    job = every(seconds=LOOK_SECONDS, do=seal_audit, everywhere=True)
    database.audited = job.wake
    return job


async def seal(database: Database, anchors: Anchors) -> None:
    """Everything that waits."""
    while await database.fetchval(WAITS):
        linked = await database.transact(link_waiting, database.audit_key)
        if linked < BATCH:  # that was all, or another process is at it
            break
    await write_down(database, anchors)


async def write_down(database: Database, anchors: Anchors) -> None:
    """Never over the head of a chain that ours is not the continuation of: that is evidence."""
    known = anchors.read(database.name)
    head = await head_of(database)
    if head == known:
        return
    if not await goes_on(database, known):
        log.error("audit_chain_broken", database=database.name, number=known.number)
        return
    anchors.write(database.name, head)
    # The log leaves the machine, so that the file beside the database is not all there is.
    log.info("audit_sealed", database=database.name, number=head.number, head=head.hash.hex())


async def goes_on(database: Database, known: Head) -> bool:
    return not known.number or await database.fetchval(LINK, known.number) == known.hash
