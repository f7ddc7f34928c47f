"""What a process does besides answering: relays, consumers, jobs, and its own figures."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.sealing import sealing
from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.kernel.events.bus import Bus
from souk.kernel.events.consumers import run_consumers
from souk.kernel.events.outbox import relay
from souk.kernel.housekeeping import housekeeping
from souk.kernel.jobs import Job
from souk.kernel.platform import Parts
from souk.kernel.telemetry import logger
from souk.kernel.telemetry.metrics import pool_connections

FIGURES_SECONDS = 5.0
PATIENCE_SECONDS = 0.5
CANCELLED_SECONDS_MAX = 1.0
log = logger(__name__)


class Background:
    """The tasks of a process. All of them may run in any number of processes at once."""

    def __init__(self, bus: Bus, anchors: Anchors) -> None:
        self._bus, self._anchors = bus, anchors
        self._hosted: list[tuple[Database, Parts]] = []
        self._jobs: list[tuple[Job, Database]] = []
        self._running_jobs: set[asyncio.Task[None]] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    def add(self, database: Database, parts: Parts) -> None:
        """Before `start`."""
        self._hosted.append((database, parts))
        own = (sealing(database, self._anchors), *housekeeping(database))
        self._jobs += [(job, database) for job in (*parts.jobs, *own)]

    def start(self) -> None:
        for job, database in self._jobs:
            self._begin(self._running_jobs, job.run(database), f"job {database.name}.{job.name}")
        for database, parts in self._hosted:
            self._begin(self._running, relay(database, self._bus), f"relay {database.name}")
            if parts.consumers:
                consuming = run_consumers(parts.consumers, database, self._bus)
                self._begin(self._running, consuming, f"consumers {database.name}")
        self._begin(self._running, self._tell_figures(), "figures")

    async def stop(self, *, grace_seconds: float) -> None:
        """Lets what runs come to its end, for `grace_seconds` at most; begins nothing new."""
        self._is_stopping = True
        for job, _ in self._jobs:
            job.stop()
        for task in self._running:
            task.cancel()
        late = await self._ended_within(grace_seconds)
        for task in late:
            log.warning("stopped_while_running", task=task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=CANCELLED_SECONDS_MAX)

    async def _ended_within(self, seconds: float) -> set[asyncio.Task[None]]:
        """Those that still run after `seconds`."""
        end = monotonic() + seconds
        late = self._running | self._running_jobs
        while late and monotonic() < end:
            _, late = await asyncio.wait(late, timeout=min(PATIENCE_SECONDS, end - monotonic()))
            if not getattr(self._bus, "is_up", True):
                # Without a broker no effect can be acknowledged, and what the library raises
                # about its lost connection may have taken the place of our cancel.
                for task in late & self._running:
                    task.cancel()
        return late

    def _begin(
        self, tasks: set[asyncio.Task[None]], work: Coroutine[Any, Any, None], name: str
    ) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        tasks.add(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """These run for ever, so an end that nobody asked for is a bug worth waking someone."""
        if task.cancelled() or (self._is_stopping and task.exception() is None):
            return
        log.error("background_ended", task=task.get_name(), exc_info=task.exception())

    async def _tell_figures(self) -> None:
        while True:
            for database, _ in self._hosted:
                use = database.pool_use
                pool_connections.set(use.busy, database.name, "busy")
                pool_connections.set(use.size - use.busy, database.name, "idle")
                pool_connections.set(use.waiting, database.name, "waiting")
            await asyncio.sleep(FIGURES_SECONDS)
