"""Short runs of one kind of load, and what they come to."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from bench.loader import Order, Tally
from bench.machine import Moment, load_average, moment
from bench.scenarios import Scenario
from bench.shoppers import Wares
from souk.kernel.clock import monotonic

PROCESSES = 2
WAIT_SECONDS_MAX = 20
ERRORS_SHOWN = 3
OPEN_CONNECTIONS = 64


class Figure(Struct, kw_only=True):
    """Medians of the runs; errors and the worst of them are of all runs."""

    name: str
    title: str
    shoppers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_ms: float | None = None
    load_share: float = 0.0
    others_share: float = 0.0
    load_average: float = 0.0
    worst: dict[str, int] = {}
    of_bare: float | None = None  # the share of the bare limit


class Times(Struct, frozen=True, kw_only=True):
    """How often and how long one thing is measured."""

    runs: int = 3
    seconds: float = 2.0
    warm_seconds: float = 0.7


class Run(Struct, frozen=True, kw_only=True):
    """What one run came to; shares are of the whole machine."""

    latencies: list[int]
    errors: Counter[str]
    seconds: float
    load_seconds: float
    before: Moment
    after: Moment

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def cpu_ms(self) -> float:
        return (self.after.souk - self.before.souk) * 1000 / max(len(self.latencies), 1)

    @property
    def load_share(self) -> float:
        return self._share(self.load_seconds)

    @property
    def others_share(self) -> float:
        everybody = self._share(self.after.everybody - self.before.everybody)
        return max(
            everybody - self._share(self.after.souk - self.before.souk) - self.load_share, 0.0
        )

    def milliseconds(self, percent: int) -> float:
        """The turn that `percent` of a hundred are not slower than."""
        ordered = sorted(self.latencies) or [0]
        return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] / 1000

    def _share(self, seconds: float) -> float:
        return seconds / self.seconds / len(os.sched_getaffinity(0))


async def measured(
    scenario: Scenario,
    wares: Wares,
    times: Times,
    *,
    url: str,
    pids: Sequence[int],
    rate: float = 0.0,
) -> Figure:
    """`pids` are roots of what is measured; with a `rate`, turns begin when they are due."""
    orders = orders_of(scenario, wares, times, url=url, rate=rate)
    made = [await run(orders, pids) for _ in range(times.runs)]
    errors = sum((each.errors for each in made), Counter())

    def median(of: Callable[[Run], float]) -> float:
        return round(statistics.median(of(each) for each in made), 3)

    return Figure(
        name=scenario.name,
        title=scenario.title,
        shoppers=scenario.shoppers,
        per_second=median(lambda each: each.per_second),
        p50_ms=median(lambda each: each.milliseconds(50)),
        p99_ms=median(lambda each: each.milliseconds(99)),
        errors=errors.total(),
        cpu_ms=median(lambda each: each.cpu_ms),
        load_share=median(lambda each: each.load_share),
        others_share=median(lambda each: each.others_share),
        load_average=load_average(),
        worst=dict(errors.most_common(ERRORS_SHOWN)),
    )


def orders_of(
    scenario: Scenario, wares: Wares, times: Times, *, url: str, rate: float
) -> list[bytes]:
    """One for each process of load."""
    at = urlsplit(url)
    shoppers = OPEN_CONNECTIONS if rate else scenario.shoppers
    return [
        msgspec.json.encode(
            Order(
                what=scenario.what,
                host=at.hostname or "",
                port=at.port or 0,
                shoppers=max(shoppers // PROCESSES, 1),
                seconds=times.seconds,
                warm_seconds=times.warm_seconds,
                wares=wares,
                first=number * len(wares.slugs) // PROCESSES,
                rate=rate / PROCESSES,
            )
        )
        for number in range(PROCESSES)
    ]


async def run(orders: list[bytes], pids: Sequence[int]) -> Run:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-m", "bench.loader"]
    # An answer of many latencies is one line, longer than a stream's usual limit.
    loaders = [
        await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 26)
        for _ in orders
    ]
    try:
        async with asyncio.timeout(WAIT_SECONDS_MAX + msgspec.json.decode(orders[0])["seconds"]):
            for loader, order in zip(loaders, orders, strict=True):
                assert loader.stdin is not None
                loader.stdin.write(order)
                loader.stdin.close()
            await asyncio.gather(*map(line_of, loaders))
            began, before = monotonic(), moment(*pids)
            await asyncio.gather(*map(line_of, loaders))
            seconds, after = monotonic() - began, moment(*pids)
            said = await asyncio.gather(*map(line_of, loaders))
            await asyncio.gather(*(loader.wait() for loader in loaders))
    except BaseException:
        for loader in loaders:
            with suppress(ProcessLookupError):
                loader.kill()
        raise
    tallies = [msgspec.json.decode(line, type=Tally) for line in said]
    return Run(
        latencies=[each for tally in tallies for each in tally.latencies],
        errors=sum((Counter(tally.errors) for tally in tallies), Counter()),
        seconds=seconds,
        load_seconds=sum(tally.cpu_seconds for tally in tallies),
        before=before,
        after=after,
    )


async def line_of(loader: asyncio.subprocess.Process) -> bytes:
    assert loader.stdout is not None
    line = await loader.stdout.readline()
    assert line, "a process of load ended early"
    return line
