"""A market for each test: only the database is real, and it is empty."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.services.orders.market import Market, Place, built
from tests.support.servers import Desk


@pytest.fixture(scope="session")
async def place(servers: Desk) -> AsyncIterator[Place]:
    async with built(servers) as place:
        yield place


@pytest.fixture
async def market(place: Place) -> AsyncIterator[Market]:
    market = place.open()
    yield market
    await place.clear(market)
