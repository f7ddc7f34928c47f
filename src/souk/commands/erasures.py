"""`souk erasures`: who was erased, and that they stay so when a backup is restored."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from souk.commands.console import CALL_SECONDS, as_operator, hosted
from souk.commands.terminal import say, table
from souk.contracts.users import ReplayErasuresRequest, UserServiceClient
from souk.kernel.context import acting
from souk.kernel.settings import Settings
from souk.services.users.erasure_journal import ErasureJournal

SECONDS_A_PERSON = 5.0


def erasures(settings: Settings, *, action: str) -> int:
    if action == "replay":
        asyncio.run(_replay(settings))
        return 0
    rows = [("when", "erasure", "who")]
    rows += [(one.at, one.erasure_id, one.user_id) for one in _journal(settings).read()]
    table(rows)
    return 0


async def _replay(settings: Settings) -> None:
    """In this process, so that it can be done before anybody is served from the restored data."""
    known = len(_journal(settings).read())
    async with AsyncExitStack() as stack:
        process = await hosted(settings, stack)
        call = as_operator(CALL_SECONDS + known * SECONDS_A_PERSON)
        with acting(call):
            users = UserServiceClient(process.switchboard)
            answer = await users.replay_erasures(ReplayErasuresRequest())
    say(f"{known} people are in the journal; {answer.replayed} had come back and are erased again.")


def _journal(settings: Settings) -> ErasureJournal:
    return ErasureJournal(settings.home / "audit")
