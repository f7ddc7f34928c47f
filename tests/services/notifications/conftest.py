"""Notifications with their real database, orders and users beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from souk.kernel import failpoints
from tests.services.notifications.neighbours import Neighbours, Office
from tests.services.notifications.smtp_server import SmtpServer, smtp_server
from tests.support.hosting import hosted
from tests.support.servers import Desk


@pytest.fixture
async def office(servers: Desk) -> AsyncIterator[Office]:
    """Mails go to the folder."""
    neighbours = Neighbours()
    async with hosted("notifications", servers, fakes=neighbours.fakes) as host:
        yield Office(host, neighbours)


@pytest.fixture
async def post(servers: Desk) -> AsyncIterator[tuple[Office, SmtpServer]]:
    """Mails go to a mail server."""
    neighbours = Neighbours()
    async with (
        smtp_server() as server,
        hosted(
            "notifications",
            servers,
            fakes=neighbours.fakes,
            smtp_url=f"smtp://127.0.0.1:{server.port}",
        ) as host,
    ):
        yield Office(host, neighbours), server
    failpoints.disarm()
