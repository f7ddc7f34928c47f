"""`souk keys`: the keys that access tokens are signed with, listed and rotated."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from souk.commands.console import servers_of
from souk.commands.terminal import say, table
from souk.kernel.database import Database
from souk.kernel.settings import Settings, database_url, with_secrets
from souk.services.users import queries
from souk.services.users.keys import LEAD_SECONDS, Keys

USERS = "users"


def keys(settings: Settings, *, action: str, now: bool) -> int:
    """`now` is for a key that has leaked: what it signed is void at once."""
    asyncio.run(_keys(with_secrets(settings), action, now=now))
    return 0


async def _keys(settings: Settings, action: str, *, now: bool) -> None:
    async with AsyncExitStack() as stack:
        urls = await servers_of(settings, stack)
        database = await Database.connect(database_url(urls.postgres, USERS), USERS)
        stack.push_async_callback(database.close)
        if action == "rotate":
            known = Keys(
                database,
                master_key=settings.master_key,
                token_seconds=settings.access_token_seconds,
            )
            kid = await (known.replace() if now else known.rotate())
            when = "now" if now else f"in {LEAD_SECONDS / 60:.0f} minutes"
            say(f"{kid} signs from {when} on. Nobody has to sign in again.")
        else:
            await _list(database)


async def _list(database: Database) -> None:
    rows = [("key", "signs", "from", "until")]
    signs = True
    for key in await queries.list_keys(database):
        begins = key.active_from.isoformat(timespec="seconds") if key.active_from else ""
        ends = key.retired_at.isoformat(timespec="seconds") if key.retired_at else ""
        is_signing = key.is_active and signs
        signs = signs and not key.is_active
        rows.append((key.kid, "yes" if is_signing else "", begins, ends))
    table(rows)
