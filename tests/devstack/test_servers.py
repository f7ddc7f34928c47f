"""The embedded servers keep what they promised, however their owner ends."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import time
from pathlib import Path

import asyncpg
import msgspec
import nats
import psutil
import pytest
import redis.asyncio

from souk.devstack.embedded import Embedded, ServerFailed
from souk.devstack.home import HomeInUse, secret
from souk.devstack.postgres import Postgres
from souk.devstack.servers import Servers, Urls
from souk.kernel.settings import Settings
from tests.devstack.watching import lives, running
from tests.support.waiting import eventually

OWNER = """
import asyncio, sys
from pathlib import Path
from souk.devstack.servers import Servers
from souk.kernel.settings import Settings

async def main():
    async with Servers(Path(sys.argv[1]), Settings()) as urls:
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def remember(urls: Urls, what: str) -> None:
    connection = await asyncpg.connect(urls.postgres, database="postgres")
    await connection.execute("create table if not exists kept (what text)")
    await connection.execute("insert into kept values ($1)", what)
    await connection.close()
    broker = await nats.connect(urls.nats)
    await broker.jetstream().add_stream(name="KEPT", subjects=["kept.>"])
    await broker.jetstream().publish("kept.it", what.encode())
    await broker.close()


async def remembered(urls: Urls) -> tuple[list[str], list[str]]:
    connection = await asyncpg.connect(urls.postgres, database="postgres")
    rows = [row["what"] for row in await connection.fetch("select what from kept")]
    await connection.close()
    broker = await nats.connect(urls.nats)
    info = await broker.jetstream().stream_info("KEPT")
    found = []
    for sequence in range(1, info.state.messages + 1):
        message = await broker.jetstream().get_msg("KEPT", sequence)
        found.append((message.data or b"").decode())
    await broker.close()
    return rows, found


def pids(servers: Servers) -> list[int]:
    return [pid_of(server) for server in (servers.postgres, servers.nats, servers.redis)]


def pid_of(server: Embedded) -> int:
    traces = server.traces()
    assert traces is not None
    return traces.pid


def write(path: Path, text: str) -> None:
    path.write_text(text)


def read(path: Path) -> str:
    return path.read_text()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def close(folder: Path) -> None:
    folder.chmod(0o700)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def until_gone(*gone: int) -> None:
    await eventually(lambda: not any(map(lives, gone)))


async def test_all_three_answer_and_a_second_start_finds_the_data_again(home: Path) -> None:
    async with Servers(home, Settings()) as urls:
        await remember(urls, "first")
        cache = redis.asyncio.from_url(urls.redis)
        assert await cache.ping()
        await cache.aclose()

    began = time.perf_counter()
    async with Servers(home, Settings()) as again:
        seconds = time.perf_counter() - began
        assert await remembered(again) == (["first"], ["first"])
        assert again.nats == urls.nats, "clients that stayed find the broker again"
    assert seconds < 2.5


async def test_nothing_runs_any_more_after_an_orderly_stop(home: Path) -> None:
    servers = Servers(home, Settings())
    async with servers:
        started = pids(servers)
    assert not any(map(lives, started))


async def test_servers_killed_while_they_worked_lose_nothing_acknowledged(home: Path) -> None:
    servers = Servers(home, Settings())
    async with servers as urls:
        await remember(urls, "before the crash")
        await servers.leave_alone()
        for pid in pids(servers):
            os.kill(pid, signal.SIGKILL)
    async with Servers(home, Settings()) as urls:
        assert await remembered(urls) == (["before the crash"], ["before the crash"])


async def test_a_server_that_ends_by_itself_is_started_again_at_the_same_url(home: Path) -> None:
    servers = Servers(home, Settings())
    async with servers as urls:
        await remember(urls, "kept")
        before = pids(servers)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await until_gone(*before)

        async def all_answer() -> bool:
            answers = [await server.answers() for server in servers.ours]
            return all(answers) and not set(pids(servers)) & set(before)

        await eventually(all_answer)
        assert servers.urls == urls
        assert await remembered(urls) == (["kept"], ["kept"])


async def test_an_owner_killed_outright_is_recovered_from(home: Path) -> None:
    with running("-c", OWNER, str(home)) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"ready\n"
        left = pids(Servers(home, Settings()))
        owner.kill()
        owner.wait()
        async with Servers(home, Settings()) as urls:
            await remember(urls, "after")
            assert (await remembered(urls))[0] == ["after"]
            await until_gone(*left)


async def test_a_leftover_server_is_stopped_before_a_new_one_takes_its_data(home: Path) -> None:
    left = Postgres(home, outlive=True)
    await left.start()
    pid = pid_of(left)
    async with Servers(home, Settings()) as urls:
        await until_gone(pid)
        connection = await asyncpg.connect(urls.postgres, database="postgres")
        assert await connection.fetchval("select 1") == 1
        await connection.close()
    await left.stop()


async def test_a_stale_pid_file_that_names_a_living_stranger_does_not_matter(home: Path) -> None:
    postgres = Postgres(home)
    await postgres.start()
    await postgres.stop()
    # In a container a killed server's process id belongs to somebody else after the restart.
    stranger = f"{os.getppid()}\n{postgres.data}\n1700000000\n5432\n\n\n\nready   \n"
    write(postgres.data / "postmaster.pid", stranger)
    await postgres.start()
    await postgres.stop()


async def test_two_souks_with_homes_of_their_own_live_side_by_side(home: Path) -> None:
    async with Servers(home / "one", Settings()) as one, Servers(home / "two", Settings()) as two:
        await remember(one, "in one")
        await remember(two, "in two")
        assert (await remembered(one))[0] == ["in one"]
        assert (await remembered(two))[0] == ["in two"]


async def test_a_second_souk_in_one_home_is_refused_by_name_of_the_first(home: Path) -> None:
    async with Servers(home, Settings()) as urls:
        with pytest.raises(HomeInUse, match=f"process {os.getpid()}.*{home}"):
            await Servers(home, Settings()).__aenter__()
        await remember(urls, "undisturbed")


async def test_servers_given_by_url_are_used_and_none_is_started(home: Path) -> None:
    given = Settings(
        postgres_url="postgresql://somewhere/", nats_url="nats://there", redis_url="redis://too"
    )
    before = psutil.Process().children(recursive=True)
    async with Servers(home, given) as urls:
        assert urls == Urls(postgres=given.postgres_url, nats=given.nats_url, redis=given.redis_url)
        assert psutil.Process().children(recursive=True) == before
    assert names(home) == {"run"}


async def test_one_given_server_leaves_the_other_two_to_us(home: Path) -> None:
    async with Servers(home, Settings(postgres_url="postgresql://somewhere/")) as urls:
        assert urls.postgres == "postgresql://somewhere/"
        broker = await nats.connect(urls.nats)
        await broker.close()
    assert "postgres" not in names(home)


async def test_a_home_far_too_deep_for_a_socket_works_all_the_same(home: Path) -> None:
    deep = home / ("a" * 60) / ("b" * 60)
    async with Servers(deep, Settings()) as urls:
        await remember(urls, "deep")
        assert len(urls.redis) < 108


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has PostgreSQL run as somebody else")
async def test_a_home_nobody_else_may_enter_works_for_root(home: Path) -> None:
    close(home)
    async with Servers(home / "closed", Settings()) as urls:
        await remember(urls, "closed")
    assert mode(home) == 0o700, "no door was opened for it"


async def test_strangers_can_reach_neither_sockets_nor_secrets(home: Path) -> None:
    async with Servers(home, Settings()) as urls:
        for path in (home / "run/postgres", home / "run/redis", home / "secrets"):
            assert mode(path) == 0o700
        assert mode(home / "secrets" / "nats_token") == 0o600
        port = urls.nats.rpartition(":")[2]
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        writer.write(b"CONNECT {}\r\nPING\r\n")
        said = await reader.read()
        writer.close()
        await writer.wait_closed()
    assert b"Authorization Violation" in said
    assert b"PONG" not in said


def test_a_secret_is_made_once_and_then_stays(home: Path) -> None:
    first = secret(home, "internal_secret")
    assert secret(home, "internal_secret") == first
    assert len(first) >= 32


async def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    postgres = Postgres(home, settings={"shared_buffers": "plenty"})
    with pytest.raises(ServerFailed, match="shared_buffers"):
        await postgres.start()


async def test_events_and_commits_wait_for_the_disk(home: Path) -> None:
    async with Servers(home, Settings()) as urls:
        connection = await asyncpg.connect(urls.postgres, database="postgres")
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert await connection.fetchval("select current_setting($1)", name) == "on"
        assert await connection.fetchval("select current_setting('timezone')") == "UTC"
        await connection.close()
    assert "sync_interval: always" in read(home / "nats" / "nats.conf")


def test_traces_of_a_start_are_plain_json(home: Path) -> None:
    (home / "run").mkdir()
    (home / "run" / "redis.json").write_bytes(b"{ half a")
    assert Servers(home, Settings()).redis.traces() is None
    (home / "run" / "redis.json").write_bytes(msgspec.json.encode({"pid": 1, "created": 0.0}))
    assert Servers(home, Settings()).redis.leftover() is None, "process 1 was not born then"
