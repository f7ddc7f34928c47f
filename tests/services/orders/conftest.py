"""A market for each test, and fast ones: only the database is real."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.kernel import failpoints
from tests.services.orders.market import Market, opened
from tests.support.servers import Desk


@pytest.fixture
async def market(servers: Desk) -> AsyncIterator[Market]:
    async with opened(servers) as market:
        yield market
    failpoints.disarm()
