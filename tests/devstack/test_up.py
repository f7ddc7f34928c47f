"""`souk up` starts everything, heals it, and takes it down in order."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from subprocess import Popen

import grpc
import httpx
import msgspec
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from souk.devstack.servers import Servers
from souk.kernel.settings import Settings
from tests.devstack.watching import lives, running
from tests.support.ports import free_row
from tests.support.waiting import eventually

SERVICES = "pricing,shops"
ANSWER_SECONDS_MAX = 60.0


class Up(msgspec.Struct):
    """A `souk up` of ours."""

    process: Popen[bytes]
    http: str
    grpc_port: int
    log: Path

    @property
    def workers(self) -> list[int]:
        found = []
        for child in psutil.Process(self.process.pid).children():
            if "souk.commands.worker" in child.cmdline():
                found.append(child.pid)
        return found

    def said(self) -> str:
        return self.log.read_text()

    async def status(self, path: str) -> int:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(self.http + path, timeout=5)).status_code
            except httpx.HTTPError:
                return 0

    async def ready(self) -> bool:
        return self.process.poll() is not None or await self.status("/health/ready") == 200

    async def ended(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        await eventually(lambda: self.process.poll() is not None, seconds=30)
        return self.process.returncode


@asynccontextmanager
async def up(home: Path, *arguments: str, **variables: str) -> AsyncIterator[Up]:
    ports = free_row(200)
    environment = {
        "SOUK_HOME": str(home / "souk"),
        "SOUK_SERVICES": SERVICES,
        "SOUK_WORKERS": "1",
        "SOUK_HTTP_PORT": str(ports + 180),
        "SOUK_GRPC_PORT": str(ports),
        **variables,
    }
    log = home / f"up-{time.monotonic_ns()}.log"
    with running("-m", "souk", "up", *arguments, environment=environment, log=log) as process:
        http, port = environment["SOUK_HTTP_PORT"], int(environment["SOUK_GRPC_PORT"])
        souk = Up(process=process, http=f"http://127.0.0.1:{http}", grpc_port=port, log=log)
        await eventually(souk.ready, seconds=ANSWER_SECONDS_MAX)
        yield souk


async def health_of(port: int, service: str = "") -> int:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        answer = await health_pb2_grpc.HealthStub(channel).Check(request, timeout=10)
        return int(answer.status)


async def test_everything_starts_answers_and_stops_and_the_second_start_is_quick(
    home: Path,
) -> None:
    async with up(home) as souk:
        assert await souk.status("/api/v1/shops") == 200
        assert await health_of(souk.grpc_port, "souk.shops.v1.ShopService") == 1
        await eventually(lambda: "Souk is up." in souk.said())
        assert f"{souk.http}/docs" in souk.said()
        children = [child.pid for child in psutil.Process(souk.process.pid).children()]
        if hasattr(os, "SCHED_BATCH"):  # nobody is pushed aside by whom they woke
            policies = {os.sched_getscheduler(pid) for pid in (souk.process.pid, *children)}
            assert policies == {os.SCHED_BATCH}
        assert await souk.ended(signal.SIGINT) == 0, souk.said()
        assert "Stopped." in souk.said()
        assert not any(map(lives, children))

    began = time.perf_counter()
    async with up(home) as souk:
        assert time.perf_counter() - began < 20, "imports, on a busy machine"
        assert await souk.status("/api/v1/shops") == 200
        assert await souk.ended(signal.SIGTERM) == 0, souk.said()


@pytest.fixture(scope="module")
async def souk() -> AsyncIterator[Up]:
    """One for the tests that leave it running."""
    with tempfile.TemporaryDirectory(prefix="souk-") as folder:
        async with up(Path(folder), SOUK_WORKERS="2") as running_souk:
            await eventually(lambda: "Souk is up." in running_souk.said())
            yield running_souk


async def test_a_killed_worker_is_replaced_while_the_other_answers(souk: Up) -> None:
    killed, other = souk.workers
    os.kill(killed, signal.SIGKILL)
    # Gone altogether: as long as one of its threads lives, so does the socket it listened on.
    await eventually(lambda: not psutil.pid_exists(killed))
    assert await souk.status("/api/v1/shops") == 200
    await eventually(lambda: len(souk.workers) == 2 and killed not in souk.workers)
    assert other in souk.workers


async def test_a_second_souk_in_the_same_home_is_refused(souk: Up) -> None:
    async with up(souk.log.parent) as second:
        assert second.process.wait() == 1
        assert f"another Souk (process {souk.process.pid}) already runs" in second.said()


async def test_a_taken_port_is_named_with_the_variable_that_changes_it(
    souk: Up, home: Path
) -> None:
    async with up(home, SOUK_HTTP_PORT=souk.http[-5:]) as second:
        assert second.process.wait() == 1
        assert f"port {souk.http[-5:]} is taken" in second.said()
        assert "SOUK_HTTP_PORT" in second.said()


async def test_run_hosts_one_service_beside_a_running_souk(souk: Up, home: Path) -> None:
    urls = Servers(souk.log.parent / "souk", Settings()).adopted()
    first = free_row(200)
    environment = {
        "SOUK_HOME": str(souk.log.parent / "souk"),
        "SOUK_POSTGRES_URL": urls.postgres,
        "SOUK_NATS_URL": urls.nats,
        "SOUK_REDIS_URL": urls.redis,
        "SOUK_GRPC_PORT": str(first),
        "SOUK_HTTP_PORT": str(first + 180),
    }
    log = home / "run.log"
    with running("-m", "souk", "run", "shops", environment=environment, log=log) as process:
        alone = Up(
            process=process,
            http=f"http://127.0.0.1:{first + 180}",
            grpc_port=first + 2,
            log=log,
        )
        await eventually(alone.ready, seconds=ANSWER_SECONDS_MAX)
        assert await health_of(alone.grpc_port, "souk.shops.v1.ShopService") == 1
        assert await alone.status("/api/v1/shops") == 404, "people come by the gateway"
        assert await alone.ended(signal.SIGTERM) == 0, alone.said()


async def test_a_souk_killed_outright_leaves_nobody_on_its_ports(home: Path) -> None:
    async with up(home) as first:
        await eventually(lambda: "Souk is up." in first.said())
        workers = first.workers
        first.process.kill()
        ports = {"SOUK_HTTP_PORT": first.http[-5:], "SOUK_GRPC_PORT": str(first.grpc_port)}
        async with up(home, **ports) as second:
            assert await second.status("/api/v1/shops") == 200, second.said()
            await eventually(lambda: not any(map(lives, workers)))
            assert await second.ended() == 0, second.said()


async def test_a_request_that_runs_when_souk_stops_is_answered(home: Path) -> None:
    async with up(home, SOUK_SERVICES="users") as souk:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(souk.http[-5:]))
        body = b'{"email": "nobody@example.com", "password": "open sesame, please"}'
        writer.write(
            b"POST /api/v1/auth/login HTTP/1.1\r\nhost: souk\r\nexpect: 100-continue\r\n"
            + f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        )
        assert b"100" in await reader.readline(), "the gateway reads the body by now"
        await reader.readline()
        souk.process.send_signal(signal.SIGTERM)
        await eventually(lambda: "Stopping" in souk.said())
        writer.write(body)
        said = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
        assert said.startswith(b"HTTP/1.1 401"), said
        assert b"WrongCredentials" in said
        await eventually(lambda: souk.process.poll() is not None)
        assert souk.process.returncode == 0, souk.said()


async def test_split_each_service_is_a_process_of_its_own(home: Path) -> None:
    async with up(home, "--split") as souk:
        await eventually(lambda: "Souk is up." in souk.said(), seconds=30)
        assert await souk.status("/api/v1/shops") == 200, "gateway to shops over gRPC"
        first = souk.grpc_port
        assert await health_of(first + 2, "souk.shops.v1.ShopService") == 1
        assert await health_of(first + 14, "souk.pricing.v1.PricingService") == 1
        with pytest.raises(grpc.aio.AioRpcError):
            await health_of(first + 2, "souk.pricing.v1.PricingService")
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{int(souk.http[-5:]) - 78}/health/ready")
        assert answer.status_code == 200, "health of shops alone, as 8002 is to 8080"
        assert len(souk.workers) == 3
        assert await souk.ended() == 0, souk.said()


async def test_a_second_signal_does_not_wait(home: Path) -> None:
    async with up(home) as souk:
        await eventually(lambda: "Souk is up." in souk.said())
        everyone = [p.pid for p in psutil.Process(souk.process.pid).children(recursive=True)]
        for worker in souk.workers:
            os.kill(worker, signal.SIGSTOP)
        souk.process.send_signal(signal.SIGINT)
        await eventually(lambda: "Stopping" in souk.said())
        souk.process.send_signal(signal.SIGINT)
        await eventually(lambda: souk.process.poll() is not None, seconds=8)
        assert souk.process.returncode == 130
        await eventually(lambda: not any(map(lives, everyone)))
