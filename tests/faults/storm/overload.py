"""Three times as many shoppers as Souk can serve: most of those it can serve it must still serve.

    python -m tests.faults.storm.overload --shape together --minutes 2

Measures what it can sustain (shoppers who wait for their answers), then sends three times as many
whether they are answered or not, then looks how long it takes until all is as before. A purchase is
a cart with one thing and its order. Ends with 1 when the bounds below are not kept.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable

import httpx
import msgspec
from msgspec import Struct, field

from souk.kernel.clock import monotonic
from souk.kernel.ids import new_id
from tests.faults.lines import FAILURES, Lines
from tests.faults.storm import market
from tests.faults.tool import above_zero, run
from tests.journeys.people import ADDRESS
from tests.support.stack import running

TIMES = 3
GOODPUT_SHARE_MIN = 0.8
REFUSED_SECONDS_MAX = 1.0
NORMAL_SECONDS_MAX = 30.0
PATIENCE_SECONDS = 10.0  # of a shopper
SUSTAINED_SECONDS = 10.0
LANES = 16
CALM_LANES = 4
UNLIMITED = {"rate_write_per_minute": 0, "rate_checkout_per_minute": 0}


class Met(Struct, kw_only=True):
    """What shoppers met in one phase."""

    good: list[float] = []  # seconds of each purchase
    refused: list[float] = []  # seconds of each request that was refused
    other: Counter[str] = field(default_factory=Counter)

    def told(self, seconds: float) -> str:
        others = ", ".join(f"{times} {what}" for what, times in sorted(self.other.items()))
        return (
            f"{len(self.good) / seconds:.1f} purchases a second, p99 {percentile(self.good):.2f} s;"
            f" {len(self.refused)} refused, p99 {percentile(self.refused):.3f} s;"
            f" else: {others or 'none'}"
        )


class Shop:
    """Souk as the load sees it."""

    def __init__(self, port: int, variant_id: str) -> None:
        self._lines = Lines(port)
        self._item = msgspec.json.encode({"variant_id": variant_id, "quantity": 1})
        self._order = msgspec.json.encode(
            {
                "email": "guest@example.com",
                "shipping_address": ADDRESS,
                "shipping_method": "standard",
                "payment": {"provider": "sandbox", "method": "approve"},
            }
        )

    async def purchase(self, met: Met) -> None:
        began = monotonic()
        cart = await self._asked(met, "/api/v1/cart/items", self._item)
        if cart is None:
            return
        token = msgspec.json.decode(cart)["token"]
        headers = f"X-Cart-Token: {token}\r\nIdempotency-Key: {new_id()}\r\n"
        if await self._asked(met, "/api/v1/orders", self._order, headers) is not None:
            met.good.append(monotonic() - began)

    async def close(self) -> None:
        await self._lines.close()

    async def _asked(self, met: Met, path: str, body: bytes, headers: str = "") -> bytes | None:
        """The body of a 201; anything else is noted."""
        began = monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._lines.post(path, body, headers)
        except FAILURES as error:
            met.other[type(error).__name__] += 1
            return None
        if answer.status == 201:
            return answer.body
        if answer.status in (429, 503) and answer.says_when:
            met.refused.append(monotonic() - began)
        else:
            met.other[str(answer.status)] += 1
        return None


async def waiting(shop: Shop, seconds: float, lanes: int) -> Met:
    """Shoppers who come again when they were answered."""
    met, until = Met(good=[], refused=[]), monotonic() + seconds

    async def lane() -> None:
        while monotonic() < until:
            await shop.purchase(met)

    await asyncio.gather(*(lane() for _ in range(lanes)))
    return met


async def pushing(shop: Shop, seconds: float, per_second: float) -> Met:
    """Shoppers who come whether the others were answered or not."""
    met, began, sent = Met(good=[], refused=[]), monotonic(), 0
    async with asyncio.TaskGroup() as group:
        while (passed := monotonic() - began) < seconds:
            while sent < passed * per_second:
                group.create_task(shop.purchase(met))
                sent += 1
            await asyncio.sleep(0.01)
    return met


async def until_normal(shop: Shop, usual_seconds: float) -> float:
    """How long it takes until a second goes by in which all is as it was."""
    began = monotonic()
    while monotonic() - began < NORMAL_SECONDS_MAX * 2:
        met = await waiting(shop, 1.0, CALM_LANES)
        is_calm = met.good and not met.other and not met.refused
        if is_calm and percentile(met.good, 0.5) <= 2 * usual_seconds:
            break
    return monotonic() - began


def percentile(seconds: list[float], share: float = 0.99) -> float:
    return sorted(seconds)[int(len(seconds) * share)] if seconds else 0.0


async def overload(shape: str, seconds: float, tell: Callable[[str], None] = print) -> bool:
    """Whether every bound was kept."""
    async with running(split=shape == "split", workers=2, **UNLIMITED) as stack:
        async with stack.http() as http:
            goods = await market.opened(http, drops=0, units=0)
        port = httpx.URL(stack.url).port
        assert port
        shop = Shop(port, goods.plenty)
        await waiting(shop, 3.0, CALM_LANES)
        usual = percentile((await waiting(shop, 3.0, CALM_LANES)).good, 0.5)
        sustained = await waiting(shop, SUSTAINED_SECONDS, LANES)
        peak = len(sustained.good) / SUSTAINED_SECONDS
        tell(f"{shape}, sustained: {sustained.told(SUSTAINED_SECONDS)}")
        pushed = await pushing(shop, seconds, TIMES * peak)
        tell(f"{shape}, {TIMES} times as many: {pushed.told(seconds)}")
        normal = await until_normal(shop, usual)
        await shop.close()
        tell(f"{shape}, as before: after {normal:.1f} s")
    goodput = len(pushed.good) / seconds
    bounds = {
        f"goodput {goodput / peak:.0%} of the peak, at least {GOODPUT_SHARE_MIN:.0%}": (
            goodput >= GOODPUT_SHARE_MIN * peak
        ),
        f"refused within {REFUSED_SECONDS_MAX:g} s": (
            percentile(pushed.refused) <= REFUSED_SECONDS_MAX
        ),
        "nobody was left without an answer": not pushed.other,
        f"as before within {NORMAL_SECONDS_MAX:g} s": normal <= NORMAL_SECONDS_MAX,
    }
    for bound, is_kept in bounds.items():
        tell(f"  {'holds ' if is_kept else 'BROKEN'}  {bound}")
    return all(bounds.values())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("python -m tests.faults.storm.overload", None, __doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--shape", choices=("split", "together"), default="together")
    parser.add_argument("--minutes", type=above_zero(float), default=2.0)
    given = parser.parse_args(arguments)
    return 0 if asyncio.run(overload(given.shape, given.minutes * 60)) else 1


if __name__ == "__main__":
    run(main)
