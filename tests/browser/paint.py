"""How soon pages are seen, and whether they move: `python -m tests.browser.paint`.

A phone's processor is four times slower than this one, so Chromium is slowed down by that. Each
page is opened with nothing cached, three times; the middle one counts.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from typing import Any

from msgspec import Struct
from playwright.async_api import Browser

from tests.browser.demo import Demo, demo
from tests.browser.scenes.shopper import LAMP
from tests.browser.windows import DESKTOP, PHONE, Shape, chromium, window

PAGES = {"home": "/", "category": "/c/home/lighting", "product": f"/p/{LAMP}"}
SLOWER, RUNS, SETTLE_MS = 4, 3, 1500
TEXTS = ("document", "stylesheet", "script")
LCP_MS_MAX, CLS_MAX, KB_MAX = 1000, 0.05, 60
OBSERVE = """
  window.seen = { lcp: 0, cls: 0 };
  new PerformanceObserver((list) => { window.seen.lcp = list.getEntries().at(-1).startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (!each.hadRecentInput) window.seen.cls += each.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


class Seen(Struct, frozen=True):
    lcp_ms: float
    cls: float
    kilobytes: float  # of markup, styles and scripts, as they were sent


async def main(url: str = "", home: str = "") -> int:
    is_good = True
    print(f"{'':22}{'LCP ms':>8}{'CLS':>8}{'KB':>7}")
    async with chromium() as browser, demo(url, home) as there:
        for name, path in PAGES.items():
            for shape in (DESKTOP, PHONE):
                runs = [await opened(browser, there, path, shape) for _ in range(RUNS)]
                lcp = statistics.median(each.lcp_ms for each in runs)
                cls = max(each.cls for each in runs)
                size = runs[0].kilobytes
                print(f"{name + ', ' + shape.name:22}{lcp:8.0f}{cls:8.3f}{size:7.1f}")
                is_good &= lcp < LCP_MS_MAX and cls < CLS_MAX and size < KB_MAX
    return int(not is_good)


async def opened(browser: Browser, there: Demo, path: str, shape: Shape) -> Seen:
    sent: dict[str, float] = {}
    kinds: dict[str, str] = {}

    def answered(event: Any) -> None:
        kinds[event["requestId"]] = event["type"].lower()

    def finished(event: Any) -> None:
        if kinds.get(event["requestId"]) in TEXTS:
            sent[event["requestId"]] = event["encodedDataLength"] / 1024

    async with window(browser, there.url, shape) as eyes:
        protocol = await eyes.context.new_cdp_session(eyes.page)
        protocol.on("Network.responseReceived", answered)
        protocol.on("Network.loadingFinished", finished)
        await protocol.send("Network.enable")
        await protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        await eyes.page.add_init_script(OBSERVE)
        await eyes.page.wait_for_timeout(SETTLE_MS)  # a new window loads much of the browser's own
        await eyes.see(path)
        await eyes.page.wait_for_timeout(SETTLE_MS)
        seen = await eyes.page.evaluate("window.seen")
    return Seen(seen["lcp"], seen["cls"], sum(sent.values()))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:3])))
