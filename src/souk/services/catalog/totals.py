"""How many products a list has, and the category tree: remembered for a few seconds."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.catalog import Category
from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.services.catalog import queries
from souk.services.catalog.listing import Filters

TOTAL_SECONDS, TOTALS_MAX = 4.0, 2000
RECOUNT_SECONDS = 1.0
TREE_SECONDS = 10.0


class Total(Struct):
    count: int
    until: float


class Totals:
    """Of this process. A total is at most five seconds old."""

    def __init__(self) -> None:
        self._known: dict[Filters, Total] = {}

    def find(self, filters: Filters) -> int | None:
        """None asks for a count; the others who ask meanwhile make do with the one before."""
        known, now = self._known.get(filters), monotonic()
        if known is None:
            return None
        if known.until <= now:
            known.until = now + RECOUNT_SECONDS
            return None
        return known.count

    def keep(self, filters: Filters, count: int) -> int:
        if len(self._known) >= TOTALS_MAX:
            self._known.clear()
        self._known[filters] = Total(count, monotonic() + TOTAL_SECONDS)
        return count


class Tree:
    """All categories, parents first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[Category, ...] = ()
        self._until = 0.0

    async def list(self) -> tuple[Category, ...]:
        if self._until <= monotonic():
            self._known = await queries.list_categories(self._database)
            self._until = monotonic() + TREE_SECONDS
        return self._known

    def expect(self, path: str) -> None:
        """A category was made here, if it was not there; other processes see it in ten seconds."""
        if path and all(path != category.path for category in self._known):
            self._until = 0.0
