"""Shows that every invariant can turn red: `make storm-controls`.

    python -m tests.faults.storm.controls               all of them
    python -m tests.faults.storm.controls "no ledger"   some

Each sabotage takes one safeguard out of a Souk that is then put through a small storm. Ends with 1
unless every invariant has been seen broken by the sabotage made for it.
"""

from __future__ import annotations

import argparse
import asyncio

from tests.faults.storm.plan import Plan
from tests.faults.storm.sabotages import SABOTAGES
from tests.faults.storm.storm import storm
from tests.faults.tool import run

SECONDS = 8.0


def plan_for(name: str) -> Plan:
    return Plan(
        shape="together",
        seed=11,
        seconds=SECONDS,
        shoppers=60,
        drops=2,
        units=6,
        rush=36,
        flush_seconds=2,
        pace_seconds=1.0,
        away_seconds=6,
        settle_seconds=20,
        harms=SABOTAGES[name].harms,
        sabotages=(name,),
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.faults.storm.controls", None, __doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SABOTAGES))
    names = parser.parse_args(arguments).names or list(SABOTAGES)
    if unknown := [name for name in names if name not in SABOTAGES]:
        parser.error(f"no sabotage is called {', '.join(unknown)}")
    unseen = []
    for name in names:
        report = asyncio.run(storm(plan_for(name)))
        (wanted,) = (one for one in report.invariants if one.name == SABOTAGES[name].breaks)
        print(
            f"{'as wanted' if not wanted.holds else 'UNSEEN   '}  {name}: {wanted.name}: ", end=""
        )
        print(f"{wanted.figure} ({len(report.broken)} broken, {report.seconds} s)", flush=True)
        if wanted.holds:
            unseen.append(name)
            print(report.text())
    return 1 if unseen else 0


if __name__ == "__main__":
    run(main)
