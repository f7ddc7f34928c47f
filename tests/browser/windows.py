"""Browser windows as people have them, which notice what no page may do."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from msgspec import Struct
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Response,
    TimeoutError,  # noqa: A004 - Playwright's own
    async_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE_HERE = "no Chromium here: apt-get install chromium"
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
PAGE_PARTS = ("image", "stylesheet", "script", "font", "manifest")
PATIENCE_MS = 30_000
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (each) => each && each !== document.body && (
    ["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(each).overflowX)
    || scrolls(each.parentElement));
  if (document.documentElement.scrollWidth <= wide) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((each) => each.getBoundingClientRect().right > wide + 1 && !scrolls(each.parentElement))
    .map((each) => each.outerHTML.slice(0, 160));
}"""

# Transitions of what is not drawn never end by themselves, so nobody waits for any.
SETTLED = """() => document.getAnimations().forEach((each) => {
  try { each.finish(); } catch { each.cancel(); }
})"""
# What is skipped while it is far below has the styles of when it was seen last.
DRAWN = """() => [...document.body.querySelectorAll("*")]
  .filter((each) => getComputedStyle(each).contentVisibility === "auto")
  .forEach((each) => { each.style.contentVisibility = "visible"; })"""
# Phones tell of themselves, and a page may be made for them.
PHONE_AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36"
)


class Shape(Struct, frozen=True):
    """The size of a window, and whether fingers touch it."""

    name: str
    width: int
    height: int
    is_phone: bool = False


DESKTOP = Shape("desktop", 1280, 860)
PHONE = Shape("phone", 390, 844, is_phone=True)
SHAPES = (DESKTOP, PHONE)
PAPER = Shape("paper", 794, 1123)  # A4 at 96 dots an inch


def executable() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            await browser.close()


class Window:
    """One person's browser. `page` is Playwright's; `complaints` is what its pages did wrong."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context, self.page, self.url = context, page, url
        self.complaints: list[str] = []
        context.on("page", self._listen)
        self._listen(page)

    def _listen(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # Answers that refuse a form are heard of too; `_answered` knows which answers are wrong.
        is_answer = message.text.startswith("Failed to load resource")
        if message.type in ("error", "warning") and not is_answer:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _answered(self, answer: Response) -> None:
        is_part = answer.request.resource_type in PAGE_PARTS
        if answer.status >= 500 or (is_part and answer.status >= 400):
            self.complaints.append(f"{answer.url}: {answer.status}")

    async def see(self, path: str) -> Response:
        """Goes to a page of ours, by its path."""
        answer = await self.page.goto(self.url + path)
        assert answer is not None
        return answer

    async def look_again(self) -> None:
        with suppress(Error):  # what is just being loaded cannot be loaded again
            await self.page.reload()

    async def click(self, name: str, role: Any = "button") -> None:
        """What is called so, exactly, where people see it first."""
        await self.page.get_by_role(role, name=name, exact=True).first.click()

    async def fill(self, **typed: str) -> None:
        """Fields by their names; of a list, the option with this value."""
        for name, value in typed.items():
            field = self.page.locator(f"main [name={name}]").first
            if await field.evaluate("each => each.tagName") == "SELECT":
                await field.select_option(value)
            else:
                await field.fill(value)

    async def has(self, text: str) -> None:
        """Waits for it to be seen."""
        place = self.page.locator("body").get_by_text(text).locator("visible=true").first
        try:
            await place.wait_for(timeout=PATIENCE_MS)
        except TimeoutError:
            seen = await self.page.locator("main").inner_text()
            raise AssertionError(f"{self.page.url} does not say {text!r} but: {seen}") from None

    async def overflowing(self) -> Sequence[str]:
        """What reaches beyond the right edge of the page."""
        found: list[str] = await self.page.evaluate(OVERFLOWING)
        return found

    async def barriers(self, *rules: str) -> Sequence[str]:
        """What keeps people out, by WCAG 2.2 A and AA as far as axe-core can tell."""
        await self.page.evaluate(AXE_SCRIPT)
        await self.page.evaluate(DRAWN)
        await self.page.evaluate(SETTLED)
        options = {"runOnly": list(rules or WCAG), "resultTypes": ["violations"]}
        found = await self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:400]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]


@asynccontextmanager
async def window(
    browser: Browser,
    url: str,
    shape: Shape = DESKTOP,
    *,
    scripts: bool = True,
    state: Any = None,
    **options: Any,
) -> AsyncIterator[Window]:
    """A window of its own, with no cookies but those of `state`."""
    context = await browser.new_context(
        viewport={"width": shape.width, "height": shape.height},
        is_mobile=shape.is_phone,
        has_touch=shape.is_phone,
        user_agent=PHONE_AGENT if shape.is_phone else None,
        java_script_enabled=scripts,
        storage_state=state,
        locale="en-US",
        reduced_motion="reduce",
        **options,
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield Window(context, await context.new_page(), url)
    finally:
        await context.close()
