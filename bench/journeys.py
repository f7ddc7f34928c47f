"""What a running Souk can take: how fast it starts, how little memory it wants, how much it serves.

    python -m bench.journeys                    one worker process, then two
    python -m bench.journeys --split            every service a process of its own
    python -m bench.journeys --only list,order --workers 2

It starts a Souk of its own in a temporary home, fills it with 1,000 products in 20 categories,
sends load from other processes, prints a table, adds a line to bench/results/journeys.jsonl and
ends everything it started. Each figure is the median of three short runs after warming up. "CPU"
is what Souk and its servers used for one turn, in milliseconds of one core; "load" and "others"
are the parts of the machine that the load and everybody else used meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from bench import goods
from bench.goods import Goods
from bench.machine import Machine, load_average, machine, memory_mb
from bench.runs import Figure, Load, measured
from souk.kernel.clock import SystemClock, monotonic
from tests.support.stack import Stack, running

RESULTS = Path(__file__).with_name("results") / "journeys.jsonl"
SECONDS_MAX = 300
RUNS = 3
LOADS = {
    "list": Load(title="list of 20 products", what="list_products", shoppers=64),
    "detail": Load(title="product by slug", what="see_product", shoppers=64),
    "cart": Load(title="see a cart of 3", what="see_cart", shoppers=64),
    "add": Load(title="add to cart", what="add_to_cart", shoppers=64),
    "order": Load(title="cart + order, paid", what="check_out", shoppers=8),
}
# What protects a public Souk from one client would stop ours, which is all of them.
UNLIMITED = {"rate_write_per_minute": 0, "rate_checkout_per_minute": 0}


class Shape(Struct, frozen=True, kw_only=True):
    """How Souk is started."""

    name: str
    workers: int = 1
    is_split: bool = False


class Options(Struct, frozen=True, kw_only=True):
    shapes: tuple[Shape, ...]
    loads: tuple[str, ...]
    seconds: float
    warm_seconds: float
    idle_seconds: float

    @property
    def seconds_expected(self) -> float:
        runs = len(self.loads) * RUNS * (self.seconds + self.warm_seconds + 0.5)
        return 30 + len(self.shapes) * (15 + self.idle_seconds + runs)


class Result(Struct, kw_only=True):
    """What was found of one shape."""

    shape: Shape
    first_start_seconds: float | None = None
    start_seconds: float = 0.0
    idle_memory_mb: float | None = None
    idle_load_average: float = 0.0
    figures: list[Figure] = []


class Record(Struct, kw_only=True):
    """A line of the file of results."""

    at: str
    commit: str
    machine: Machine
    options: Options
    results: list[Result]


async def main(options: Options) -> None:
    here = machine()
    print(f"{here.processor}, {here.cores} cores, {here.memory_gib} GiB, {here.system}, ", end="")
    print(f"Python {here.python}; load average {load_average()}", flush=True)
    home = Path(tempfile.mkdtemp(prefix="souk-bench-"))
    results: list[Result] = []
    try:
        async with asyncio.timeout(SECONDS_MAX):
            first = await first_start(home, options.shapes[0])
            for shape in options.shapes:
                results.append(await measured_shape(home, shape, options))
            results[0].first_start_seconds = first
            show_starts(results)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    kept = Record(
        at=SystemClock().now().isoformat(timespec="seconds"),
        commit=commit(),
        machine=here,
        options=options,
        results=results,
    )
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("ab") as file:
        file.write(msgspec.json.encode(kept) + b"\n")
    print(f"kept in {RESULTS}")


async def first_start(home: Path, shape: Shape) -> float:
    """From nothing to the first product list: data folder, databases and all."""
    async with started(home, shape) as stack:
        return round(stack.started_in_seconds, 2)


async def measured_shape(home: Path, shape: Shape, options: Options) -> Result:
    print(f"\n{shape.name}")
    async with started(home, shape) as stack:
        result = Result(shape=shape, start_seconds=round(stack.started_in_seconds, 2), figures=[])
        if options.idle_seconds:
            await asyncio.sleep(options.idle_seconds)
            result.idle_memory_mb = idle_memory(stack)
            result.idle_load_average = load_average()
        wares = await wares_of(stack)
        show_head()
        for name in options.loads:
            figure = await measured(
                LOADS[name],
                stack,
                wares,
                runs=RUNS,
                seconds=options.seconds,
                warm_seconds=options.warm_seconds,
            )
            show(figure)
            result.figures.append(figure)
    return result


def started(home: Path, shape: Shape) -> Any:
    return running(split=shape.is_split, home=home, workers=shape.workers, **UNLIMITED)


async def wares_of(stack: Stack) -> Goods:
    """The goods, brought in when the home has none."""
    async with stack.http() as http:
        listed = await http.get("/products", params={"page_size": 1})
        if not listed.raise_for_status().json()["total"]:
            began = monotonic()
            await goods.brought_in(http)
            print(f"{goods.PRODUCTS} products imported in {monotonic() - began:.1f} s")
        return await goods.found(http)


def idle_memory(stack: Stack) -> float | None:
    try:
        return round(memory_mb(stack.process.pid), 1)
    except PermissionError:
        print("idle memory: not told, it needs the right to look at PostgreSQL's processes")
        return None


def show_head() -> None:
    print(f"{'':24}{'turns/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'errors':>8}", end="")
    print(f"{'CPU ms':>9}{'load':>7}{'others':>8}{'loadavg':>9}", flush=True)


def show(figure: Figure) -> None:
    print(f"{figure.title:24}{figure.per_second:9,.0f}{figure.p50_ms:9.1f}", end="")
    print(f"{figure.p99_ms:9.1f}{figure.errors:8}{figure.cpu_ms:9.2f}", end="")
    print(f"{figure.load_share:7.0%}{figure.others_share:8.0%}{figure.load_average:9.1f}")
    for what, times in figure.worst.items():
        print(f"    {times} times: {what}")
    sys.stdout.flush()


def show_starts(results: list[Result]) -> None:
    print()
    for result in results:
        if result.first_start_seconds is not None:
            print(f"{result.shape.name}: first start {result.first_start_seconds} s")
        print(f"{result.shape.name}: later start {result.start_seconds} s", end="")
        if result.idle_memory_mb is not None:
            print(f", idle memory {result.idle_memory_mb} MB", end="")
        print()


def commit() -> str:
    """Which Souk was measured; empty where it is no checkout."""
    asked = ["git", "describe", "--always", "--dirty"]
    with suppress(OSError):
        said = subprocess.run(
            asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
        return said.stdout.strip()
    return ""


def options_from(arguments: list[str]) -> Options:
    """Ends the program with a message when an option is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.journeys", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--workers", type=numbers(1, 32), default=[1, 2], metavar="N,N")
    parser.add_argument("--split", action="store_true", help="every service its own process")
    parser.add_argument("--only", type=names, default=list(LOADS), metavar=",".join(LOADS))
    parser.add_argument("--seconds", type=number(0.5, 30), default=3.0, help="of each run")
    parser.add_argument("--warm", type=number(0.5, 10), default=1.5, help="seconds before a run")
    parser.add_argument("--idle", type=number(0, 60), default=30.0, help="seconds before memory")
    given = parser.parse_args(arguments)
    together = tuple(Shape(name=f"all in one, workers: {n}", workers=n) for n in given.workers)
    options = Options(
        shapes=(Shape(name="split", is_split=True),) if given.split else together,
        loads=tuple(given.only),
        seconds=given.seconds,
        warm_seconds=given.warm,
        idle_seconds=given.idle,
    )
    if options.seconds_expected > SECONDS_MAX:
        needed = round(options.seconds_expected)
        parser.error(f"this would take about {needed} s; at most {SECONDS_MAX} are allowed")
    return options


def number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
        return value

    return read


def numbers(least: int, most: int) -> Callable[[str], list[int]]:
    one = number(least, most)

    def read(text: str) -> list[int]:
        values = [one(part) for part in text.split(",")]
        if any(value % 1 for value in values):
            raise argparse.ArgumentTypeError(f"{text} are no whole numbers")
        return [int(value) for value in values]

    return read


def names(text: str) -> list[str]:
    chosen = text.split(",")
    for name in chosen:
        if name not in LOADS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(LOADS)}")
    return chosen


async def until_told(options: Options) -> None:
    """A signal cancels, and what was started ends in order."""
    task = asyncio.current_task()
    assert task is not None
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, task.cancel)
    await main(options)


if __name__ == "__main__":
    try:
        asyncio.run(until_told(options_from(sys.argv[1:])))
    except (asyncio.CancelledError, KeyboardInterrupt):
        sys.exit("stopped; nothing was kept")
    except TimeoutError:
        sys.exit(f"not done within {SECONDS_MAX} s: this machine is too busy to be measured")
    except (AssertionError, OSError) as failure:
        sys.exit(f"could not be measured: {failure}")
