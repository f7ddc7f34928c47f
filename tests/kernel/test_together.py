"""Asking once for what several want at the same moment."""

import asyncio

import pytest

from souk.kernel.context import Call, acting, call, remaining_seconds, within
from souk.kernel.ids import new_id
from souk.kernel.refusals import DeadlineExceeded, Unavailable
from souk.kernel.together import Lookup, Together
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


async def held(**limits):
    """An oracle that is being asked and does not answer yet; who shares it, and who asked first."""
    oracle = Oracle()
    oracle.goes_on.clear()
    together = Together(oracle, **limits)
    first = asyncio.create_task(together("a"))
    await eventually(lambda: bool(oracle.asked))
    return oracle, together, first


async def test_those_of_one_moment_are_asked_for_once_and_each_hears_its_own():
    oracle = Oracle()
    together = Together(oracle)
    assert await asyncio.gather(*map(together, "abc")) == ["A", "B", "C"]
    assert await together("d") == "D"
    assert oracle.asked == [["a", "b", "c"], ["d"]]


async def test_whoever_comes_meanwhile_shares_the_next_turn():
    oracle, together, first = await held(at_once_max=2)
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


async def test_several_are_asked_for_in_nobodys_name_and_time_and_one_alone_in_its_own():
    seen = []

    async def look(keys):
        seen.append((call().trace_id, remaining_seconds()))
        return keys

    with acting(Call(trace_id="4" * 32, deadline=within(0.01))):
        await Together(look)("a")
        together = Together(look)
        await asyncio.gather(together("a"), together("b"))
    assert [(trace_id, seconds > 1) for trace_id, seconds in seen] == [
        ("4" * 32, False),
        ("", True),
    ]


async def test_whoever_waits_for_one_who_asks_alone_is_asked_for_when_that_one_is_gone():
    oracle, together, alone = await held()
    others = asyncio.gather(*map(together, "bc"))
    await asyncio.sleep(0)
    alone.cancel()
    oracle.goes_on.set()
    assert await others == ["B", "C"]
    assert oracle.asked == [["a"], ["b", "c"]]


async def test_who_has_no_time_left_waits_no_longer_and_the_others_go_on():
    oracle, together, first = await held()
    with acting(Call(deadline=within(0.01))), pytest.raises(DeadlineExceeded):
        await together("b")
    with acting(Call(deadline=within(0))), pytest.raises(DeadlineExceeded):
        await together("c")
    last = asyncio.create_task(together("d"))
    oracle.goes_on.set()
    assert (await first, await last) == ("A", "D")
    assert oracle.asked == [["a"], ["d"]]  # nor is anything asked for those who have left


async def test_everybody_gets_a_refusal_of_their_own_with_what_caused_it():
    met = Unavailable(service="database")

    async def refuse(_):
        raise met

    ends = await asyncio.gather(*map(Together(refuse), "abc"), return_exceptions=True)
    assert [(type(end), end.fields, end.__cause__) for end in ends] == [
        (Unavailable, met.fields, met)
    ] * 3
    assert len({id(end) for end in (*ends, met)}) == 4


async def test_a_turn_is_as_large_as_it_may_be_and_who_is_larger_has_one_alone():
    oracle = Oracle()
    together = Together(oracle, at_once_max=5, size=len)
    words = ["ab", "cde", "f", "ghijklm", "no"]
    assert await asyncio.gather(*map(together, words)) == [word.upper() for word in words]
    assert oracle.asked == [["ab", "cde"], ["f"], ["ghijklm"], ["no"]]


async def test_lookups_share_a_find_and_each_gets_its_rows_once_in_the_order_found():
    a, b, c, unknown = (new_id() for _ in range(4))
    asked = []

    async def find(ids):
        asked.append(ids)
        return [row for row in (c, a, b) if row in ids]

    lookup = Lookup(find, str, at_once_max=10)
    found = await asyncio.gather(
        lookup([a, c]), lookup([b, a, b]), lookup([unknown]), lookup(["no id", b]), lookup([])
    )
    assert found == [(c, a), (a, b), (), (b,), ()]
    assert asked == [[a, c, b, unknown]]
