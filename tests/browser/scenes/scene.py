"""One page in one state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from tests.browser.demo import Demo
from tests.browser.windows import Window

Arrange = Callable[[Demo, Window], Awaitable[str]]


class Scene(Struct, frozen=True, kw_only=True):
    """`path` is where it is seen, by somebody who is signed in as `by`, or by a guest.

    `arrange` gets things ready, in the window too, and gives the path. `act` does something on
    the page once it is there.
    """

    name: str
    path: str = ""
    by: str = ""
    status: int = 200
    arrange: Arrange | None = None
    act: Callable[[Window], Awaitable[None]] | None = None

    async def show(self, demo: Demo, window: Window) -> None:
        path = await self.arrange(demo, window) if self.arrange else self.path
        answer = await window.see(path)
        assert answer.status == self.status, f"{path}: {answer.status}"
        if self.act:
            await self.act(window)
