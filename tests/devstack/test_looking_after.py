"""What an operator does at the console works with and without a running Souk."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from souk.devstack.servers import Servers
from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.entries import audit_key
from souk.kernel.audit.sealing import seal
from souk.kernel.database import Database
from souk.kernel.events.bus import Delivery, Message
from souk.kernel.events.dead_letters import park
from souk.kernel.ids import new_id
from souk.kernel.migrations import SCHEMA
from souk.kernel.settings import Settings, database_url, with_secrets

SERVICES = SCHEMA.parents[1] / "services"


def souk(home: Path, *arguments: str, code: int = 0) -> str:
    said = subprocess.run(
        [sys.executable, "-m", "souk", *arguments],
        env={**os.environ, "SOUK_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == code, said.stderr
    return said.stdout


def test_migrations_go_up_and_one_service_goes_down_again(home: Path) -> None:
    files = sorted(SCHEMA.glob("*.sql"))
    kernels = "".join(f"applied kernel/{file.stem}\n" for file in files)
    assert f"{kernels}applied shops/0001_shops" in souk(home, "migrate", "up", "shops")
    assert souk(home, "migrate", "up", "shops").endswith("nothing to do\n")
    latest = max(file.stem for file in (SERVICES / "shops" / "migrations").glob("*.sql"))
    assert souk(home, "migrate", "down", "shops") == f"took back shops/{latest}\n"
    assert f"applied shops/{latest}" in souk(home, "migrate", "up", "shops")


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


async def test_the_audit_record_is_shown_and_proved(home: Path) -> None:
    souk(home, "migrate", "up", "shops")
    settings = with_secrets(Settings(home=home))
    async with Servers(home, Settings()) as urls:
        database = await Database.connect(
            database_url(urls.postgres, "shops"), "shops", audit_key=audit_key(settings.master_key)
        )
        async with database.transaction() as tx:
            tx.audit("shops.closed", subject="shop_id:1", after={"status": "closed"})
        await seal(database, Anchors(home / "audit"))
        assert "shops: holds, 1 entries" in souk(home, "audit", "verify", "shops")
        assert "shops.closed  shop_id:1" in souk(home, "audit", "list", "shops")

        await database.execute("alter table audit disable trigger all")
        await database.execute("delete from audit")
        await database.close()
        assert "entry 1 and all after it were cut off" in souk(
            home, "audit", "verify", "shops", code=1
        )
        # As after a restore: what there is, is declared to be the truth.
        assert "ends at entry 0" in souk(home, "audit", "anchor", "shops")
        assert "shops: holds, 0 entries" in souk(home, "audit", "verify", "shops")
