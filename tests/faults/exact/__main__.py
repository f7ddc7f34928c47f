"""`python -m tests.faults.exact`: the sweep at any length, with its figures."""

from __future__ import annotations

import argparse
import asyncio
import sys

from tests.faults.exact.bazaar import bazaar
from tests.faults.exact.sweep import Sweep
from tests.support.servers import of_this_checkout


async def sweep(*, full: bool, pairs: int, seed: int) -> int:
    """Prints what it came to; the exit status."""
    async with of_this_checkout().desk() as desk, bazaar(desk) as place:
        going = Sweep(place)
        await going.explore()
        points = going.points if full else going.each_name()
        both = going.each_pair() if full else going.pairs(pairs, seed=seed)
        print(f"{len(points)} points, {len(both)} pairs, seed {seed}")
        await going.one_by_one(points)
        print(f"one by one: {going.tally}")
        await going.two_by_two(both)
        print(f"and in pairs: {going.tally}")
        missed = {point.name for point in going.each_name()} - going.died_at
        for line in (*going.tally.unreached, *going.tally.wrong):
            print(f"  {line}")
        print(f"never died at: {', '.join(sorted(missed)) or 'none'}")
        return 1 if going.tally.wrong or missed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.exact")
    parser.add_argument("--full", action="store_true", help="all points and all pairs: hours")
    parser.add_argument("--pairs", type=int, default=100, help="how many pairs, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    return asyncio.run(sweep(full=given.full, pairs=given.pairs, seed=given.seed))


if __name__ == "__main__":
    sys.exit(main())
