"""How commands talk to a person: plain lines, and a bar where one waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType

BAR_CELLS = 24


def say(text: str = "") -> None:
    """A line on standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """A line on standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def table(rows: Sequence[Sequence[str]]) -> None:
    """Rows with aligned columns, the last one ragged."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))] if rows else []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        say("  ".join([*cells, row[-1]]).rstrip())


class Progress:
    """`with Progress("Migrating", 10) as progress: progress.step("orders")`.

    A bar that moves at a terminal; elsewhere one line when it is done.
    """

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = max(total, 1)
        self._done = 0
        self._is_terminal = sys.stdout.isatty()

    def __enter__(self) -> Progress:
        self._draw("")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._is_terminal:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()
        if error is None:
            say(f"{self._title}: done")

    def step(self, what: str = "", *, count: int = 1) -> None:
        """`count` more are done; `what` is shown beside the bar."""
        self._done = min(self._done + count, self._total)
        self._draw(what)

    def _draw(self, what: str) -> None:
        if not self._is_terminal:
            return
        filled = BAR_CELLS * self._done // self._total
        bar = "█" * filled + "░" * (BAR_CELLS - filled)
        sys.stdout.write(f"\r\x1b[K{self._title} {bar} {self._done}/{self._total} {what}")
        sys.stdout.flush()
