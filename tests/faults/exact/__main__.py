"""`python -m tests.faults.exact`: the sweep at any length, with its figures."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import AsyncExitStack

from tests.faults.exact.bazaar import bazaar
from tests.faults.exact.sweep import Sweep
from tests.faults.tool import above_zero, from_zero, run
from tests.support.servers import of_this_checkout


async def sweep(given: argparse.Namespace) -> int:
    """Prints what it came to; the exit status."""
    number, of = given.piece
    async with AsyncExitStack() as stack:
        going = []
        for _ in range(given.lanes):
            desk = await stack.enter_async_context(of_this_checkout().desk())
            going.append(Sweep(await stack.enter_async_context(bazaar(desk))))
        await asyncio.gather(*(one.explore() for one in going))
        first = going[0]
        points = (first.points if given.full else first.each_name())[number - 1 :: of]
        both = first.each_pair() if given.full else first.pairs(given.pairs, seed=given.seed)
        both = both[number - 1 :: of]
        print(f"piece {number} of {of}: {len(points)} points, {len(both)} pairs, seed {given.seed}")
        lanes = list(enumerate(going))
        await asyncio.gather(*(one.one_by_one(points[n :: len(going)]) for n, one in lanes))
        await asyncio.gather(*(one.two_by_two(both[n :: len(going)]) for n, one in lanes))
    for one in going:
        print(one.tally)
        for line in (*one.tally.unreached, *one.tally.wrong):
            print(f"  {line}")
    missed = {point.name for point in points} - set().union(*(one.died_at for one in going))
    print(f"never died at: {', '.join(sorted(missed)) or 'none'}")
    return 1 if missed or any(one.tally.wrong for one in going) else 0


def piece(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 0 < int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is no piece; the second of four is 2/4")
    return int(number), int(of)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.faults.exact")
    parser.add_argument("--full", action="store_true", help="all points and all pairs: hours")
    parser.add_argument("--pairs", type=from_zero(int), default=100, help="drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--piece", type=piece, default=(1, 1), metavar="N/M", help="a part of it")
    parser.add_argument("--lanes", type=above_zero(int), default=2, help="so many Souks at once")
    return asyncio.run(sweep(parser.parse_args(arguments)))


if __name__ == "__main__":
    run(main)
