"""One run of the bench, from an empty folder to a record."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from msgspec import Struct

from bench import gateway_layers, kernel_layers, limits, sockets, tables, weight
from bench.machine import load_average, machine, memory_mb
from bench.results import Limit, Record, Result, commit
from bench.runs import Figure, Times, measured
from bench.scenarios import SCENARIOS, Part, Scenario
from bench.shoppers import Wares
from bench.stage import Shape, disk_bytes, filled, new_home, postgres_of, started
from souk.kernel.clock import SystemClock, monotonic
from tests.support.stack import Stack


class Options(Struct, frozen=True, kw_only=True):
    """What is to be measured, and how."""

    plan: tuple[Part, ...]
    times: Times = Times()
    products: int = 1000
    idle_seconds: float = 5.0
    port: int = 0
    has_limits: bool = True
    has_layers: bool = True

    @property
    def seconds_expected(self) -> float:
        one = self.times.runs * (self.times.seconds + self.times.warm_seconds + 0.6)
        figures = sum(len(part.scenarios) for part in self.plan)
        bare = 2 * one + self.times.seconds if self.has_limits else 0
        starts = sum(20 if part.shape.is_split else 8 for part in self.plan)
        filling = 10 + self.products / 3000
        return filling + starts + figures * one + 2 * bare + 2 * self.idle_seconds + 30


class Session:
    """Collects figures into a record."""

    def __init__(self, options: Options, home: Path) -> None:
        self.options, self.home = options, home
        self.wares = Wares()
        self.limits: dict[tuple[int, str], Limit] = {}  # by workers and statement
        self.record = Record(
            at=SystemClock().now().isoformat(timespec="seconds"),
            commit=commit(),
            machine=machine(),
            load_average=load_average(),
            products=options.products,
            times=options.times,
            results=[],
        )

    async def run(self) -> None:
        print(f"{tables.described(self.record.machine)}; load average {load_average()}", flush=True)
        await self.prepare(self.options.plan[0].shape)
        for part in self.options.plan:
            self.record.results.append(await self.shape(part))
        if self.options.has_layers:
            self.record.layers = await gateway_layers.measured() | await kernel_layers.measured()
        self.record.disk_mb = round(await disk_bytes(self.home) / 1e6, 1)

    async def prepare(self, shape: Shape) -> None:
        """From nothing to the first product list; and then everything that is looked at."""
        async with started(self.home, shape, port=self.options.port) as stack:
            self.record.first_start_seconds = round(stack.started_in_seconds, 2)
            began = monotonic()
            self.wares = await filled(stack, products=self.options.products)
            self.record.filling_seconds = round(monotonic() - began, 1)
            self.record.page_bytes = await weight.of_page(f"{stack.url}/p/{self.wares.slugs[0]}")
        print(f"{self.options.products:,} products in {self.record.filling_seconds} s", flush=True)

    async def shape(self, part: Part) -> Result:
        print(f"\n{part.shape.name}")
        async with started(self.home, part.shape, port=self.options.port) as stack:
            result = Result(shape=part.shape, start_seconds=round(stack.started_in_seconds, 2))
            if self.options.idle_seconds and part.shape.has_shelf:
                await asyncio.sleep(self.options.idle_seconds)
                result.idle_memory_mb = memory(stack)
            tables.show(tables.HEAD)
            result.figures, result.limits = [], {}
            for name in part.scenarios:
                figure = await self.figure(SCENARIOS[name], stack, part.shape, result)
                tables.show_figure(figure)
                result.figures.append(figure)
            result.loaded_memory_mb = memory(stack)
        return result

    async def figure(
        self, scenario: Scenario, stack: Stack, shape: Shape, result: Result
    ) -> Figure:
        if scenario.name == "sockets":
            return await sockets.measured(scenario, stack, self.wares)
        rate = 0.0
        if scenario.half_of:
            full = {figure.name: figure.per_second for figure in result.figures}
            rate = full[scenario.half_of] / 2
        figure = await measured(
            scenario,
            self.wares,
            self.options.times,
            url=stack.url,
            pids=[stack.process.pid],
            rate=rate,
        )
        if scenario.bare and self.options.has_limits and not shape.is_split:
            limit = await self.limit(scenario, stack, shape, result)
            figure.of_bare = round(figure.per_second / limit.bare.per_second, 3)
        return figure

    async def limit(self, scenario: Scenario, stack: Stack, shape: Shape, result: Result) -> Limit:
        """Measured once for so many workers, right after what it is the limit of."""
        key = shape.workers, scenario.bare
        if key not in self.limits:
            self.limits[key] = result.limits[scenario.bare] = await self._limit(
                scenario, stack, shape.workers
            )
            tables.show_figure(self.limits[key].bare)
            alone = self.limits[key].postgres_per_second
            print(f"{scenario.bare}: PostgreSQL alone".ljust(tables.WIDTHS[0]) + f"{alone:9,.0f}")
        return self.limits[key]

    async def _limit(self, scenario: Scenario, stack: Stack, workers: int) -> Limit:
        server, times = postgres_of(self.home), self.options.times
        bare = Scenario(
            name=f"bare {scenario.bare}",
            title=f"{scenario.bare}: bare server",
            what=scenario.what,
            shoppers=scenario.shoppers,
        )
        async with limits.bare(server, workers=workers) as (url, pids):
            must_be_equal(stack.url, url, f"/products/{self.wares.slugs[0]}")
            must_be_equal(stack.url, url, "/products?page=1&page_size=20", "items")
            roots = [*pids, stack.process.pid]
            figure = await measured(bare, self.wares, times, url=url, pids=roots)
        statement, takes_slug = limits.STATEMENTS[scenario.bare]
        arguments = self.wares.slugs[:1] if takes_slug else ()
        alone = await limits.per_second(
            server, self.home, statement, arguments, seconds=times.seconds
        )
        return Limit(bare=figure, postgres_per_second=round(alone))


@asynccontextmanager
async def folder(products: int) -> AsyncIterator[Path]:
    """A home that is gone afterwards."""
    home = new_home(products)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def must_be_equal(souk: str, bare: str, path: str, part: str = "") -> None:
    """A limit that shows something else is the limit of something else."""
    told = [httpx.get(f"{url}/api/v1{path}", timeout=30).json() for url in (souk, bare)]
    ours, theirs = (each[part] if part else each for each in told)
    assert ours == theirs, f"the bare server answers {path} with {theirs}, and not with {ours}"


def memory(stack: Stack) -> float | None:
    """Of all of Souk's processes and servers; None without the right to look at PostgreSQL's."""
    try:
        return round(memory_mb(stack.process.pid), 1)
    except PermissionError:
        return None
