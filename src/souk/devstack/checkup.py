"""What may keep Souk from running on this machine or with these settings, and what to do."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

from souk.devstack.embedded import ServerFailed
from souk.devstack.home import HomeLock
from souk.devstack.ports import is_free
from souk.devstack.reachable import (
    Finding,
    check_nats,
    check_postgres,
    check_redis,
    check_service,
)
from souk.devstack.servers import Servers, Urls
from souk.kernel.settings import Settings, SettingsError, settings_from, unrecognized

PYTHON_VERSION_MIN = (3, 11)
GIB = 1 << 30
MEMORY_BYTES_MIN = GIB
DISK_BYTES_MIN = GIB // 2
DISK_BYTES_LITTLE = 3 * GIB


async def examine(environ: Mapping[str, str]) -> list[Finding]:
    """Looks at everything; with wrong settings only at what does not depend on them."""
    findings = [_python(), _cores(), _memory()]
    try:
        settings = settings_from(environ)
    except SettingsError as error:
        return findings + [
            Finding("wrong", "setting", problem, "souk settings says what each is for")
            for problem in error.problems
        ]
    findings += [
        Finding("warning", "setting", f"{name} means nothing to Souk", "look for a slip of the pen")
        for name in unrecognized(environ)
    ]
    findings += [_disk(settings.home), *_ports(settings), _account(settings)]
    findings.append(await _wheels(settings))
    findings += await _given(settings)
    return findings


def _python() -> Finding:
    said = sys.version.split()[0]
    if sys.version_info < PYTHON_VERSION_MIN:
        return Finding("wrong", "Python", said, "Souk needs Python 3.11 or later")
    return Finding("ok", "Python", said)


def _cores() -> Finding:
    return Finding("ok", "cores", f"{len(os.sched_getaffinity(0))} usable")


def _memory() -> Finding:
    free = psutil.virtual_memory().available
    said = f"{free / GIB:.1f} GiB available"
    if free < MEMORY_BYTES_MIN:
        return Finding("warning", "memory", said, "Souk and its servers want 1 GiB: end something")
    return Finding("ok", "memory", said)


def _disk(home: Path) -> Finding:
    place = home.resolve()
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK):
        return Finding(
            "wrong", "SOUK_HOME", f"{place} cannot be written", "set SOUK_HOME to a folder of yours"
        )
    free = shutil.disk_usage(place).free
    said = f"{free / GIB:.1f} GiB free for {home.resolve()}"
    if free < DISK_BYTES_MIN:
        return Finding("wrong", "disk", said, "make room, or set SOUK_HOME to another disk")
    if free < DISK_BYTES_LITTLE:
        return Finding("warning", "disk", said, "make room before the shop grows")
    return Finding("ok", "disk", said)


def _ports(settings: Settings) -> list[Finding]:
    if HomeLock(settings.home).is_held():
        return [Finding("ok", "ports", f"a Souk already runs in {settings.home.resolve()}")]
    findings = []
    for name, port in (
        ("SOUK_HTTP_PORT", settings.http_port),
        ("SOUK_GRPC_PORT", settings.grpc_port),
    ):
        if is_free(port):
            findings.append(Finding("ok", "port", f"{port} is free"))
        else:
            findings.append(Finding("wrong", "port", f"{port} is taken", f"set {name} to another"))
    return findings


def _account(settings: Settings) -> Finding:
    if os.geteuid() != 0 or settings.postgres_url:
        return Finding("ok", "account", "not root" if os.geteuid() else "root")
    if shutil.which("setpriv") is None:
        return Finding(
            "wrong",
            "account",
            "root, as whom PostgreSQL refuses to run, and there is no setpriv",
            "start Souk as another user, install util-linux, or set SOUK_POSTGRES_URL",
        )
    return Finding("ok", "account", "root; PostgreSQL runs as nobody")


async def _wheels(settings: Settings) -> Finding:
    given = Urls(postgres=settings.postgres_url, nats=settings.nats_url, redis=settings.redis_url)
    if all(msgspec.structs.astuple(given)):
        return Finding("ok", "servers", "all three are given by URL")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="souk-doctor-", ignore_cleanup_errors=True) as folder:
        try:
            async with Servers(Path(folder), settings):
                pass
        except (ServerFailed, OSError) as failure:
            return Finding(
                "wrong", "servers", str(failure), "install Souk again, or give servers by URL"
            )
    seconds = time.perf_counter() - began
    return Finding("ok", "servers", f"the embedded ones start and stop in {seconds:.1f} s")


async def _given(settings: Settings) -> list[Finding]:
    checks = []
    if settings.postgres_url:
        checks.append(check_postgres(settings))
    if settings.nats_url:
        checks.append(check_nats(settings.nats_url, settings.nats_monitor))
    if settings.redis_url:
        checks.append(check_redis(settings.redis_url))
    checks += [check_service(name, url) for name, url in settings.service_urls.items()]
    found = await asyncio.gather(*checks)
    return [finding for findings in found for finding in findings]
