"""The JetStream stream that carries all events, and what it must be so that none is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from msgspec import Struct, structs
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, PersistMode, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from souk.kernel.events.bus import UnsafeBroker
from souk.kernel.telemetry import logger

STREAM = "SOUK"
SUBJECTS = "souk.>"
log = logger(__name__)


class Limits(Struct, frozen=True, kw_only=True):
    """How much the stream keeps. Beyond it the oldest events go: truth is in the databases."""

    age_seconds_max: float = 7 * 86_400
    bytes_max: int = 1 << 30
    # An event that is sent again within this time (the relay died before it could mark it) is
    # dropped by the broker already; later ones are dropped by the consumers' inboxes.
    duplicates_seconds: float = 300
    replicas: int = 1
    # After this the broker hands a message to another who asks; slow work says that it goes on.
    ack_seconds: float = 30


USUAL = Limits()


async def ensure_stream(client: Client, limits: Limits) -> None:
    """Creates the stream or brings it up to date; raises UnsafeBroker where that cannot help."""
    stream = client.jetstream()
    try:
        found = (await stream.stream_info(STREAM)).config
    except NotFoundError:
        await stream.add_stream(_wanted(limits))
        return
    if unsafe := weaknesses(found):
        raise UnsafeBroker(f"The stream {STREAM} can lose events: {'; '.join(unsafe)}.")
    if _differs(found, limits):
        await stream.update_stream(_wanted(limits))


async def ensure_consumer(
    client: Client, name: str, subjects: list[str], limits: Limits = USUAL
) -> None:
    """Creates the durable consumer or brings it up to date; it begins with what is kept."""
    one = subjects[0] if len(subjects) == 1 else None
    await client.jetstream().add_consumer(
        STREAM,
        ConsumerConfig(
            name=name,
            durable_name=name,
            filter_subject=one,
            filter_subjects=None if one else subjects,
            ack_wait=limits.ack_seconds,
            max_deliver=-1,  # attempts are counted by who parks the message after the last
            max_ack_pending=1024,
        ),
    )


def weaknesses(found: StreamConfig) -> list[str]:
    """What in the configuration of an existing stream would lose acknowledged events."""
    checks = {
        "its storage is memory": found.storage == StorageType.MEMORY,
        "it acknowledges nothing (no_ack)": bool(found.no_ack),
        "it writes to disk later (persist_mode async)": found.persist_mode == PersistMode.ASYNC,
        "it drops events that nobody listens to": found.retention != RetentionPolicy.LIMITS,
        "it is sealed": bool(found.sealed),
    }
    return [weakness for weakness, holds in checks.items() if holds]


async def check_sync(monitor: str) -> None:
    """Asks the server's monitoring (`host:port`) whether an acknowledged event is on disk.

    Raises UnsafeBroker when it is not; warns when nobody answers: NATS tells it nowhere else.
    """
    try:
        async with asyncio.timeout(2):
            varz = await _varz(monitor)
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error) or type(error).__name__
        log.warning("broker_sync_unknown", monitor=monitor, reason=reason)
        return
    if not varz.get("jetstream", {}).get("config", {}).get("sync_always", False):
        raise UnsafeBroker(
            "NATS acknowledges events before they are on disk: set `sync_interval: always` in the"
            " jetstream block of its configuration."
        )


def _wanted(limits: Limits) -> StreamConfig:
    return StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        retention=RetentionPolicy.LIMITS,
        storage=StorageType.FILE,
        max_age=limits.age_seconds_max,
        max_bytes=limits.bytes_max,
        duplicate_window=limits.duplicates_seconds,
        num_replicas=limits.replicas,
    )


def _differs(found: StreamConfig, limits: Limits) -> bool:
    return found.subjects != [SUBJECTS] or limits != structs.replace(
        limits,
        age_seconds_max=found.max_age,
        bytes_max=found.max_bytes,
        duplicates_seconds=found.duplicate_window,
        replicas=found.num_replicas,
    )


async def _varz(monitor: str) -> dict[str, Any]:
    host, _, port = monitor.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(f"GET /varz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        _, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return msgspec.json.decode(body, type=dict[str, Any])
    finally:
        writer.close()
