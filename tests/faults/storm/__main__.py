"""Lets a storm loose on a Souk of its own, and prints what it found.

    python -m tests.faults.storm --shape split --seed 7 --minutes 5
    python -m tests.faults.storm --only flush --minutes 5 --flush-every 10

The same seed brings the same harm at the same moments. It ends with 1 when an invariant is broken,
with 3 when too little succeeded to say.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.faults.storm.plan import HARMS, Plan
from tests.faults.storm.sabotages import SABOTAGES
from tests.faults.storm.storm import storm
from tests.faults.tool import above_zero, from_zero, run

NUMBERS: dict[str, tuple[Callable[[str], float], float, str]] = {
    "minutes": (from_zero(float), 1.0, "from first harm to healing"),
    "shoppers": (above_zero(int), 100, "who come at least"),
    "lanes": (above_zero(int), 12, "who shop at once"),
    "drops": (from_zero(int), 4, "products of which there are few"),
    "units": (above_zero(int), 10, "of each of these"),
    "rush": (from_zero(int), 60, "shoppers for each of these"),
    "pace": (above_zero(float), 3.0, "seconds between harms"),
    "stop-seconds": (from_zero(float), 15.0, "that a process stands still"),
    "away-seconds": (from_zero(float), 60.0, "of the broker, at most"),
    "late-seconds": (from_zero(float), 60.0, "of the provider, at most"),
    "flush-seconds": (from_zero(float), 6.0, "of flushing before the storm"),
    "flush-every": (above_zero(float), 1.0, "seconds between those"),
}


def main(arguments: list[str]) -> int:
    given = parser().parse_args(arguments)
    harms = given.only or [name for name in HARMS if name not in given.without]
    plan = Plan(
        shape=given.shape,
        seed=given.seed,
        seconds=given.minutes * 60,
        shoppers=given.shoppers,
        lanes=given.lanes,
        drops=given.drops,
        units=given.units,
        rush=given.rush,
        pace_seconds=given.pace,
        stop_seconds=given.stop_seconds,
        away_seconds=given.away_seconds,
        late_seconds=given.late_seconds,
        flush_seconds=given.flush_seconds,
        flush_every_seconds=given.flush_every,
        harms=tuple(harms),
        sabotages=tuple(given.sabotage),
    )
    report = asyncio.run(storm(plan))
    print(report.text())
    if given.json:
        with given.json.open("ab") as file:
            file.write(msgspec.json.encode(report) + b"\n")
    return 1 if report.broken else 3 if report.is_void else 0


def parser() -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser("python -m tests.faults.storm", None, __doc__)
    made.formatter_class = form
    made.add_argument("--shape", choices=("split", "together"), default="split")
    made.add_argument("--seed", type=int, default=1)
    for name, (kind, default, told) in NUMBERS.items():
        made.add_argument(f"--{name}", type=kind, default=default, help=told)
    made.add_argument("--only", nargs="*", choices=HARMS, metavar="HARM", default=[])
    made.add_argument("--without", nargs="*", choices=HARMS, metavar="HARM", default=[])
    made.add_argument("--sabotage", nargs="*", choices=SABOTAGES, metavar="NAME", default=[])
    made.add_argument("--json", type=Path, help="a file to add the report to, as a line")
    return made


if __name__ == "__main__":
    run(main)
