"""What an operator does at the console works with and without a running Souk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from souk.devstack.servers import Servers
from souk.kernel.database import Database
from souk.kernel.events.bus import Delivery, Message
from souk.kernel.events.dead_letters import park
from souk.kernel.ids import new_id
from souk.kernel.settings import Settings, database_url


def souk(home: Path, *arguments: str) -> str:
    said = subprocess.run(
        [sys.executable, "-m", "souk", *arguments],
        env={**os.environ, "SOUK_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_migrations_go_up_and_one_service_goes_down_again(home: Path) -> None:
    applied = "applied kernel/0001_kernel\napplied shops/0001_shops"
    assert applied in souk(home, "migrate", "up", "shops")
    assert souk(home, "migrate", "up", "shops").endswith("nothing to do\n")
    assert "took back shops/0001_shops" in souk(home, "migrate", "down", "shops")
    assert "applied shops/0001_shops" in souk(home, "migrate", "up", "shops")


async def test_dead_letters_are_listed_with_who_could_not_take_them_and_why(home: Path) -> None:
    souk(home, "migrate", "up", "shops")
    assert "No dead letters." in souk(home, "dead-letters", "list", "shops")
    letter = Message(new_id(), "souk.orders.placed", b"{}", {})
    async with Servers(home, Settings()) as urls:
        database = await Database.connect(database_url(urls.postgres, "shops"), "shops")
        await park(database, Delivery(letter), consumer="shops.it_happened", reason="no such row")
        await database.close()
        # The servers run: the command borrows them, and must leave them as they are.
        said = souk(home, "dead-letters", "list", "shops")
        assert re.search(rf"shops +{letter.id} +shops.it_happened .*no such row", said)
        assert await Servers(home, Settings()).postgres.answers()
