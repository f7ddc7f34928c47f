"""`python -m tests.faults.exact`: the sweep at any length, with its figures."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from zlib import crc32

from souk.kernel.clock import monotonic
from tests.faults.exact.bazaar import bazaar
from tests.faults.exact.chains import chains
from tests.faults.exact.sweep import Sweep, explore
from tests.faults.exact.trips import TRIPS, Trip
from tests.faults.tool import above_zero, from_zero, run
from tests.support.servers import of_this_checkout

TELL_SECONDS = 60


async def sweep(given: argparse.Namespace) -> int:
    """Prints what it came to; the exit status."""
    number, of = given.piece
    async with AsyncExitStack() as stack:
        going = []
        for _ in range(given.lanes):
            desk = await stack.enter_async_context(of_this_checkout().desk())
            going.append(Sweep(await stack.enter_async_context(bazaar(desk))))
        await explore(going, given.trips)
        first = going[0]
        every = first.points if given.full else first.each_name()
        points = [point for point in every if number == piece_of(of, str(point))]
        both = first.each_pair() if given.full else first.pairs(given.pairs, seed=given.seed)
        rows = chains(pair for pair in both if number == piece_of(of, *map(str, pair)))
        pairs = sum(len(row) - 1 for row in rows)
        print(
            f"piece {number} of {of}: {len(points)} of {len(every)} points, "
            f"{pairs} of {len(both)} pairs in {len(rows)} chains, seed {given.seed}",
            flush=True,
        )
        telling = asyncio.create_task(tell(going, len(points) + pairs))
        alone, in_a_row = iter(points), iter(rows)  # each lane takes the next
        await asyncio.gather(*(one.one_by_one(alone) for one in going))
        await asyncio.gather(*(one.in_a_row(in_a_row) for one in going))
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
    # In a part, a commit's number may be another's; and one seen once was of a job that came by.
    seen = Counter(point.name for point in first.points)
    is_all = of == 1 and given.trips == TRIPS
    met = {name for name, times in seen.items() if is_all and times > 1}
    return told(going, {point.name for point in points if not point.is_commit or point.name in met})


async def tell(going: Sequence[Sweep], of: int) -> None:
    """How far it is, for who stops it before its end."""
    begun = monotonic()
    while True:
        await asyncio.sleep(TELL_SECONDS)
        done = sum(one.tally.points + one.tally.pairs for one in going)
        wrong = [line for one in going for line in one.tally.wrong]
        print(f"{monotonic() - begun:.0f} s: {done} of {of}, {len(wrong)} wrong", flush=True)


def told(going: Sequence[Sweep], names: set[str]) -> int:
    for one in going:
        print(one.tally)
        for line in (*one.tally.unreached, *one.tally.wrong):
            print(f"  {line}")
    twice, pairs = (sum(getattr(one.tally, n) for one in going) for n in ("twice", "pairs"))
    peaceful = sum(one.tally.peaceful for one in going)
    print(f"{pairs} pairs: {twice} with two deaths, {peaceful} with nothing to die at again")
    missed = names - set().union(*(one.died_at for one in going))
    print(f"never died at: {', '.join(sorted(missed)) or 'none'}")
    return 1 if missed or any(one.tally.wrong for one in going) else 0


def piece_of(of: int, *points: str) -> int:
    """The same in every run, whichever of two that are reached at once comes first in it."""
    return crc32(" ".join(sorted(points)).encode()) % of + 1


def trips(text: str) -> tuple[type[Trip], ...]:
    by_name = {kind.__name__: kind for kind in TRIPS}
    if unknown := set(text.split(",")) - set(by_name):
        known = ", ".join(by_name)
        raise argparse.ArgumentTypeError(f"no trip {', '.join(sorted(unknown))}; there are {known}")
    return tuple(by_name[name] for name in text.split(","))


def piece(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 0 < int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text!r} is no piece; the second of four is 2/4")
    return int(number), int(of)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.faults.exact")
    parser.add_argument("--full", action="store_true", help="all points and all pairs")
    parser.add_argument("--pairs", type=from_zero(int), default=100, help="drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--piece", type=piece, default=(1, 1), metavar="N/M", help="a part of it")
    parser.add_argument("--trips", type=trips, default=TRIPS, help="some of them: Buys,IsSent")
    parser.add_argument("--lanes", type=above_zero(int), default=4, help="so many Souks at once")
    return asyncio.run(sweep(parser.parse_args(arguments)))


if __name__ == "__main__":
    run(main)
