"""One storm from start to verdict: Souk is started, shopped in, harmed, healed and counted."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct, structs

from souk.kernel.clock import monotonic
from tests.faults.bank import Bank
from tests.faults.sabotage import environment_of
from tests.faults.storm import clocks, market
from tests.faults.storm.counting import Counter, LedgerWatch, Unsettled
from tests.faults.storm.invariants import Invariant, counted, judged
from tests.faults.storm.market import Market
from tests.faults.storm.plan import Plan
from tests.faults.storm.processes import Town, small_disk
from tests.faults.storm.report import Report
from tests.faults.storm.sabotages import SABOTAGES
from tests.faults.storm.shoppers import Crowd, Tally
from tests.faults.storm.weather import Weather
from tests.support.stack import Stack, running

SECRET = "what the storm signs its webhooks with"
LOOK_SECONDS = 0.5
LEDGER_PAUSE_SECONDS = 0.01
CONNECTIONS_SECONDS_MAX = 20
FLUSH_ERRORS_MAX = 0.01
FLUSH_REQUESTS_MIN, FLUSH_SECONDS_MAX = 100, 60


class Course(Struct, kw_only=True):
    """What was measured along the way."""

    fired: Mapping[str, int] = {}
    flushed: Tally = msgspec.field(default_factory=Tally)
    flushes: int = 0
    settled_seconds: float = 0.0
    unsettled: Unsettled | None = None
    connections: tuple[int, int] = (0, 0)


async def storm(plan: Plan) -> Report:
    """Raises nothing for a broken invariant: the report says it."""
    home = Path(tempfile.mkdtemp(prefix="souk-"))
    under = small_disk(home) if plan.has("disk") else ()
    if not under:
        plan = without(plan, "disk")
    bank = Bank(home / "bank.sqlite", secret=SECRET, seed=plan.seed)
    began = monotonic()
    try:
        async with running(
            split=plan.is_split,
            home=home,
            environment=environment(plan),
            under=under,
            workers=2,
            internal_secret=SECRET,
            sandbox_url=bank.url,
        ) as stack:
            await bank.open(shop=stack.url)
            report = await _weathered(plan, stack, bank)
        return structs.replace(report, seconds=round(monotonic() - began, 1))
    finally:
        await bank.close()
        shutil.rmtree(home, ignore_errors=True)


def without(plan: Plan, harm: str) -> Plan:
    return structs.replace(plan, harms=tuple(name for name in plan.harms if name != harm))


def environment(plan: Plan) -> dict[str, str]:
    """What sabotages Souk, and sets one clock wrong."""
    patches = [found for name in plan.sabotages if (found := SABOTAGES[name].function)]
    if not plan.has("clock"):
        return dict(environment_of(*patches))
    shift = f"{clocks.__name__}:{clocks.shift.__name__}"
    return {**environment_of(shift, *patches), clocks.VARIABLE: plan.skewed()}


async def _weathered(plan: Plan, stack: Stack, bank: Bank) -> Report:
    town = Town(home=stack.home, pid=stack.process.pid)
    counter = Counter(town.urls())
    async with httpx.AsyncClient(
        base_url=f"{stack.url}/api/v1",
        timeout=30,
        limits=httpx.Limits(max_connections=400, max_keepalive_connections=100),
    ) as http:
        goods = await market.opened(http, drops=plan.drops, units=plan.units)
        for name in plan.sabotages:
            await SABOTAGES[name].prepare(counter)
        weather = Weather(town, bank, shop=stack.url, seed=plan.seed, late=plan.late_seconds)
        crowd = Crowd(plan, http, goods, bank)
        ledger = LedgerWatch(town.urls(), pause_seconds=LEDGER_PAUSE_SECONDS)
        course = await _course(plan, crowd, weather, ledger, counter)
        course.connections = await _connections(counter, stack)
        invariants = await _verdicts(course, crowd, counter, goods, ledger)
    return Report(
        shape=plan.shape,
        seed=plan.seed,
        sabotages=plan.sabotages,
        shoppers=len(crowd.deeds),
        outcomes=crowd.outcomes(),
        sent=crowd.tally.sent,
        well=crowd.tally.well,
        hung_up=crowd.tally.hung_up,
        met=dict(crowd.tally.met),
        fired={**course.fired, "flush before": course.flushes},
        settled_seconds=round(course.settled_seconds, 1),
        invariants=invariants,
    )


async def _course(
    plan: Plan, crowd: Crowd, weather: Weather, ledger: LedgerWatch, counter: Counter
) -> Course:
    """Shopping, flushing, storm, healing; returns when all has settled, or should have."""
    course = Course()
    watching = asyncio.create_task(ledger.watch())
    shopping = asyncio.create_task(crowd.shop())
    try:
        await _flushed(plan, crowd, weather, course)
        async with asyncio.TaskGroup() as group:
            group.create_task(weather.rage(plan.forecast()))
            group.create_task(asyncio.sleep(plan.seconds))
        course.fired = await weather.heal()
        crowd.go_home(within_seconds=plan.seconds + plan.settle_seconds + plan.rush_seconds)
        healed = monotonic()
        await shopping
        healed = max(healed, crowd.last_came)
        course.unsettled = await _settled(counter, until=healed + plan.settle_seconds)
        course.settled_seconds = monotonic() - healed
        if course.unsettled.is_over:
            await crowd.sell_out()
            await _settled(counter, until=monotonic() + plan.settle_seconds)
    finally:
        for task in (shopping, watching):
            task.cancel()
        await asyncio.gather(shopping, watching, return_exceptions=True)
    return course


async def _flushed(plan: Plan, crowd: Crowd, weather: Weather, course: Course) -> None:
    """Redis is emptied again and again, and nothing else happens; often enough to say a share."""
    began = monotonic()
    while (passed := monotonic() - began) < plan.flush_seconds or (
        plan.flush_seconds and crowd.tally.sent < FLUSH_REQUESTS_MIN and passed < FLUSH_SECONDS_MAX
    ):
        await asyncio.sleep(plan.flush_every_seconds)
        await weather.flush()
        course.flushes += 1
    course.flushed = crowd.tally.copy()


async def _settled(counter: Counter, *, until: float) -> Unsettled:
    """What is left when everything has come to its end, or the time has."""
    while True:
        left = await counter.unsettled()
        if left.is_over or monotonic() > until:
            return left
        await asyncio.sleep(LOOK_SECONDS)


async def _connections(counter: Counter, stack: Stack) -> tuple[int, int]:
    """What PostgreSQL has open for Souk, and what Souk's pools know of; equal, or leaked."""
    until = monotonic() + CONNECTIONS_SECONDS_MAX
    async with httpx.AsyncClient(base_url=stack.url, timeout=10) as http:
        while True:
            there = await counter.connections()
            known = pooled((await http.get("/metrics")).text)
            if there <= known or monotonic() > until:
                return there, known
            await asyncio.sleep(LOOK_SECONDS)


def pooled(figures: str) -> int:
    """Connections that the pools of all processes say they have."""
    lines = [line for line in figures.splitlines() if line.startswith("souk_pool_connections{")]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if "waiting" not in line)


async def _verdicts(
    course: Course, crowd: Crowd, counter: Counter, goods: Market, ledger: LedgerWatch
) -> list[Invariant]:
    seen = await counted(counter, crowd.bank, goods)
    plan, left, flushed = crowd.plan, course.unsettled, course.flushed
    assert left is not None
    there, known = course.connections
    failed = (flushed.sent - flushed.well) / max(flushed.sent, 1)
    unknown = sum(deed.outcome == "unknown" for deed in crowd.deeds)
    return [
        *judged(seen, goods, crowd.deeds, crowd.tally, ledger),
        Invariant(
            name="all is settled after healing",
            figure=f"after {course.settled_seconds:.1f} s of {plan.settle_seconds:g}; "
            f"{unknown} shoppers never heard",
            holds=left.is_over and not unknown,
            found=() if left.is_over else (str(structs.asdict(left)),),
        ),
        Invariant(
            name="Redis may be flushed",
            figure=f"{course.flushes} times, {failed:.2%} of {flushed.sent} requests failed",
            holds=failed < FLUSH_ERRORS_MAX,
            found=tuple(f"{times} x {what}" for what, times in flushed.met.items()),
        ),
        Invariant(
            name="no transaction lies idle, no connection leaks",
            figure=f"{seen.idle} idle, {there} connections open, {known} known to the pools",
            holds=not seen.idle and there <= known,
        ),
    ]
