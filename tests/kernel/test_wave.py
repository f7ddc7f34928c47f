"""Going on together."""

import asyncio

from souk.kernel.wave import Wave


async def test_those_of_one_moment_go_on_together_and_later_ones_with_the_next():
    wave = Wave(0.01)
    gone = []

    async def go(name):
        await wave()
        gone.append(name)

    first, second = asyncio.create_task(go("a")), asyncio.create_task(go("b"))
    await asyncio.sleep(0)
    assert gone == []
    await asyncio.wait({first, second})
    assert gone == ["a", "b"]
    await go("c")
    assert gone == ["a", "b", "c"]


async def test_one_who_leaves_holds_nobody_up():
    wave = Wave(0.01)
    leaving, staying = (asyncio.create_task(wave()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await staying
    assert leaving.cancelled()
