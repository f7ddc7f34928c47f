"""A failpoint does nothing until it is armed, and then exactly what it was told."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest

from souk.kernel import failpoints
from souk.kernel.clock import monotonic
from souk.kernel.failpoints import EXIT_STATUS, FailpointError, arm, armed, disarm, known, reach


@pytest.fixture(autouse=True)
def all_disarmed() -> Iterator[None]:
    yield
    disarm()


async def test_reaching_one_that_is_not_armed_is_only_noted():
    await reach("test.quiet")

    assert "test.quiet" in known()


async def test_an_armed_error_is_raised_every_time_until_it_is_disarmed():
    arm("test.loud", "error")

    for _ in range(3):
        with pytest.raises(FailpointError, match=r"test\.loud"):
            await reach("test.loud")

    disarm("test.loud")
    await reach("test.loud")


async def test_an_error_can_be_armed_for_the_first_times_only():
    arm("test.twice", "error*2")

    for _ in range(2):
        with pytest.raises(FailpointError):
            await reach("test.twice")

    await reach("test.twice")


async def test_an_error_can_be_armed_from_the_third_time_on():
    arm("test.later", "error@3")

    for _ in range(2):
        await reach("test.later")
    for _ in range(2):
        with pytest.raises(FailpointError):
            await reach("test.later")


async def test_it_is_counted_how_often_each_was_reached():
    for _ in range(3):
        await reach("test.counted")

    assert failpoints.counts()["test.counted"] == 3


async def test_sleeping_lets_others_work():
    seen: list[str] = []
    with armed("test.slow", "sleep:0.05"):
        begun = monotonic()
        await asyncio.gather(reach("test.slow"), other(seen))

    assert monotonic() - begun >= 0.05
    assert seen == ["worked"]


async def other(seen: list[str]) -> None:
    seen.append("worked")


async def test_arming_ends_with_its_block():
    with armed("test.block", "error"), pytest.raises(FailpointError):
        await reach("test.block")

    await reach("test.block")


@pytest.mark.parametrize(
    "action",
    ["", "explode", "sleep", "sleep:soon", "exit:5", "error*", "error*0", "error*x", "exit@0"],
)
def test_an_action_that_does_not_exist_is_refused(action: str):
    with pytest.raises(ValueError, match="is no failpoint action"):
        arm("test.name", action)


def test_a_list_that_cannot_be_read_names_its_wrong_part():
    with pytest.raises(ValueError, match="'nonsense' is not name=action"):
        failpoints.arm_from("test.a=error, nonsense")


@pytest.mark.parametrize(
    ("value", "status"),
    [("test.end=exit", EXIT_STATUS), ("test.other=exit, test.end=sleep:0.01", 0), ("", 0)],
)
async def test_a_process_is_armed_by_its_environment(value: str, status: int):
    code = "import asyncio, souk.kernel.failpoints as f; asyncio.run(f.reach('test.end'))"

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), env={**os.environ, "SOUK_FAILPOINTS": value}
    )

    assert await process.wait() == status


async def test_a_process_armed_with_nonsense_does_not_start():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "import souk.kernel.failpoints"),
        env={**os.environ, "SOUK_FAILPOINTS": "test.end=explode"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()

    assert process.returncode == 1
    assert b"'explode' is no failpoint action" in said
