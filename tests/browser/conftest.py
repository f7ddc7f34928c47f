"""A demo marketplace, Chromium, and windows that may not complain."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.browser.demo import Demo, demo
from tests.browser.windows import DESKTOP, NONE_HERE, Shape, Window, chromium, executable, window

Open = Callable[..., Awaitable[Window]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if executable() is None:
        pytest.skip(NONE_HERE)
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
async def souk(browser: Browser) -> AsyncIterator[Demo]:
    """Shared by all tests: what one of them changes, it makes for itself.

    SOUK_TRIED_URL and SOUK_TRIED_HOME name one that runs already.
    """
    given = os.environ
    async with demo(given.get("SOUK_TRIED_URL", ""), given.get("SOUK_TRIED_HOME", "")) as running:
        yield running


@pytest.fixture
async def opened(browser: Browser, souk: Demo) -> AsyncIterator[Open]:
    """`await opened(PHONE, by=SHOPPER, scripts=False)`: a window, watched until the test ends."""
    async with AsyncExitStack() as stack:
        windows: list[Window] = []

        async def make(shape: Shape = DESKTOP, *, by: str = "", **options: Any) -> Window:
            state = await souk.state(browser, by) if by else None
            made = window(browser, souk.url, shape, state=state, **options)
            windows.append(await stack.enter_async_context(made))
            return windows[-1]

        yield make
        assert [each for one in windows for each in one.complaints] == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where they share a Souk, they share a process."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("browser"))
