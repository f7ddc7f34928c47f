"""What is on sale in the storm: one thing without end, and several of which there are few."""

from __future__ import annotations

import httpx
from msgspec import Struct

from tests.journeys.people import opened_shop

PLENTY = 1_000_000


class Market(Struct, frozen=True, kw_only=True):
    """Ids of variants."""

    plenty: str
    drops: tuple[str, ...]
    units: int


async def opened(http: httpx.AsyncClient, *, drops: int, units: int) -> Market:
    """A shop with its goods, before anything is harmed."""
    shop = await opened_shop(http, "The Storm")
    products = [await shop.product(stock=stock) for stock in (PLENTY, *[units] * drops)]
    first, *few = [product["variants"][0]["id"] for product in products]
    return Market(plenty=first, drops=tuple(few), units=units)
