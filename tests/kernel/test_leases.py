"""A lease is one owner's at a time, and a dead owner's nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.kernel.leases import Lease, LeaseLost

MakeDatabase = Callable[[str], Awaitable[Database]]


@pytest.fixture
async def database(database_of: MakeDatabase) -> Database:
    return await database_of("kernel_only")


async def test_of_many_who_claim_at_once_one_gets_it(database: Database):
    leases = [Lease(database, "x") for _ in range(20)]

    claimed = await asyncio.gather(*(lease.claim() for lease in leases))

    assert sorted(claimed) == [False] * 19 + [True]


async def test_another_name_is_another_lease(database: Database):
    assert await Lease(database, "x").claim()
    assert await Lease(database, "y").claim()


async def test_an_owner_that_dies_loses_it_by_itself(database: Database):
    dead, heir = Lease(database, "x", seconds=0.3), Lease(database, "x")
    begun = monotonic()
    assert await dead.claim()

    async with asyncio.timeout(30):
        while not await heir.claim():
            assert await heir.seconds_left() <= 0.3
            await asyncio.sleep(0.02)

    assert monotonic() - begun >= 0.25
    with pytest.raises(LeaseLost):
        await dead.renew()


async def test_an_owner_that_renews_keeps_it(database: Database):
    owner, other = Lease(database, "x", seconds=0.4), Lease(database, "x")
    assert await owner.claim()

    for _ in range(6):
        await asyncio.sleep(owner.renewal_seconds)
        await owner.renew()
        assert not await other.claim(early=True)


async def test_what_was_released_is_claimed_when_it_is_due(database: Database):
    first, second = Lease(database, "x"), Lease(database, "x")
    assert await first.claim()
    await first.release(due_seconds=60)

    assert not await second.claim()
    assert 55 < await second.seconds_left() <= 60
    assert await second.claim(early=True)


async def test_only_the_owner_releases_it(database: Database):
    owner, other = Lease(database, "x"), Lease(database, "x")
    assert await owner.claim()

    await other.release(due_seconds=0)

    assert not await other.claim()


async def test_an_owner_that_cannot_renew_gives_up_in_time(database: Database):
    owner = Lease(database, "x", seconds=1.5)
    assert await owner.claim()
    await database.close()

    async def renew_until_lost() -> None:
        while True:
            await owner.renew()
            await asyncio.sleep(owner.renewal_seconds)

    begun = monotonic()
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(renew_until_lost(), 30)

    assert monotonic() - begun < 1.5
