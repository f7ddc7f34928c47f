"""`souk migrate`: the databases brought up to date, or one service's taken back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from souk.commands.console import servers_of
from souk.commands.terminal import Progress, complain, say
from souk.devstack.databases import bring_down, bring_up
from souk.devstack.embedded import ServerFailed
from souk.devstack.placement import all_services
from souk.kernel.migrations import MigrationError
from souk.kernel.settings import Settings


def migrate(settings: Settings, *, way: str, service: str, steps: int) -> int:
    """0 when the databases are where they should be."""
    known = all_services()
    if service and service not in known:
        complain(f"there is no service {service}: there are {', '.join(known)}")
        return 2
    if way == "down" and not service:
        complain("souk migrate down needs a service: taking back all of them at once loses data")
        return 2
    chosen = (service,) if service else known
    try:
        done = asyncio.run(_migrate(settings, way, chosen, steps))
    except (MigrationError, ServerFailed) as failure:
        complain(str(failure))
        return 1
    for name in done:
        say(f"{'applied' if way == 'up' else 'took back'} {name}")
    if not done:
        say("nothing to do")
    return 0


async def _migrate(
    settings: Settings, way: str, services: tuple[str, ...], steps: int
) -> list[str]:
    async with AsyncExitStack() as stack:
        urls = await servers_of(settings, stack)
        if way == "down":
            return await bring_down(urls.postgres, services[0], steps=steps)
        with Progress("Databases", len(services)) as progress:
            return await bring_up(urls.postgres, services, step=progress.step)
