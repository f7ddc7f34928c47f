"""The payments service with its real database, and the sandbox it comes with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.kernel import failpoints
from tests.services.payments.counter import Counter, Door, door
from tests.support.hosting import hosted
from tests.support.servers import Desk

TABLES = """
select format('%I.%I', schemaname, tablename) from pg_tables
 where schemaname in ('public', 'sandbox') and tablename not in ('schema_migrations')
"""


@pytest.fixture(scope="session")
async def shop(servers: Desk) -> AsyncIterator[tuple[Counter, Door]]:
    """Payments whose sandbox reaches them over HTTP, for all tests together."""
    async with door() as entrance, hosted("payments", servers, public_url=entrance.url) as host:
        entrance.counter = Counter(host)
        yield entrance.counter, entrance


@pytest.fixture(scope="session")
async def instant_shop(servers: Desk) -> AsyncIterator[Counter]:
    async with hosted("payments", servers, escrow_days=0) as host:
        yield Counter(host)


@pytest.fixture
async def street(shop: tuple[Counter, Door]) -> tuple[Counter, Door]:
    """Payments with empty books, and the door at which their webhooks arrive."""
    counter, entrance = shop
    entrance.reset()
    await _empty(counter)
    return shop


@pytest.fixture
def counter(street: tuple[Counter, Door]) -> Counter:
    """Payments with empty books."""
    return street[0]


@pytest.fixture
async def instant(instant_shop: Counter) -> Counter:
    """Payments that release an order's money the moment it is delivered."""
    await _empty(instant_shop)
    return instant_shop


async def _empty(counter: Counter) -> None:
    # The ledger refuses to be emptied, so this goes past its triggers.
    failpoints.disarm()
    counter.till.providers.pop("lossy", None)  # type: ignore[attr-defined]
    async with counter.database.transaction() as tx:
        await tx.execute("set local session_replication_role = replica")
        for row in await tx.fetch(TABLES):
            await tx.execute(f"delete from {row[0]}")
