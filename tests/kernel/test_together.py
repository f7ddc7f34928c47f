"""Asking once for what several want at the same moment."""

import asyncio

import pytest

from souk.kernel.context import Call, acting, call, remaining_seconds, within
from souk.kernel.together import Together
from tests.support.waiting import eventually


class Oracle:
    def __init__(self):
        self.asked = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, keys):
        self.asked.append(list(keys))
        await self.goes_on.wait()
        if "bad" in keys:
            raise ValueError("bad")
        return [key.upper() for key in keys]


async def test_those_of_one_moment_are_asked_for_once_and_each_hears_its_own():
    oracle = Oracle()
    together = Together(oracle)
    assert await asyncio.gather(*map(together, "abc")) == ["A", "B", "C"]
    assert await together("d") == "D"
    assert oracle.asked == [["a", "b", "c"], ["d"]]


async def test_whoever_comes_meanwhile_shares_the_next_turn():
    oracle = Oracle()
    oracle.goes_on.clear()
    together = Together(oracle, at_once_max=2)
    first = asyncio.create_task(together("a"))
    await eventually(lambda: bool(oracle.asked))
    others = asyncio.gather(*map(together, "bcd"))
    await asyncio.sleep(0)
    oracle.goes_on.set()
    assert (await first, await others) == ("A", ["B", "C", "D"])
    assert oracle.asked == [["a"], ["b", "c"], ["d"]]


async def test_a_failure_is_everybodys_who_shared_it_and_nobody_elses():
    oracle = Oracle()
    together = Together(oracle)
    ends = await asyncio.gather(*map(together, ["a", "bad"]), return_exceptions=True)
    assert [type(end) for end in ends] == [ValueError, ValueError]
    assert await together("a") == "A"


async def test_one_who_leaves_takes_nothing_from_the_others():
    oracle = Oracle()
    oracle.goes_on.clear()
    together = Together(oracle)
    leaving, staying = (asyncio.create_task(together(key)) for key in "ab")
    await eventually(lambda: bool(oracle.asked))
    leaving.cancel()
    oracle.goes_on.set()
    assert await staying == "B"
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_it_is_asked_in_nobodys_name_and_time():
    seen = []

    async def look(keys):
        seen.append((call().trace_id, remaining_seconds()))
        return keys

    with acting(Call(trace_id="4" * 32, deadline=within(0.01))):
        await Together(look)("a")
    ((trace_id, seconds),) = seen
    assert (trace_id, seconds > 1) == ("", True)
