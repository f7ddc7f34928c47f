"""How a command reaches the services: those of the Souk that runs here, or its own for a moment."""

from __future__ import annotations

from contextlib import AsyncExitStack

from msgspec import structs

from souk.commands.places import remembered_places
from souk.devstack.databases import bring_up
from souk.devstack.home import HomeInUse
from souk.devstack.placement import all_services
from souk.devstack.servers import Servers, Urls
from souk.kernel.clock import SystemClock
from souk.kernel.context import Call, Caller, within
from souk.kernel.identity import Seal
from souk.kernel.process import Process
from souk.kernel.settings import Settings, with_secrets
from souk.kernel.telemetry import logs
from souk.kernel.transport import Switchboard

CONSOLE = "console"
CALL_SECONDS = 30.0


def as_operator(seconds: float = CALL_SECONDS) -> Call:
    """Whoever may use this machine's console may do what an admin may."""
    caller = Caller(roles=frozenset({"admin"}), service=CONSOLE)
    return Call(caller=caller, deadline=within(seconds))


def as_person(user_id: str, *roles: str) -> Call:
    """In somebody's name: what they could do themselves."""
    caller = Caller(user_id=user_id, roles=frozenset(roles))
    return Call(caller=caller, deadline=within(CALL_SECONDS))


async def servers_of(settings: Settings, stack: AsyncExitStack) -> Urls:
    """Servers started for the command stop with the stack; those of a running Souk stay."""
    servers = Servers(settings.home, settings)
    try:
        return await stack.enter_async_context(servers)
    except HomeInUse:
        return servers.adopted()


async def reached(settings: Settings, stack: AsyncExitStack) -> Switchboard:
    """A way to every service."""
    places = settings.service_urls or remembered_places(settings.home)
    if places:
        board = Switchboard(Seal(with_secrets(settings).internal_secret, SystemClock()))
        stack.push_async_callback(board.close)
        for service, address in places.items():
            board.dial(service, address)
        return board
    return (await hosted(settings, stack)).switchboard


async def hosted(settings: Settings, stack: AsyncExitStack) -> Process:
    """Every service in this process, beside whatever else runs: background work is claimed."""
    logs.configure(level="warning", form="console", service=CONSOLE)
    urls = await servers_of(settings, stack)
    services = all_services()
    if not settings.postgres_url:  # somebody else's database is migrated when they say so
        await bring_up(urls.postgres, services)
    given = structs.replace(
        settings,
        postgres_url=urls.postgres,
        nats_url=urls.nats,
        nats_monitor=settings.nats_monitor if settings.nats_url else "none",
        redis_url=urls.redis,
    )
    process = Process(given, services, serves_grpc=False)
    stack.push_async_callback(process.stop)
    await process.start()
    return process
