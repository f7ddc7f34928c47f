"""Lets a storm loose on a Souk of its own, and prints what it found.

    python -m tests.faults.storm --shape split --seed 7 --minutes 5
    python -m tests.faults.storm --only flush --minutes 5 --flush-every 10

The same seed brings the same harm at the same moments. It ends with 1 when an invariant is broken,
with 3 when too little succeeded to say.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import msgspec

from tests.faults.storm.plan import HARMS, Plan
from tests.faults.storm.sabotages import SABOTAGES
from tests.faults.storm.storm import storm


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
    made.add_argument("--minutes", type=float, default=1.0, help="from first harm to healing")
    made.add_argument("--shoppers", type=int, default=100, help="who come at least")
    made.add_argument("--lanes", type=int, default=12, help="who shop at once")
    made.add_argument("--drops", type=int, default=4, help="products of which there are few")
    made.add_argument("--units", type=int, default=10, help="of each of these")
    made.add_argument("--rush", type=int, default=60, help="shoppers for each of these")
    made.add_argument("--pace", type=float, default=3.0, help="seconds between harms")
    made.add_argument("--stop-seconds", type=float, default=15)
    made.add_argument("--away-seconds", type=float, default=60, help="of the broker, at most")
    made.add_argument("--late-seconds", type=float, default=60, help="of the provider, at most")
    made.add_argument("--flush-seconds", type=float, default=6, help="of flushing before the storm")
    made.add_argument("--flush-every", type=float, default=1.0, help="seconds between those")
    made.add_argument("--only", nargs="*", choices=HARMS, metavar="HARM", default=[])
    made.add_argument("--without", nargs="*", choices=HARMS, metavar="HARM", default=[])
    made.add_argument("--sabotage", nargs="*", choices=SABOTAGES, metavar="NAME", default=[])
    made.add_argument("--json", type=Path, help="a file to add the report to, as a line")
    return made


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("stopped")
