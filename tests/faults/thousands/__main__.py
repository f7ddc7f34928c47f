"""Counts promises by the thousand.

    python -m tests.faults.thousands keys               1,000 keys, 50 copies of each, amid deaths
    python -m tests.faults.thousands refunds            1,000 payments, 50 refunds of each at once
    python -m tests.faults.thousands events --seed 7    100,000 events of 64 writers, amid deaths
    python -m tests.faults.thousands poison             a poisonous message among 10,000
    python -m tests.faults.thousands controls           shows that each of these can turn red

Ends with 1 when a promise was not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from msgspec import Struct

from souk.kernel.settings import Settings
from souk.kernel.telemetry import configure
from tests.faults.thousands.events import events
from tests.faults.thousands.found import Found
from tests.faults.thousands.keys import keys
from tests.faults.thousands.poison import poison
from tests.faults.thousands.refunds import refunds
from tests.faults.tool import above_zero, run
from tests.support.servers import of_this_checkout

PATCHES = "tests.faults.thousands.patches"


class Count(Struct, frozen=True):
    """How many are counted in full, and how many where one sabotage must be seen."""

    full: int
    few: int
    sabotages: tuple[str, ...]
    run: Callable[..., Awaitable[Found]]


COUNTS = {
    "keys": Count(1000, 60, ("forget_answers",), keys),
    "refunds": Count(1000, 20, ("refund_unseen",), refunds),
    "events": Count(
        100_000,
        4_000,
        ("forget_what_was_taken", "take_out_of_turn", "acknowledge_first"),
        events,
    ),
    "poison": Count(10_000, 600, ("stop_for_poison",), poison),
}


async def counted(what: str, count: int, **given: object) -> Found:
    async with of_this_checkout().desk() as desk:
        return await COUNTS[what].run(desk, count=count, **given)


async def controls() -> int:
    """Each sabotage in a process of its own."""
    unseen = 0
    for what, count in COUNTS.items():
        for name in count.sabotages:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", __package__, what, "--count", str(count.few)),
                *("--sabotage", name),
                stdout=asyncio.subprocess.PIPE,
            )
            told, _ = await process.communicate()
            is_seen = process.returncode == 1 and b"BROKEN" in told
            unseen += not is_seen
            print(f"{'as wanted' if is_seen else 'UNSEEN   '}  {name}")
            print(told.decode().rstrip(), flush=True)
    return 1 if unseen else 0


def main(arguments: list[str]) -> int:
    given = parser().parse_args(arguments)
    if given.what == "controls":
        return asyncio.run(controls())
    count = COUNTS[given.what]
    more: dict[str, object] = {"seed": given.seed} if given.what in ("keys", "events") else {}
    if given.sabotage:
        more["sabotage"] = f"{PATCHES}:{given.sabotage}"
    configure(Settings(log_level="error"), service="thousands")
    found = asyncio.run(counted(given.what, given.count or count.full, **more))
    print(found)
    return 1 if found.wrong else 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("python -m tests.faults.thousands", None, __doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("what", choices=(*COUNTS, "controls"))
    made.add_argument("--count", type=above_zero(int), help="how many; by default as told above")
    made.add_argument("--seed", type=int, default=1, help="of the deaths, of keys and events")
    every = [name for count in COUNTS.values() for name in count.sabotages]
    made.add_argument("--sabotage", choices=every, metavar="NAME", help="take a safeguard out")
    return made


if __name__ == "__main__":
    run(main)
