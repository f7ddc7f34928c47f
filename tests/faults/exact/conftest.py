"""A furnished bazaar for the tests that let it die."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.faults.exact.bazaar import Bazaar, bazaar
from tests.support.servers import Desk, of_this_checkout


@pytest.fixture(scope="module")
async def place(servers: Desk) -> AsyncIterator[Bazaar]:
    async with bazaar(servers) as made:
        yield made


@pytest.fixture(scope="module")
async def other_place() -> AsyncIterator[Bazaar]:
    """At a desk of its own, so that they share no messages."""
    async with of_this_checkout().desk() as desk, bazaar(desk) as made:
        yield made
