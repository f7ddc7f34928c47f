"""A process that relays and consumes, until it is killed or whoever started it is gone.

python -m tests.faults.thousands.worker DATABASE BROKER SABOTAGE
"""

from __future__ import annotations

import asyncio
import sys

import uvloop

from souk.kernel.database import Database
from souk.kernel.events.consumers import run_consumers
from souk.kernel.events.nats_bus import NatsBus
from souk.kernel.events.outbox import relay
from tests.faults.sabotage import commit
from tests.faults.thousands.street import CONSUMERS, LIMITS


async def work(url: str, broker: str) -> None:
    gone = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, gone.set)
    database = await Database.connect(url, "tests")
    bus = await NatsBus.connect(broker, monitor=None, limits=LIMITS)
    tasks = (
        asyncio.create_task(relay(database, bus)),
        asyncio.create_task(run_consumers(CONSUMERS, database, bus)),
    )
    await gone.wait()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


if __name__ == "__main__":
    _, url, broker, sabotage = sys.argv
    if sabotage:
        commit(sabotage)
    uvloop.run(work(url, broker))
