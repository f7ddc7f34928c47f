"""The bench as somebody runs it: what it refuses, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.__main__ import main
from bench.results import chosen
from bench.stage import NotPossible, new_home

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 120
SHORT = ("--runs", "1", "--seconds", "0.5", "--warm", "0.1", "--idle", "0")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that PostgreSQL can reach, whoever it runs as."""
    folder = Path(tempfile.mkdtemp(prefix="souk-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def left_behind(folder: Path) -> list[str]:
    """Processes that work in this folder still."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        told = [*(process.info["cmdline"] or ()), *(process.info["environ"] or {}).values()]
        if any(str(folder) in text for text in told):
            found.append(" ".join(process.info["cmdline"] or ()))
    return found


async def bench(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench", "--results", str(folder / "results.jsonl"), "run"),
        *arguments,
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "nothing"], "there is no scenario 'nothing'; there are list, category"),
        (["--only", "list,"], "there is no scenario ''"),
        (["--workers", "0"], "0 is not between 1 and 32"),
        (["--workers", "two"], "'two' is no number"),
        (["--products", "1e9"], "1e9 is not between 100 and 2,000,000"),
        (["--runs", "1.5"], "1.5 is no whole number"),
        (["--port", "99999"], "99999 is not between 1 and 65,535"),
    ],
)
def test_a_wrong_option_is_told_before_anything_starts(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_what_would_take_too_long_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--seconds", "60", "--runs", "20"]) == 1
    assert "at most 1800 are allowed" in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert main(["run", "--only", "list", "--port", port]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"bench: port {port} is taken")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_told_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotPossible, match=r"1,000,000,000 products need 5,0.* GB in .* are free"):
        new_home(10**9, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


async def test_a_short_run_finds_figures_and_leaves_only_them(place: Path) -> None:
    process = await bench(
        place, "--only", "detail,category-deep,page-product", "--products", "400", *SHORT
    )
    said, _ = await asyncio.wait_for(process.communicate(), START_SECONDS_MAX)
    assert process.returncode == 0, said.decode()
    record = chosen("-1", place / "results.jsonl")
    result = record.results[0]
    wanted = ["category-deep", "detail", "page-product"]
    assert [figure.name for figure in result.figures] == wanted
    for figure in result.figures:
        assert (figure.per_second > 0, figure.errors) == (True, 0), said.decode()
    # The bare server has been held against Souk, answer by answer, before it was measured.
    assert result.limits["detail"].postgres_per_second > 0
    assert (result.figures[1].of_bare or 0) > 0
    # A page and all that it makes a browser load.
    assert record.page_bytes.keys() == {"HTML", "CSS", "JS"}
    assert 5_000 < sum(record.page_bytes.values()) < 60_000
    assert left_behind(place) == []
    assert names_in(place) == ["results.jsonl"]


async def test_a_run_that_is_stopped_leaves_nothing(place: Path) -> None:
    process = await bench(place, "--only", "list", *SHORT)
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS_MAX):
        while b"products in" not in await process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        said = await process.stdout.read()
        assert await process.wait() == 130, said.decode()
    assert said.decode().endswith("bench: stopped; nothing was kept\n")
    assert left_behind(place) == []
    assert names_in(place) == []
