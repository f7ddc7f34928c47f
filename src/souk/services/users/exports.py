"""People take home what Souk knows of them."""

from __future__ import annotations

import asyncio

from souk.contracts.users import PersonExport, PersonExportList
from souk.kernel.contract import File
from souk.kernel.ids import new_id
from souk.kernel.jobs import Job, every
from souk.services.users import export_store
from souk.services.users.archive import archive_file, archive_of
from souk.services.users.entrance import Grounds
from souk.services.users.neighbours import Neighbours

KEPT_DAYS = 7
LOOK_SECONDS = 10


class Exports:
    def __init__(self, on: Grounds, neighbours: Neighbours) -> None:
        self.on, self._neighbours = on, neighbours
        self.job: Job = every(seconds=LOOK_SECONDS, do=self.make_all, name="make_exports")

    async def ask(self, user_id: str) -> PersonExport:
        asked = await self.on.database.transact(
            export_store.ask_for_export, new_id(), user_id=user_id
        )
        self.job.wake()
        return asked

    async def list(self, user_id: str) -> PersonExportList:
        return await export_store.list_exports(self.on.database, user_id)

    async def download(self, export_id: str, *, user_id: str) -> File:
        content = await self.on.database.transact(
            export_store.read_archive, export_id, user_id=user_id
        )
        return archive_file(content, at=self.on.clock.now())

    async def make_all(self) -> None:
        """Everything that waits; what fails is tried again when its claim is over."""
        await self.on.database.transact(export_store.drop_old_exports)
        while export := await export_store.claim_export(self.on.database):
            found = await self._neighbours.gather(export.user_id)
            archive = await asyncio.to_thread(archive_of, found, at=self.on.clock.now())
            await self.on.database.transact(
                export_store.finish_export, export, archive, days=KEPT_DAYS
            )
