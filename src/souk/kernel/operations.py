"""What operators may ask every process: how its services are, and what they could not take in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from msgspec import structs

from souk.contracts.operations import (
    DeadLetter,
    DeadLetterList,
    GetHealthRequest,
    ListDeadLettersRequest,
    OperationsService,
    ReplayDeadLettersRequest,
    Replayed,
    ServiceHealth,
    ServiceNotHere,
)
from souk.kernel.context import acting, call, within
from souk.kernel.database import Database, Transaction
from souk.kernel.events.dead_letters import list_dead_letters, replay_dead_letters
from souk.kernel.platform import Parts
from souk.kernel.refusals import Refusal

LETTERS_MAX = 100
HEALTH_SECONDS_MAX = 2.0
# Beyond ten thousand it is bad enough to be looked at, whatever the number.
WAITING = """
select (select count(*) from (select from outbox where published_at is null limit 10000) as few)
           ::int as events,
       (select count(*) from (select from dead_letters where replayed_at is null
                             limit 10000) as few)
           ::int as letters
"""

Ready = Callable[[], Awaitable[bool]]


class OperationsRpc(OperationsService):
    """One for each process; `databases` and `parts` are those of the services it hosts."""

    def __init__(
        self,
        databases: Mapping[str, Database],
        parts: Mapping[str, Parts],
        *,
        has_bus: Ready,
        has_cache: Ready,
        started_at: datetime,
    ) -> None:
        self.databases, self.parts = databases, parts
        self.has_bus, self.has_cache, self.started_at = has_bus, has_cache, started_at

    async def get_health(self, request: GetHealthRequest) -> ServiceHealth:
        database = self._database(request.service)
        waiting, has_bus, has_cache = await asyncio.gather(
            self._waiting(database), self.has_bus(), self.has_cache()
        )
        return ServiceHealth(
            service=request.service,
            has_database=waiting is not None,
            has_bus=has_bus,
            has_cache=has_cache,
            events_waiting=waiting[0] if waiting else 0,
            dead_letters=waiting[1] if waiting else 0,
            started_at=self.started_at,
        )

    async def list_dead_letters(self, request: ListDeadLettersRequest) -> DeadLetterList:
        letters = await list_dead_letters(
            self._database(request.service), limit=request.page_size or LETTERS_MAX
        )
        return DeadLetterList(
            items=tuple(
                DeadLetter(**{name: getattr(letter, name) for name in DeadLetter.__struct_fields__})
                for letter in letters
            )
        )

    async def replay_dead_letters(self, request: ReplayDeadLettersRequest) -> Replayed:
        database = self._database(request.service)

        async def note(tx: Transaction) -> None:
            for message_id in request.message_ids:
                tx.audit("operations.dead_letter_replayed", subject=f"message_id:{message_id}")

        await database.transact(note)  # what follows is done as whoever caused the message
        replay = await replay_dead_letters(
            database, request.message_ids, self.parts[request.service].consumers
        )
        return Replayed(done=replay.done, failed=replay.failed)

    def _database(self, service: str) -> Database:
        if service not in self.databases or service not in self.parts:
            raise ServiceNotHere(service=service)
        return self.databases[service]

    @staticmethod
    async def _waiting(database: Database) -> tuple[int, int] | None:
        """Events and letters that wait; None when the database does not answer."""
        try:
            with acting(structs.replace(call(), deadline=within(HEALTH_SECONDS_MAX))):
                row = await database.fetchrow(WAITING)
        except Refusal:
            return None
        return (row["events"], row["letters"]) if row else None
