"""What a running Souk can take: how much it serves, how fast it starts, how little it wants.

    python -m bench run                        what `make bench` does
    python -m bench run --only list,detail --workers 2 --products 1000000
    python -m bench run --split --only add
    python -m bench people [timing]            what `make bench-people` does
    python -m bench show [RESULT] [--markdown] [--into docs/performance.md]
    python -m bench compare A B

A run starts a Souk of its own in a temporary home on free ports, fills it, sends load from other
processes, prints a table, adds a line to bench/results/results.jsonl and ends everything it
started. RESULT, A and B are numbers (-1 is the newest), commits, or files of results.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import uvloop

from bench import tables
from bench.compare import compared
from bench.results import RESULTS, NoResult, chosen, keep
from bench.runs import Times
from bench.scenarios import SCENARIOS, Part, together, usual_plan
from bench.session import Options, Session, folder
from bench.stage import NotPossible, Shape, checked_port
from souk.kernel.settings import Settings
from souk.kernel.telemetry import configure

SECONDS_MAX = 1800
PRODUCTS_MAX = 2_000_000


def main(arguments: list[str]) -> int:
    """The exit code; whatever goes wrong is one sentence on standard error."""
    given = parser().parse_args(arguments)
    try:
        given.do(given)
    except (NoResult, NotPossible, AssertionError, OSError, ValueError) as failure:
        if isinstance(failure, TimeoutError):
            failure = NotPossible("not done in time: this machine is too busy to be measured")
        sys.stderr.write(f"bench: {failure}\n")
        return 1
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.stderr.write("bench: stopped; nothing was kept\n")
        return 130
    return 0


def people(given: argparse.Namespace) -> None:
    from bench.people import PARTS, measure_people  # takes ports, which the others have no use for

    if strange := set(given.parts) - set(PARTS):
        raise ValueError(f"{min(strange)} is none of {', '.join(PARTS)}")
    uvloop.run(measure_people(given.parts))


def run(given: argparse.Namespace) -> None:
    options = Options(
        plan=plan_from(given),
        times=Times(runs=given.runs, seconds=given.seconds, warm_seconds=given.warm),
        products=given.products,
        idle_seconds=given.idle,
        port=given.port,
        has_limits=not given.no_limits,
        has_layers=not given.no_layers and not given.only,
    )
    if options.seconds_expected > SECONDS_MAX:
        needed = round(options.seconds_expected)
        raise NotPossible(f"this would take about {needed} s; at most {SECONDS_MAX} are allowed")
    if options.port:
        checked_port(options.port)
    uvloop.run(until_told(options, Path(given.results)))


async def until_told(options: Options, results: Path) -> None:
    """A signal cancels, and what was started ends in order."""
    task = asyncio.current_task()
    assert task is not None
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, task.cancel)
    async with folder(options.products) as home:
        session = Session(options, home)
        async with asyncio.timeout(60 + 3 * options.seconds_expected):
            await session.run()
    tables.show_rest(session.record)
    keep(session.record, results)
    print(f"kept in {results}")


def show(given: argparse.Namespace) -> None:
    record = chosen(given.result, Path(given.results))
    if given.into:
        tables.put_into(Path(given.into), tables.markdown(record))
    elif given.markdown:
        print(tables.markdown(record))
    else:
        print(f"{record.title}\n{tables.described(record.machine)}")
        for result in record.results:
            print(f"\n{result.shape.name}")
            tables.show(tables.HEAD)
            for figure in (*result.figures, *(each.bare for each in result.limits.values())):
                tables.show_figure(figure)
        tables.show_rest(record)


def compare(given: argparse.Namespace) -> None:
    first, second = (chosen(name, Path(given.results)) for name in (given.a, given.b))
    print("\n".join(compared(first, second)))


def plan_from(given: argparse.Namespace) -> tuple[Part, ...]:
    if not (given.only or given.workers or given.split or given.no_shelf):
        return usual_plan()
    shapes = [together(count, has_shelf=not given.no_shelf) for count in given.workers or ()]
    if given.split:
        shapes.append(Shape(name="split", is_split=True, has_shelf=not given.no_shelf))
    shapes = shapes or [together(2, has_shelf=not given.no_shelf)]
    return tuple(Part(shape=shape, scenarios=scenarios_from(given.only)) for shape in shapes)


def scenarios_from(only: list[str]) -> tuple[str, ...]:
    """In their own order, with what they are derived from."""
    chosen_names = set(only or SCENARIOS)
    chosen_names |= {SCENARIOS[name].half_of for name in chosen_names} - {""}
    return tuple(name for name in SCENARIOS if name in chosen_names)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    made.add_argument("--results", default=str(RESULTS), help=argparse.SUPPRESS)
    commands = made.add_subparsers(required=True, metavar="run | people | show | compare")
    command = commands.add_parser("run", help="measure")
    command.set_defaults(do=run)
    command.add_argument("--only", type=names, default=[], metavar=",".join(SCENARIOS))
    command.add_argument("--workers", type=counts, default=[], metavar="N,N", help="in one process")
    command.add_argument("--split", action="store_true", help="every service its own process")
    command.add_argument("--no-shelf", action="store_true", help="keep no public answers")
    command.add_argument("--products", type=whole(100, PRODUCTS_MAX), default=1000)
    command.add_argument("--seconds", type=number(0.5, 60), default=2.0, help="of each run")
    command.add_argument("--warm", type=number(0.1, 10), default=0.7, help="seconds before it")
    command.add_argument("--runs", type=whole(1, 20), default=3, help="whose median counts")
    command.add_argument("--idle", type=number(0, 60), default=5.0, help="seconds before memory")
    command.add_argument(
        "--port", type=whole(1, 65_535), default=0, help="of HTTP; else a free one"
    )
    command.add_argument("--no-limits", action="store_true", help="without the bare limit")
    command.add_argument("--no-layers", action="store_true", help="without layer by layer")
    command = commands.add_parser("people", help="signing in, alone and in a flood; keeps nothing")
    command.set_defaults(do=people)
    command.add_argument("parts", nargs="*", metavar="PART")
    command = commands.add_parser("show", help="a result again")
    command.set_defaults(do=show)
    command.add_argument("result", nargs="?", default="-1")
    command.add_argument("--markdown", action="store_true")
    command.add_argument("--into", metavar="FILE", help="between the two marks of a document")
    command = commands.add_parser("compare", help="two results side by side")
    command.set_defaults(do=compare)
    command.add_argument("a", nargs="?", default="-2")
    command.add_argument("b", nargs="?", default="-1")
    return made


def number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"{text} is not between {least:,.10g} and {most:,.10g}"
            )
        return value

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    read_number = number(least, most)

    def read(text: str) -> int:
        value = read_number(text.replace("_", "").replace(",", ""))
        if value % 1:
            raise argparse.ArgumentTypeError(f"{text} is no whole number")
        return int(value)

    return read


def counts(text: str) -> list[int]:
    read = whole(1, 32)
    return [read(part) for part in text.split(",")]


def names(text: str) -> list[str]:
    for name in text.split(","):
        if name not in SCENARIOS:
            raise argparse.ArgumentTypeError(
                f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}"
            )
    return text.split(",")


if __name__ == "__main__":
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # of no use to us
    configure(Settings(log_level="warning"), service="bench")
    sys.exit(main(sys.argv[1:]))
