"""`souk up`: the servers, the databases and every service, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress

from msgspec import structs

from souk.commands.places import forget_places, remember_places, was_killed
from souk.commands.running import until_stopped
from souk.commands.terminal import Progress, complain, say
from souk.devstack.embedded import ServerFailed
from souk.devstack.home import HomeInUse, Mark
from souk.devstack.placement import (
    DOORS,
    GATEWAY,
    all_services,
    grpc_port,
    health_port,
    service_urls,
)
from souk.devstack.ports import PortTaken, free_port, until_free
from souk.devstack.servers import Servers, Urls
from souk.devstack.supervisor import ProcessFailed, Program, Supervisor
from souk.kernel.refusals import Refusal
from souk.kernel.settings import Settings, with_secrets
from souk.kernel.telemetry.metrics import share

GRACE_BEYOND_SECONDS = 5
SEEDED = Mark("seeded")


def up(settings: Settings, *, split: bool, seed: bool) -> int:
    """Runs until a signal; 0 after an orderly stop."""
    try:
        return asyncio.run(until_stopped(lambda stop: _run(settings, stop, split=split, seed=seed)))
    except (HomeInUse, PortTaken, ProcessFailed, ServerFailed) as failure:
        complain(str(failure))
        return 1


async def _run(settings: Settings, stack: AsyncExitStack, *, split: bool, seed: bool) -> None:
    let_each_other_finish()
    settings = _with_ports(settings)
    servers = Servers(settings.home, settings, tell=complain)
    urls = await stack.enter_async_context(servers)
    with_secrets(settings)
    services = settings.services or all_services()
    programs = apart(settings, services) if split else together(settings, services)
    await until_free(_ports(programs, split=split), patient=was_killed(settings.home))
    await migrate(urls, services)
    share(settings.home, "up")
    given = _environment(settings, urls)
    with Progress("Processes", len(programs)) as progress:
        supervisor = Supervisor(
            [
                Program(name=program.name, environment={**given, **program.environment})
                for program in programs
            ],
            grace_seconds=settings.stop_grace_seconds + GRACE_BEYOND_SECONDS,
            tell=complain,
            ready=progress.step,
        )
        await stack.enter_async_context(supervisor)
    remember_places(settings.home, places(settings, services, split=split))
    stack.callback(forget_places, settings.home)
    _tell_where(settings, services if split else ())
    if seed:
        await _seed_once(settings)


def let_each_other_finish() -> None:
    """On Linux, for this process and all that it starts: who is woken waits for who is running.

    Workers and databases that share a few cores wake each other all the time, and who is pushed
    aside each time comes back to cold caches: a checkout costs a seventh less without.
    """
    if hasattr(os, "SCHED_BATCH") and os.sched_getscheduler(0) == os.SCHED_OTHER:
        with suppress(OSError):  # where it is not allowed, it is only slower
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def migrate(urls: Urls, services: Sequence[str]) -> None:
    """Brings the databases up to date, showing how far it is; raises ServerFailed."""
    import asyncpg

    from souk.devstack.databases import bring_up
    from souk.kernel.migrations import MigrationError

    with Progress("Databases", len(services)) as progress:
        try:
            await bring_up(urls.postgres, services, step=progress.step)
        except (MigrationError, OSError, TimeoutError, asyncpg.PostgresError) as failure:
            said = str(failure) or type(failure).__name__
            raise ServerFailed(f"the databases cannot be brought up to date: {said}") from failure


def together(settings: Settings, services: Sequence[str]) -> list[Program]:
    """Every service in each worker, workers sharing the ports."""
    told = {
        "SOUK_SERVICES": ",".join((*services, *DOORS)),
        "SOUK_HTTP_PORT": str(settings.http_port),
        "SOUK_GRPC_PORT": str(settings.grpc_port),
    }
    return [
        Program(name=f"worker {number}", environment=told)
        for number in range(1, settings.workers + 1)
    ]


def apart(settings: Settings, services: Sequence[str]) -> list[Program]:
    """A process a service, and one for the gateway, on ports of their own."""
    urls = service_urls(settings, tuple(services))
    alone = {"SOUK_WORKERS": "1"}
    programs = [
        Program(
            name=service,
            environment={
                **{name: url for name, url in urls.items() if name != _url_of(service)},
                **alone,
                "SOUK_SERVICES": service,
                "SOUK_HTTP_PORT": str(health_port(settings, service)),
                "SOUK_GRPC_PORT": str(grpc_port(settings, service)),
            },
        )
        for service in services
    ]
    gateway = {**urls, **alone, "SOUK_SERVICES": ",".join(DOORS)}
    gateway |= {"SOUK_HTTP_PORT": str(settings.http_port), "SOUK_GRPC_PORT": "0"}
    return [*programs, Program(name=GATEWAY, environment=gateway)]


def places(settings: Settings, services: Sequence[str], *, split: bool) -> dict[str, str]:
    """Where each service answers gRPC: for the commands that look after a running Souk."""
    ports = {name: grpc_port(settings, name) if split else settings.grpc_port for name in services}
    return {name: f"127.0.0.1:{port}" for name, port in ports.items()}


def _url_of(service: str) -> str:
    return f"SOUK_{service.upper()}_URL"


def _environment(settings: Settings, urls: Urls) -> Mapping[str, str]:
    given = {
        "SOUK_HOME": str(settings.home.resolve()),
        "SOUK_POSTGRES_URL": urls.postgres,
        "SOUK_NATS_URL": urls.nats,
        # What Souk started syncs always, and has no monitoring.
        "SOUK_NATS_MONITOR": settings.nats_monitor if settings.nats_url else "none",
        "SOUK_REDIS_URL": urls.redis,
        "SOUK_PUBLIC_URL": settings.public_address,
        "SOUK_WORKERS": str(settings.workers),
    }
    if sys.stderr.isatty() and "SOUK_LOG_FORMAT" not in os.environ:
        given["SOUK_LOG_FORMAT"] = "console"
    return given


def _with_ports(settings: Settings) -> Settings:
    # Port 0 is a free one, but workers, commands and people must know which.
    return structs.replace(
        settings,
        http_port=settings.http_port or free_port(),
        grpc_port=settings.grpc_port or free_port(),
    )


def _ports(programs: Sequence[Program], *, split: bool) -> list[tuple[str, int]]:
    # Workers share theirs.
    apart = programs if split else programs[:1]
    return [
        (name, int(program.environment[name]))
        for program in apart
        for name in ("SOUK_HTTP_PORT", "SOUK_GRPC_PORT")
    ]


def _tell_where(settings: Settings, apart: Sequence[str]) -> None:
    at = settings.public_address
    mails = settings.smtp_url or f"souk mail (kept in {settings.home / 'mail'})"
    ports = [f"{name} {grpc_port(settings, name)}" for name in apart]
    seats = ", ".join(ports) or f"127.0.0.1:{settings.grpc_port}"
    say(f"""
Souk is up.
  Shop               {at}/
  API documentation  {at}/docs
  API                {at}/api/v1
  gRPC               {seats}
  Mails              {mails}
  Data               {settings.home.resolve()}

  curl {at}/api/v1/products

Ctrl-C stops everything.
""")


async def _seed_once(settings: Settings) -> None:
    if SEEDED.is_set(settings.home):
        return
    from souk.commands.seed import seed_all

    try:
        await seed_all(settings)
    except Refusal as refusal:
        complain(f"The demo shops are not complete: {refusal} Later: souk seed")
    else:
        SEEDED.set(settings.home)
