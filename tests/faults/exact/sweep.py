"""A crash at every point there is, one at a time and two in a row; then the right end, each time.

The points are not listed anywhere: each trip is made once in peace, and every failpoint that the
worker reached while it lasted is one to die at, and so is every commit of the databases that hold
orders, stock, coupons, money and carts. A new step is in the sweep by being written.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from souk.kernel.clock import monotonic
from tests.faults.exact.bazaar import STOCK, Bazaar
from tests.faults.exact.books import unbalanced
from tests.faults.exact.lives import LifeEnded
from tests.faults.exact.trips import TRIPS, Buys, Trip

CALM_SECONDS = 1.2


class Point(Struct, frozen=True):
    """A failpoint on a trip, at its Nth time."""

    trip: type[Trip]
    name: str
    time: int = 1

    @property
    def is_commit(self) -> bool:
        """Found by its number: another transaction may take its turn."""
        return self.name.startswith("database.")

    @property
    def armed(self) -> str:
        return f"{self.name}=exit@{self.time}"

    def __str__(self) -> str:
        return f"{self.trip.__name__} {self.name}@{self.time}"


class Tally(Struct):
    """What a sweep came to."""

    points: int = 0
    twice: int = 0  # died again while it found the first crash
    deaths: int = 0
    unreached: list[str] = []
    wrong: list[str] = []
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.points} crashes asked for, {self.twice} of them in two; {self.deaths} deaths, "
            f"{len(self.unreached)} not reached, {len(self.wrong)} wrong ends, "
            f"{self.seconds:.0f} s"
        )


class Sweep:
    """Crashes trips at a bazaar, and looks at all of them again in the end."""

    def __init__(self, place: Bazaar) -> None:
        self.place = place
        self.expected: dict[type[Trip], Any] = {}
        self.points: list[Point] = []
        self.tally = Tally()
        self.died_at: set[str] = set()
        self._made: list[Trip] = []

    async def explore(self, kinds: Iterable[type[Trip]] = TRIPS) -> None:
        """Each trip in peace: its end is what is right, what it reaches is where to die."""
        await self._make(Buys)  # what a young process does once is over
        for kind in kinds:
            trip = await self._make(kind)
            trip.expected = self.expected[kind] = await trip.settle(calm_seconds=CALM_SECONDS)
            self.points += _points(kind, await self.place.life.counts())

    async def _make(self, kind: type[Trip]) -> Trip:
        trip = kind(self.place)
        self._made.append(trip)
        await trip.prepare()
        await self.place.life.counts()
        await trip.act()
        return trip

    def each_name(self) -> list[Point]:
        """Every failpoint once, on the first trip that reaches it."""
        return list({point.name: point for point in reversed(self._named())}.values())[::-1]

    async def one_by_one(self, points: Sequence[Point]) -> None:
        """The worker that finds the last crash is the one that dies next."""
        begun = monotonic()
        for point in points:
            await self._crash(point)
        await self._finish(begun)

    async def two_by_two(self, pairs: Sequence[tuple[Point, Point]]) -> None:
        """The worker that finds the first crash dies at the second point."""
        begun = monotonic()
        for first, second in pairs:
            await self._crash(first, second)
        await self._finish(begun)

    def each_pair(self) -> list[tuple[Point, Point]]:
        """Two failpoints of one trip, the second not before the first; each two once."""
        named = self._named()
        pairs = {
            (first.name, second.name): (first, second)
            for index, first in enumerate(named)
            for second in named[index:]
            if second.trip is first.trip
        }
        return list(pairs.values())

    def pairs(self, count: int, *, seed: int) -> list[tuple[Point, Point]]:
        every = self.each_pair()
        return random.Random(seed).sample(every, min(count, len(every)))

    def _named(self) -> list[Point]:
        return [point for point in self.points if not point.is_commit]

    async def _crash(self, point: Point, then: Point | None = None) -> None:
        trip = point.trip(self.place)
        trip.expected = self.expected[point.trip]
        self._made.append(trip)
        self.tally.points += 1
        await trip.prepare()
        try:
            await self.place.life.arm(point.armed)
        except LifeEnded as end:  # what the last crash left was finished by this one's point
            raise AssertionError(f"{point}: {end}") from end
        going = asyncio.create_task(_whole(trip))
        died = await self._dies(going)
        if died:
            self.died_at.add(point.name)
            await self.place.reborn(then.armed if then else "")
            if then and await self._dies(going):
                self.tally.twice += 1
                await self.place.reborn()
        try:
            await going
        except AssertionError as wrong:
            self.tally.wrong.append(f"{point} then {then}: {wrong}")
        if self.place.life.ended.done():  # as soon as all was well
            await self.place.reborn()
        elif not died or then:
            await self.place.life.kill()  # it is armed still
            await self.place.reborn()
        if not died:
            self.tally.unreached.append(str(point))

    async def _dies(self, going: asyncio.Task[None]) -> bool:
        """Whether the worker dies before the trip is over."""
        ending = asyncio.create_task(self.place.until_ended())
        await asyncio.wait((going, ending), return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            await ending
            return True
        ending.cancel()
        return False

    async def _finish(self, begun: float) -> None:
        """What was right once must be so when everything has come to rest."""
        await asyncio.sleep(CALM_SECONDS)
        for trip in self._made:
            try:
                await trip.settle()
            except AssertionError as wrong:
                self.tally.wrong.append(f"in the end, {trip}: {wrong}")
        sold = sum(trip.sold for trip in self._made)
        self.tally.wrong += await unbalanced(self.place, on_hand=STOCK - sold)
        self.tally.deaths = self.place.deaths
        self.tally.seconds = monotonic() - begun


async def _whole(trip: Trip) -> None:
    await trip.act()
    await trip.settle()


def _points(kind: type[Trip], reached: dict[str, int]) -> list[Point]:
    named = [Point(kind, name) for name in reached if not name.startswith("database.")]
    commits = [
        Point(kind, name, time)
        for name, times in reached.items()
        if name.endswith(".commit.after")
        for time in range(1, times + 1)
    ]
    return named + commits
