"""Tax rates, kept in memory for a minute by place: every quote asks for one."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.pricing import TaxRate
from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.services.pricing.queries import find_tax_rate

FRESH_SECONDS = 60
PLACES_MAX = 5000


class Known(Struct, frozen=True):
    """What was found for a place, and until when it counts."""

    rate: TaxRate | None
    until_seconds: float


class Taxes:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[tuple[str, str], Known] = {}

    async def find(self, *, country: str, state: str) -> TaxRate | None:
        place = (country, state.strip().lower())
        known = self._known.get(place)
        if known and known.until_seconds > monotonic():
            return known.rate
        rate = await find_tax_rate(self._database, country=country, state=state)
        if len(self._known) >= PLACES_MAX:
            self._known.clear()
        self._known[place] = Known(rate, until_seconds=monotonic() + FRESH_SECONDS)
        return rate

    def forget(self) -> None:
        """A rate has changed; other processes see it within a minute."""
        self._known.clear()
