"""So many events, told by 64 writers whose transactions take up to two seconds, amid deaths."""

from __future__ import annotations

import asyncio
from collections import Counter
from random import Random

from souk.kernel.clock import monotonic
from souk.kernel.database import Database, Transaction
from souk.kernel.refusals import Unavailable
from tests.faults.thousands.found import Found
from tests.faults.thousands.street import ThingMoved, street
from tests.support.servers import Desk

WRITERS, WORKERS = 64, 2
THINGS, THINGS_EACH, STEPS_EACH = 2000, 5, 5  # of one transaction
TRANSACTION_SECONDS_MAX = 2.0
REGRETS = 0.1  # the share of transactions that end with an error
QUIET_SECONDS_MAX = 90.0  # without any effect, then what has none is lost
LOOK_SECONDS = 0.5
MOVE = "update things set place = place + $2 where name = $1 returning place"
HEARD = "select count(*) from heard"


class Regret(Exception):  # noqa: N818 - a writer who thinks better of it
    pass


class Writers:
    """What they committed, as they remember it."""

    def __init__(self, database: Database, *, count: int, seed: int) -> None:
        self.told: set[tuple[str, int]] = set()
        self._database, self._left = database, count
        self._chance = Random(seed)

    async def write(self) -> None:
        """Until enough has been told."""
        while self._left > 0:
            steps = min(THINGS_EACH * STEPS_EACH, self._left)
            self._left -= steps
            regrets = self._chance.random() < REGRETS
            try:
                async with self._database.transaction() as tx:
                    moves = await self._move(tx, steps)
                    if regrets:
                        raise Regret
            except (Regret, Unavailable):  # or somebody else had a thing for too long
                self._left += steps
            else:
                self.told |= moves

    async def _move(self, tx: Transaction, steps: int) -> set[tuple[str, int]]:
        """Things are locked in order of their names, so that nobody waits in a circle."""
        pause = self._chance.uniform(0, TRANSACTION_SECONDS_MAX) / 2
        things = sorted(self._chance.sample(range(THINGS), -(-steps // STEPS_EACH)))
        moves: list[tuple[str, int]] = []
        await tx.fetchval("select 1")  # from here on it is a transaction
        await asyncio.sleep(pause)
        for thing in things:
            name, far = str(thing), min(STEPS_EACH, steps - len(moves))
            place = await tx.fetchval(MOVE, name, far)
            moves += [(name, each) for each in range(place - far + 1, place + 1)]
        tx.publish(*(ThingMoved(thing=name, place=place) for name, place in moves))
        await asyncio.sleep(pause)
        return set(moves)


async def events(servers: Desk, *, count: int, seed: int = 1, sabotage: str = "") -> Found:
    began = monotonic()
    async with street(servers, workers=WORKERS, seed=seed, sabotage=sabotage) as place:
        database = place.database
        await database.execute(
            "insert into things (name) select generate_series(0, $1 - 1)::text", THINGS
        )
        writers = Writers(database, count=count, seed=seed)
        await asyncio.gather(*(writers.write() for _ in range(WRITERS)))
        told_seconds = monotonic() - began
        place.is_harmed = False
        await _heard_out(database, count)
        rows = await database.fetch("select thing, place from heard order by seq")
        parked = await database.fetchval("select count(*) from dead_letters")
    heard = [(row["thing"], row["place"]) for row in rows]
    found = Found(
        name="no event lost, invented or taken twice, and each after the one before it",
        figure=f"{len(writers.told)} told by {WRITERS} writers in {told_seconds:.0f} s, seed "
        f"{seed}, {place.deaths} deaths of {WORKERS} processes: {len(heard)} effects",
        seconds=monotonic() - began,
    )
    found.must(len(writers.told) == count, f"{count} were to be told")
    found.none("lost", writers.told - set(heard))
    found.none("invented", set(heard) - writers.told)
    found.none("taken twice", [move for move, times in Counter(heard).items() if times > 1])
    found.none("out of order", out_of_order(heard))
    found.must(not parked, f"{parked} parked")
    found.must(place.deaths > 0, "nobody died")
    return found


def out_of_order(heard: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Moves that took effect before one they should follow."""
    at: dict[str, int] = {}
    early = []
    for thing, place in heard:
        if place > at.get(thing, 0) + 1:
            early.append((thing, place))
        at[thing] = max(place, at.get(thing, 0))
    return early


async def _heard_out(database: Database, count: int) -> None:
    """Until there are enough effects, or no new one comes for long; then what comes too much."""
    seen, quiet_since = -1, monotonic()
    while monotonic() - quiet_since < QUIET_SECONDS_MAX:
        there = await database.fetchval(HEARD)
        if there != seen:
            seen, quiet_since = there, monotonic()
        if there >= count:
            break
        await asyncio.sleep(LOOK_SECONDS)
    await asyncio.sleep(2 * LOOK_SECONDS)
