"""The catalog with its real database, and shops and inventory beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.kernel import failpoints
from tests.services.catalog.market import Inventory, Market, Seller, Shops, neighbours
from tests.support.hosting import hosted
from tests.support.servers import Desk


@pytest.fixture(scope="session")
async def place(servers: Desk) -> AsyncIterator[Market]:
    shops, inventory = Shops(), Inventory()
    async with hosted("catalog", servers, fakes=neighbours(shops, inventory)) as host:
        yield Market(host, shops, inventory)


@pytest.fixture
async def market(place: Market) -> AsyncIterator[Market]:
    await place.sweep()
    yield place
    failpoints.disarm()


@pytest.fixture
def seller(market: Market) -> Seller:
    return market.open_shop()
