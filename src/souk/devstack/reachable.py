"""Asks servers that were given by URL whether they are there, and fit to keep a shop's promises."""

from __future__ import annotations

import asyncio
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from souk.kernel.settings import Settings

SECONDS_MAX = 3.0
POSTGRES_VERSION_MIN = 160000
REDIS_VERSION_MIN = (6, 2)
NATS_MONITOR_PORT = 8222
KEEPS_PROMISES = ("fsync", "full_page_writes", "synchronous_commit")


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; a remedy says what to do about it."""

    state: Literal["ok", "warning", "wrong"]
    subject: str
    detail: str
    remedy: str = ""


async def check_postgres(settings: Settings) -> list[Finding]:
    """Version, durability, room for connections, the right to create databases."""
    import asyncpg

    subject, remedy = "SOUK_POSTGRES_URL", "see that it runs and that the URL is right"
    try:
        connection = await asyncpg.connect(
            settings.postgres_url, database="postgres", timeout=SECONDS_MAX
        )
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError) as error:
        return [Finding("wrong", subject, _said(error), remedy)]
    try:
        shown = {
            name: await connection.fetchval("select current_setting($1)", name)
            for name in (*KEEPS_PROMISES, "server_version_num", "max_connections")
        }
        may_create = await connection.fetchval(
            "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
        )
    finally:
        await connection.close()
    found = []
    if int(shown["server_version_num"]) < POSTGRES_VERSION_MIN:
        found.append(Finding("wrong", subject, "older than PostgreSQL 16", "upgrade the server"))
    for name in KEEPS_PROMISES:
        if shown[name] == "off":
            found.append(Finding("wrong", subject, f"{name} is off: commits may be lost", "set on"))
    room, wanted = int(shown["max_connections"]), settings.postgres_connections_max
    if room < wanted:
        found.append(
            Finding(
                "warning",
                subject,
                f"max_connections is {room}, Souk may open {wanted}",
                "raise max_connections, or lower SOUK_POSTGRES_CONNECTIONS_MAX",
            )
        )
    if not may_create:
        found.append(
            Finding(
                "warning",
                subject,
                "its user may not create databases",
                "create souk_<service> for every service yourself",
            )
        )
    return found or [Finding("ok", subject, f"answers, version {shown['server_version_num']}")]


async def check_nats(url: str, monitor: str) -> list[Finding]:
    """JetStream, and whether what it acknowledges is on disk."""
    from souk.kernel.events.bus import UnsafeBroker
    from souk.kernel.events.nats_stream import check_sync

    subject = "SOUK_NATS_URL"
    found = []
    for server in url.split(","):
        parts = urlsplit(server)
        try:
            async with asyncio.timeout(SECONDS_MAX):
                reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 4222)
                hello = await reader.readline()
                writer.close()
        except (OSError, TimeoutError) as error:
            found.append(Finding("wrong", subject, _said(error), "see that it runs at that URL"))
            continue
        if b'"jetstream":true' not in hello:
            found.append(
                Finding("wrong", subject, "JetStream is off", "enable it: nats-server -js")
            )
            continue
        try:
            if monitor != "none":
                # It only warns when nobody answers there, in the log; that is told here as well.
                await check_sync(monitor or f"{parts.hostname}:{NATS_MONITOR_PORT}")
        except UnsafeBroker as error:
            found.append(Finding("wrong", subject, str(error), "set sync_interval: always"))
            continue
        found.append(Finding("ok", subject, f"{parts.hostname} answers, JetStream is on"))
    return found


async def check_redis(url: str) -> list[Finding]:
    """Version; what it forgets is no matter."""
    import redis.asyncio

    subject = "SOUK_REDIS_URL"
    client = redis.asyncio.from_url(url, socket_connect_timeout=SECONDS_MAX)
    try:
        version = str((await client.info("server"))["redis_version"])
    except (OSError, TimeoutError, redis.exceptions.RedisError) as error:
        return [Finding("wrong", subject, _said(error), "see that it runs at that URL")]
    finally:
        await client.aclose()
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_VERSION_MIN:
        return [Finding("wrong", subject, f"Redis {version} is too old", "upgrade to 6.2 or later")]
    return [Finding("ok", subject, f"answers, version {version}")]


async def check_service(service: str, url: str) -> list[Finding]:
    """Whether anybody listens at SOUK_<SERVICE>_URL."""
    subject = f"SOUK_{service.upper()}_URL"
    host, _, port = url.removeprefix("dns:///").rpartition(":")
    try:
        async with asyncio.timeout(SECONDS_MAX):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
    except (OSError, TimeoutError, ValueError) as error:
        return [Finding("wrong", subject, _said(error), f"start it: souk run {service}")]
    return [Finding("ok", subject, "somebody listens there")]


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
