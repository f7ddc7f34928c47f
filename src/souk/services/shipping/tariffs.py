"""The tariffs, kept in memory for a minute: every cart and checkout asks for them."""

from __future__ import annotations

from decimal import Decimal

from souk.contracts.shipping import CurrencyNotServed, ShippingMethodUnknown
from souk.kernel.clock import monotonic
from souk.kernel.database import Database
from souk.services.shipping.model import Tariff
from souk.services.shipping.queries import list_levels, list_tariffs

FRESH_SECONDS = 60


class Tariffs:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._tariffs: list[Tariff] = []
        self._levels: dict[str, Decimal] = {}
        self._until = 0.0  # allow-float: a moment, not money

    async def all(self) -> list[Tariff]:
        """Cheapest first."""
        await self._freshen()
        return self._tariffs

    async def get(self, method: str) -> Tariff:
        await self._freshen()
        for tariff in self._tariffs:
            if tariff.code == method:
                return tariff
        raise ShippingMethodUnknown(method=method)

    async def level(self, currency: str) -> Decimal:
        await self._freshen()
        try:
            return self._levels[currency]
        except KeyError:
            raise CurrencyNotServed(currency=currency) from None

    async def _freshen(self) -> None:
        if monotonic() < self._until:
            return
        self._tariffs = await list_tariffs(self._database)
        self._levels = await list_levels(self._database)
        self._until = monotonic() + FRESH_SECONDS
