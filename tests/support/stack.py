"""The whole of Souk as a user starts it: `souk up` as a process, in one shape or the other."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.users import GrantRoleRequest, UserServiceClient
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, Caller, acting
from souk.kernel.identity import Seal
from souk.kernel.transport import Switchboard
from tests.support.ports import free_row

START_SECONDS_MAX = 120
STOP_SECONDS_MAX = 40
# Services answer gRPC from a row's first port on; their health lies eighty below HTTP.
ROW, HTTP_PORT = 130, 120


class Stack(Struct, frozen=True, kw_only=True, eq=False):
    """A running Souk: where it is and how it was started."""

    home: Path
    url: str
    grpc_port: int
    is_split: bool
    process: asyncio.subprocess.Process
    started_in_seconds: float

    @property
    def users_port(self) -> int:
        """Where users answer gRPC: the first of the services' ports in the split shape."""
        return self.grpc_port + self.is_split

    def http(self) -> httpx.AsyncClient:
        """A client for many requests at once."""
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        return httpx.AsyncClient(base_url=f"{self.url}/api/v1", timeout=60, limits=limits)

    async def grant(self, user_id: str, role: Role) -> None:
        """As an operator at this machine's console would."""
        secret = (self.home / "secrets" / "internal_secret").read_text().strip()
        board = Switchboard(Seal(secret, SystemClock()))
        board.dial("users", f"127.0.0.1:{self.users_port}")
        try:
            with acting(Call(caller=Caller(service="console"))):
                users = UserServiceClient(board)
                await users.grant_role(GrantRoleRequest(user_id=user_id, role=role))
        finally:
            await board.close()


@asynccontextmanager
async def running(
    *,
    split: bool = False,
    home: Path | None = None,
    environment: Mapping[str, str] | None = None,
    under: Sequence[str] = (),
    **settings: object,
) -> AsyncIterator[Stack]:
    """`souk up` in a home of its own; further arguments are settings.

    `environment` is added to ours; `under` is a command that runs it, and becomes it.
    """
    own_home = home is None
    folder = home or Path(tempfile.mkdtemp(prefix="souk-"))
    folder.chmod(0o755)
    http_port, grpc_port = free_ports()
    http_port = int(str(settings.get("http_port", http_port)))
    given = {name: value for name, value in os.environ.items() if "SOUK_" not in name}
    given |= {
        "SOUK_HOME": str(folder),
        "SOUK_HTTP_PORT": str(http_port),
        "SOUK_GRPC_PORT": str(grpc_port),
        "SOUK_ARGON2_MEMORY_KIB": "8192",
        "SOUK_ARGON2_TIME_COST": "1",
    }
    given |= {f"SOUK_{name.upper()}": str(value) for name, value in settings.items()}
    given |= environment or {}
    command = [*under, sys.executable, "-m", "souk", "up", *(["--split"] if split else [])]
    began = monotonic()
    with (folder / "souk.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *command, env=given, stdout=log, stderr=log, stdin=asyncio.subprocess.DEVNULL
        )
    url = f"http://127.0.0.1:{http_port}"
    try:
        await answering(url, process, folder)
        yield Stack(
            home=folder,
            url=url,
            grpc_port=grpc_port,
            is_split=split,
            process=process,
            started_in_seconds=monotonic() - began,
        )
    finally:
        await ended(process)
        if own_home:
            shutil.rmtree(folder, ignore_errors=True)


async def answering(url: str, process: asyncio.subprocess.Process, folder: Path) -> None:
    """Waits until the first product list; tells the log when it never comes."""
    until = monotonic() + START_SECONDS_MAX
    async with httpx.AsyncClient() as client:
        while monotonic() < until and process.returncode is None:
            try:
                answer = await client.get(f"{url}/api/v1/products", timeout=5)
                if answer.status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError("Souk did not start:\n" + (folder / "souk.log").read_text()[-8000:])


async def ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS_MAX)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError("Souk did not stop in time") from None


def free_ports() -> tuple[int, int]:
    """A port for HTTP and the first one for gRPC; each service's own lie beside them."""
    first = free_row(ROW)
    return first + HTTP_PORT, first
