"""Short runs of one kind of load, and what they come to."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from bench.goods import Goods
from bench.loader import Order, Tally
from bench.machine import Moment, load_average, moment
from souk.kernel.clock import monotonic
from tests.support.stack import Stack

PROCESSES = 2
WAIT_SECONDS_MAX = 20
ERRORS_SHOWN = 3


class Load(Struct, frozen=True, kw_only=True):
    """One thing shoppers do, and how many of them do it at once."""

    title: str
    what: str
    shoppers: int


class Figure(Struct, kw_only=True):
    """Medians of the runs; errors and the worst of them are of all runs."""

    title: str
    shoppers: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_ms: float
    load_share: float
    others_share: float
    load_average: float
    worst: dict[str, int]


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
    load: Load, stack: Stack, goods: Goods, *, runs: int, seconds: float, warm_seconds: float
) -> Figure:
    orders = orders_of(load, stack, goods, seconds=seconds, warm_seconds=warm_seconds)
    made = [await run(orders, stack.process.pid) for _ in range(runs)]
    errors = sum((each.errors for each in made), Counter())

    def median(of: Callable[[Run], float]) -> float:
        return round(statistics.median(of(each) for each in made), 3)

    return Figure(
        title=load.title,
        shoppers=load.shoppers,
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
    load: Load, stack: Stack, goods: Goods, *, seconds: float, warm_seconds: float
) -> list[bytes]:
    """One for each process of load."""
    at = urlsplit(stack.url)
    return [
        msgspec.json.encode(
            Order(
                what=load.what,
                host=at.hostname or "",
                port=at.port or 0,
                shoppers=max(load.shoppers // PROCESSES, 1),
                seconds=seconds,
                warm_seconds=warm_seconds,
                slugs=goods.slugs,
                variant_ids=goods.variant_ids,
                first=number * len(goods.slugs) // PROCESSES,
            )
        )
        for number in range(PROCESSES)
    ]


async def run(orders: list[bytes], souk: int) -> Run:
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
            await asyncio.gather(*map(_line, loaders))
            began, before = monotonic(), moment(souk)
            await asyncio.gather(*map(_line, loaders))
            seconds, after = monotonic() - began, moment(souk)
            said = await asyncio.gather(*map(_line, loaders))
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


async def _line(loader: asyncio.subprocess.Process) -> bytes:
    assert loader.stdout is not None
    line = await loader.stdout.readline()
    assert line, "a process of load ended early"
    return line
