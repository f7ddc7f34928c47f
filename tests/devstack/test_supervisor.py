"""Souk's own processes are started, healed and ended in order."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from souk.devstack.supervisor import ProcessFailed, Program, Supervisor
from tests.devstack.watching import lives, running
from tests.support.waiting import eventually

SUPERVISING = """
import asyncio, sys
from souk.devstack.supervisor import Program, Supervisor

async def main():
    program = Program(name="one", environment={"FOLDER": sys.argv[1]}, module=sys.argv[2])
    async with Supervisor([program], grace_seconds=5) as supervisor:
        print(supervisor.pids["one"], flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
OBEDIENT = "tests.devstack.obedient"


def program(name: str, folder: Path, mood: str = "") -> Program:
    return Program(name=name, environment={"FOLDER": str(folder), "MOOD": mood}, module=OBEDIENT)


def started(folder: Path) -> int:
    return len(list(folder.glob("*.pid")))


async def test_programs_run_inside_and_are_gone_after(tmp_path: Path) -> None:
    programs = [program("one", tmp_path), program("two", tmp_path)]
    async with Supervisor(programs, grace_seconds=5) as supervisor:
        pids = supervisor.pids
        assert set(pids) == {"one", "two"}
        assert all(map(lives, pids.values()))
    assert not any(map(lives, pids.values()))
    assert started(tmp_path) == 2


async def test_a_killed_program_is_back_within_two_seconds(tmp_path: Path) -> None:
    told: list[str] = []
    async with Supervisor([program("one", tmp_path)], grace_seconds=5, tell=told.append) as kept:
        first = kept.pids["one"]
        began = time.perf_counter()
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: kept.pids.get("one", first) != first)
        assert time.perf_counter() - began < 2
    assert told == ["one ended by itself (exit -9): starting again"]


async def test_a_program_that_cannot_start_fails_the_start_and_leaves_none_behind(
    tmp_path: Path,
) -> None:
    programs = [program("good", tmp_path), program("bad", tmp_path, "broken")]
    supervisor = Supervisor(programs, grace_seconds=5)
    with pytest.raises(ProcessFailed, match=r"bad ended before it was ready \(exit 3\)"):
        await supervisor.__aenter__()
    assert supervisor.pids == {}


async def test_a_program_that_does_not_listen_is_ended_after_its_grace(tmp_path: Path) -> None:
    told: list[str] = []
    stubborn = program("deaf", tmp_path, "stubborn")
    async with Supervisor([stubborn], grace_seconds=0.3, tell=told.append) as supervisor:
        pid = supervisor.pids["deaf"]
    assert not lives(pid)
    assert told == ["deaf did not finish in time: ended"]


async def test_programs_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    with running("-c", SUPERVISING, str(tmp_path), OBEDIENT) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        supervisor.kill()
        await eventually(lambda: not lives(pid))
    assert (tmp_path / "orphaned").exists()
