"""Works the imports that run, a batch of rows of each in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import dropwhile

from msgspec import Struct, structs

from souk.kernel.clock import Clock
from souk.kernel.context import acting, call, within
from souk.kernel.database import Database
from souk.kernel.failpoints import reach
from souk.kernel.refusals import DeadlineExceeded, Unavailable
from souk.kernel.telemetry import logger
from souk.services.catalog import queries
from souk.services.catalog.queries import RunningImport
from souk.services.catalog.shopify.draft import Piece, pieces_of
from souk.services.catalog.shopify.plan import Known, Plan, batch_of, handles_of, plan_for, skus_of
from souk.services.catalog.shopify.sheet import Sheet
from souk.services.catalog.stockroom import Stockroom
from souk.services.catalog.use_cases.import_products import (
    PlanIsOldError,
    begin_attempt,
    end_import,
    take_batch,
)

AT_ONCE = 3  # each holds its sheet in memory
PLANS_MAX = 5
BATCH_SECONDS = 60

log = logger(__name__)


class Reading(Struct, eq=False):
    """A sheet that is being read."""

    pieces: Iterator[Piece]
    at_row: int
    batch: list[Piece]  # read and not yet taken


class Importer:
    """One for each process; its job's lease lets one of them work at a time."""

    def __init__(self, database: Database, stockroom: Stockroom, clock: Clock) -> None:
        self._database, self._stockroom, self._clock = database, stockroom, clock
        self._readings: dict[str, Reading] = {}

    async def work(self) -> None:
        """Until no import is left. Of each shop the oldest runs; the shops take turns."""
        while running := await queries.list_running_imports(self._database, limit=AT_ONCE):
            known = {each.id for each in running}
            self._readings = {key: one for key, one in self._readings.items() if key in known}
            for each in running:
                await self._go_on(each)

    async def _go_on(self, running: RunningImport) -> None:
        try:
            with acting(structs.replace(call(), deadline=within(BATCH_SECONDS))):
                await self._step(running)
        except (Unavailable, DeadlineExceeded):
            raise  # the job comes back to it after a while
        except Exception:  # whatever ails one import, the others go on; it has a few attempts
            log.exception("import_stumbled", import_id=running.id)
            self._readings.pop(running.id, None)

    async def _step(self, running: RunningImport) -> None:
        reading = self._readings.get(running.id)
        if reading is None or reading.at_row != running.last_row:
            reading = await self._begun(running)
        if reading is None:
            return
        if not reading.batch:
            reading.batch = await asyncio.to_thread(batch_of, reading.pieces)
        if reading.batch:
            reading.at_row = await self._take(running, reading.batch)
            reading.batch = []
        else:
            await self._database.transact(end_import, running.id, now=self._clock.now())

    async def _begun(self, running: RunningImport) -> Reading | None:
        """The sheet, opened where the work goes on; None when the import has ended."""
        if not await self._database.transact(begin_attempt, running.id, now=self._clock.now()):
            return None
        file = await queries.get_file(self._database, running.id)
        sheet = await asyncio.to_thread(Sheet, file)
        pieces = dropwhile(
            lambda piece: piece.rows[-1] <= running.last_row, pieces_of(sheet, running.currency)
        )
        self._readings[running.id] = reading = Reading(pieces, running.last_row, [])
        return reading

    async def _take(self, running: RunningImport, batch: list[Piece]) -> int:
        """Puts a batch into the shop; answers the row where it ended."""
        for _ in range(PLANS_MAX):
            plan = await self._plan(running, batch)
            if not running.dry_run:
                await self._stockroom.put(plan.stock, reason=f"import {running.id}")
            await reach("catalog.import.between")
            try:
                await self._database.transact(take_batch, running, plan, now=self._clock.now())
            except PlanIsOldError:
                continue
            return plan.progress.last_row
        raise RuntimeError("the shop changes faster than its sheet goes in")

    async def _plan(self, running: RunningImport, batch: list[Piece]) -> Plan:
        shop_id = running.shop_id
        products = await queries.list_by_handles(
            self._database, shop_id=shop_id, handles=handles_of(batch)
        )
        skus = await queries.find_skus(self._database, shop_id=shop_id, skus=skus_of(batch))
        variants = [variant.id for row in products.values() for variant in row.variants]
        on_hand = await self._stockroom.on_hand(variants)
        known = Known(products=products, skus=skus, on_hand=on_hand)
        return await asyncio.to_thread(
            plan_for, batch, known, import_id=running.id, shop_id=shop_id
        )
