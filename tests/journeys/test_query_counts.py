"""How many statements a request costs, over all services: counted by PostgreSQL itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from souk.devstack.postgres import Postgres
from tests.journeys.people import Person, opened_shop
from tests.support.stack import running
from tests.support.waiting import eventually

TIMES = 5
IDLE_SECONDS = 3.0
# Relays and consumers work after the answer, for many requests at once. A connection learns types.
BACKGROUND = ("published_at", "inbox", "leases", "current_setting", "typeinfo_tree")
BRACKETS = ("begin", "commit", "rollback")
# Mails are written by a service that nobody waits for.
LATER = "souk_notifications"
COUNTED = """
select datname, queryid, query, calls from pg_stat_statements join pg_database on oid = dbid
where datname like 'souk_%'
"""

Statement = tuple[str, int]  # its database and its id


class Counting:
    """A Souk whose PostgreSQL counts."""

    def __init__(self, http, ledger: asyncpg.Connection) -> None:
        self.http, self.ledger = http, ledger
        self.jobs: set[Statement] = set()
        self.texts: dict[Statement, str] = {}

    async def learn_jobs(self) -> None:
        """What comes round with nobody asking."""
        await self.ledger.execute("select pg_stat_statements_reset()")
        await asyncio.sleep(IDLE_SECONDS)
        self.jobs |= set(await self.calls())

    async def per_request(self, ask) -> Counter[str]:
        """Statements of one request and its aftermath, over all databases.

        What a process learns once and keeps (tariffs, tax rates, keys) is learnt before.
        """
        for _ in range(2):
            await ask()
        await self.settled()
        await self.ledger.execute("select pg_stat_statements_reset()")
        for _ in range(TIMES):
            await ask()
        await self.settled()
        counted: Counter[str] = Counter()
        for statement, calls in (await self.calls()).items():
            if calls >= TIMES and statement[0] != LATER:  # else a job that comes round rarely
                counted[f"{statement[0]}: {self.texts[statement]}"] = calls / TIMES
        return counted

    async def settled(self) -> None:
        """Until the aftermath is over: for half a second nothing comes but jobs."""
        seen = Counter({("", 0): -1})

        async def still() -> bool:
            nonlocal seen
            await asyncio.sleep(0.5)
            before, seen = seen, await self.calls()
            return before == seen

        await eventually(still)

    async def calls(self) -> Counter[Statement]:
        found: Counter[Statement] = Counter()
        for row in await self.ledger.fetch(COUNTED):
            text = " ".join(row["query"].lower().split())
            is_ours = text not in BRACKETS and not any(word in text for word in BACKGROUND)
            # By its id: after a reset the same statement is told in other words.
            statement = (row["datname"], row["queryid"])
            if is_ours and statement not in self.jobs:
                self.texts[statement] = text
                found[statement] += row["calls"]
        return found


def in_words(counted: Counter[str]) -> str:
    return "\n".join(f"{calls:5.1f}  {text[:160]}" for text, calls in counted.most_common())


@pytest.fixture(scope="module")
async def counting():
    home = tempfile.mkdtemp(prefix="souk-")
    os.chmod(home, 0o755)  # noqa: PTH101 - PostgreSQL may run as somebody else
    postgres = Postgres(Path(home), settings={"shared_preload_libraries": "pg_stat_statements"})
    await postgres.start()
    try:
        ledger = await asyncpg.connect(postgres.url, database="postgres")
        await ledger.execute("create extension pg_stat_statements")
        # Without the shelf: what is asked of the services is what is counted.
        settings = {"workers": 1, "postgres_url": postgres.url, "shelf_bytes_max": 0}
        async with running(**settings) as stack, stack.http() as http:
            counting = Counting(http, ledger)
            await counting.learn_jobs()
            yield counting
        await ledger.close()
    finally:
        await postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
async def product(counting):
    shop = await opened_shop(counting.http)
    return await shop.product(stock=1000)


async def test_a_list_of_products_is_one_query(counting, product):
    counted = await counting.per_request(lambda: counting.http.get("/products?page_size=20"))
    assert counted.total() == 1, in_words(counted)


async def test_a_product_is_at_most_two_queries(counting, product):
    path = f"/products/{product['slug']}"
    counted = await counting.per_request(lambda: counting.http.get(path))
    assert 1 <= counted.total() <= 2, in_words(counted)


async def test_adding_to_a_cart_is_at_most_four_queries(counting, product):
    variant = product["variants"][0]["id"]
    guest = Person(counting.http)
    counted = await counting.per_request(lambda: guest.add(variant))
    assert 1 < counted.total() <= 4, in_words(counted)


async def test_a_checkout_is_at_most_fifteen_queries(counting, product):
    variant = product["variants"][0]["id"]
    guests = iter([Person(counting.http) for _ in range(2 + TIMES)])
    full = [await with_a_cart(guest, variant) for guest in guests]

    async def buy() -> None:
        answer = await full.pop().place()
        assert answer.status_code == 201, answer.text
        await counting.settled()  # alone: the aftermaths of one moment share their statements

    counted = await counting.per_request(buy)
    assert 10 < counted.total() <= 15, in_words(counted)


async def with_a_cart(guest: Person, variant: str) -> Person:
    await guest.add(variant)
    return guest


async def test_checkouts_at_once_share_what_nobody_waits_for(counting, product):
    variant = product["variants"][0]["id"]
    guests = [await with_a_cart(Person(counting.http), variant) for _ in range(8)]
    await counting.settled()
    await counting.ledger.execute("select pg_stat_statements_reset()")

    answers = await asyncio.gather(*(guest.place() for guest in guests))

    assert [answer.status_code for answer in answers] == [201] * 8
    await counting.settled()
    counted = {counting.texts[each]: calls for each, calls in (await counting.calls()).items()}
    shared = (
        "update holds set status",
        "p.id = any(array(",
        "captured_amount = amount_amount",
        "set version = carts.version + ",
        "state = ended.state",
    )
    for what in shared:
        calls = [calls for text, calls in counted.items() if what in text]
        assert 1 <= sum(calls) < 8, f"{what}: {calls}"
