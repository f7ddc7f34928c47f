"""`souk dead-letters`: events that a service could not take in, shown and handed to it again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import asyncpg

from souk.commands.console import hosted, servers_of
from souk.commands.terminal import complain, say, table
from souk.devstack.placement import all_services
from souk.kernel.database import Database
from souk.kernel.events.dead_letters import DeadLetter, list_dead_letters, replay_dead_letters
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings, database_url

REASON_CHARACTERS_MAX = 100


def dead_letters(settings: Settings, *, action: str, service: str, ids: Sequence[str]) -> int:
    """1 when some of those handed over again could not be taken in this time either."""
    known = all_services()
    if service and service not in known:
        complain(f"there is no service {service}: there are {', '.join(known)}")
        return 2
    chosen = (service,) if service else known
    if action == "list":
        asyncio.run(_list(settings, chosen))
        return 0
    return asyncio.run(_replay(settings, chosen, ids))


async def _list(settings: Settings, services: Sequence[str]) -> None:
    rows = [("service", "id", "consumer", "subject", "parked", "why")]
    async with AsyncExitStack() as stack:
        urls = await servers_of(settings, stack)
        for service in services:
            database = await Database.connect(database_url(urls.postgres, service), service)
            stack.push_async_callback(database.close)
            try:
                rows += [_row(service, letter) for letter in await list_dead_letters(database)]
            except (Refusal, asyncpg.UndefinedTableError) as reason:
                complain(f"{service}: {reason}")
    if len(rows) == 1:
        say("No dead letters.")
    else:
        table(rows)


async def _replay(settings: Settings, services: Sequence[str], ids: Sequence[str]) -> int:
    failed = 0
    async with AsyncExitStack() as stack:
        process = await hosted(settings, stack)
        for service in services:
            replay = await replay_dead_letters(
                process.databases[service], list(ids) or None, process.parts[service].consumers
            )
            failed += replay.failed
            if replay.done or replay.failed:
                say(f"{service}: {replay.done} taken in, {replay.failed} not")
    return 1 if failed else 0


def _row(service: str, letter: DeadLetter) -> tuple[str, str, str, str, str, str]:
    reason = " ".join(letter.reason.split())[:REASON_CHARACTERS_MAX]
    parked = letter.parked_at.isoformat(timespec="seconds")
    return (service, letter.id, letter.consumer, letter.subject, parked, reason)
