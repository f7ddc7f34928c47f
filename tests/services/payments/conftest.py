"""The payments service with its real database, and the sandbox it comes with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.kernel import failpoints
from tests.services.payments.counter import Counter, Door, door
from tests.support.hosting import hosted
from tests.support.servers import Desk


@pytest.fixture
async def counter(servers: Desk) -> AsyncIterator[Counter]:
    async with hosted("payments", servers) as host:
        yield Counter(host)
    failpoints.disarm()


@pytest.fixture
async def street(servers: Desk) -> AsyncIterator[tuple[Counter, Door]]:
    """Payments whose sandbox reaches them over HTTP."""
    async with door() as entrance, hosted("payments", servers, public_url=entrance.url) as host:
        entrance.counter = Counter(host)
        yield entrance.counter, entrance
