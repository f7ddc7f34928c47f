"""One Souk for all tests of pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.servers import Desk
from tests.web.market import Market, Visitor, market_of


@pytest.fixture(scope="session")
async def market(servers: Desk) -> AsyncIterator[Market]:
    async with market_of(servers) as market:
        yield market


@pytest.fixture
def guest(market: Market) -> Visitor:
    return market.visitor()


def pytest_collection_modifyitems(items):
    """Where they share a Souk, they share a process."""
    for item in items:
        if "web" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("web"))
