"""A crash at every point there is, alone and several in a row; then the right end, each time.

The points are not listed anywhere: each trip is made once in peace, and every failpoint that the
worker reached while it lasted is one to die at, and so is every commit of the databases that hold
orders, stock, coupons, money and carts. A new step is in the sweep by being written.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
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

    points: int = 0  # each alone
    pairs: int = 0
    twice: int = 0  # of the pairs: died again while it found the first crash
    peaceful: int = 0  # of the pairs: found the first crash, and nothing to die at
    trips: int = 0
    deaths: int = 0
    unreached: list[str] = []
    wrong: list[str] = []
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.points} points alone; {self.pairs} pairs, {self.twice} of them with two "
            f"deaths, {self.peaceful} with nothing to die at a second time; {self.trips} trips, "
            f"{self.deaths} deaths, {len(self.unreached)} not reached, "
            f"{len(self.wrong)} wrong ends, {self.seconds:.0f} s"
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

    async def _explore(self, kinds: Iterator[type[Trip]]) -> dict[type[Trip], list[Point]]:
        """Each trip in peace: its end is what is right, what it reaches is where to die."""
        first = await self._make(Buys)  # what a young process does once is over
        await first.settle(calm_seconds=CALM_SECONDS)
        found = {}
        for kind in kinds:
            trip = await self._make(kind)
            trip.expected = self.expected[kind] = await trip.settle(calm_seconds=CALM_SECONDS)
            found[kind] = _points(kind, await self.place.life.counts())
        return found

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

    async def one_by_one(self, points: Iterable[Point]) -> None:
        """The worker that finds the last crash is the one that dies next."""
        begun = monotonic()
        for point in points:
            died, _ = await self._crash([point])
            self.tally.points += 1
            if not died:
                self.tally.unreached.append(str(point))
        await self._finish(begun)

    async def in_a_row(self, chains: Iterable[Sequence[Point]]) -> None:
        """The worker that finds the first crash dies at the second point, and so on."""
        begun = monotonic()
        for chain in chains:
            await self._chain(chain)
        await self._finish(begun)

    async def _chain(self, chain: Sequence[Point]) -> None:
        """Each pair of neighbours; one that is not met in the chain is tried again from there."""
        while len(chain) > 1:
            died, is_right = await self._crash(chain)
            if not is_right and len(chain) > 2:
                for pair in pairwise(chain):  # which of them it is
                    await self._chain(pair)
                return
            done = max(died - 1, 1)
            self.tally.pairs += done
            if died >= 2:
                self.tally.twice += done
            elif died:
                self.tally.peaceful += 1
            else:
                self.tally.unreached.append(str(chain[0]))
            chain = chain[done:]

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

    async def _crash(self, points: Sequence[Point]) -> tuple[int, bool]:
        """At how many of them, one after the other, it died; and whether its end was right."""
        trip = points[0].trip(self.place)
        trip.expected, trip.deaths = self.expected[points[0].trip], len(points)
        self._made.append(trip)
        self.tally.trips += 1
        await self.place.opens()
        await trip.prepare()
        try:
            await self.place.life.arm(points[0].armed)
        except LifeEnded as end:  # what the last crash left was finished by this one's point
            raise AssertionError(f"{points[0]}: {end}") from end
        going = asyncio.create_task(_whole(trip))
        died = await self._deaths(going, points)
        self.died_at.update(point.name for point in points[:died])
        wrong = ""
        try:
            await going
        except AssertionError as error:
            wrong = f"{', then '.join(map(str, points))}: {error}"
            self.tally.wrong.append(wrong)
        try:
            await self.place.life.arm("")
        except LifeEnded:  # as soon as all was well
            await self.place.reborn()
        return died, not wrong

    async def _deaths(self, going: asyncio.Task[None], points: Sequence[Point]) -> int:
        """Before the trip is over; the worker that comes after all of them is not armed."""
        for died, point in enumerate(points):
            begins = not died or await self.place.begins(point.armed)
            if begins and not await self._dies(going):
                return died
        await self.place.reborn()
        return len(points)

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


async def explore(sweeps: Sequence[Sweep], kinds: Iterable[type[Trip]] = TRIPS) -> None:
    """At whichever is free: a trip in peace ends the same everywhere."""
    kinds = tuple(kinds)
    waiting = iter(kinds)
    found: dict[type[Trip], list[Point]] = {}
    expected: dict[type[Trip], Any] = {}
    for part in await asyncio.gather(*(one._explore(waiting) for one in sweeps)):
        found |= part
    for one in sweeps:
        expected |= one.expected
    for one in sweeps:
        one.expected, one.points = expected, [point for kind in kinds for point in found[kind]]


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
