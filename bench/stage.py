"""A Souk to be measured: in a home of its own, with goods, shops, people and their orders."""

from __future__ import annotations

import asyncio
import shutil
import socket
import tempfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from msgspec import Struct

from bench import bulk
from bench.shoppers import Wares
from souk.devstack.servers import Servers
from souk.kernel.settings import Settings
from tests.journeys.people import PASSWORD, Person, Shop, opened_shop
from tests.support.stack import Stack, running

CHOSEN = 200  # goods that are looked at and bought
BYTES_EACH = 5_000  # of a product with its variants, its stock and their indexes, and WAL meanwhile
BYTES_LEAST = 2 << 30
STOCK = 1_000_000_000
PAGE_MAX, PAGE_SIZE = 500, 20
# What protects a public Souk from one client would stop ours, which is all of them; and passwords
# cost what they cost everywhere.
SETTINGS = {
    "rate_write_per_minute": 0,
    "rate_checkout_per_minute": 0,
    "rate_sign_in_per_minute": 0,
    "guess_pair_free": 1_000_000,  # eight at once sign in to one account
    "guess_account_free": 1_000_000,
    "guess_address_free": 1_000_000,
    "argon2_memory_kib": 19_456,
    "argon2_time_cost": 2,
    "access_token_seconds": 86_400,  # nobody signs in again in the middle
}
GOODS = """
select products.id, slug, (
    select id from variants where product_id = products.id order by place limit 1
) as variant_id
from products where products.id = any(
    select md5('product' || n)::uuid from generate_series(1, $1::int, $2::int) as n)
order by slug
"""


class Shape(Struct, frozen=True, kw_only=True):
    """How Souk is started."""

    name: str
    workers: int = 1
    is_split: bool = False
    has_shelf: bool = True


class NotPossible(Exception):  # noqa: N818 - a statement
    """What is asked for cannot be done here; the message says why."""


def checked_port(port: int) -> int:
    """Raises NotPossible when somebody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise NotPossible(f"port {port} is taken ({error.strerror}): choose another") from None
    return port


def new_home(products: int, folder: str = "") -> Path:
    """A folder on a disk with room for so many products; raises NotPossible."""
    parent = Path(folder or tempfile.gettempdir())
    needed = BYTES_LEAST + products * BYTES_EACH
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise NotPossible(
            f"{products:,} products need {needed / 1e9:,.1f} GB in {parent}, "
            f"where {free / 1e9:,.1f} GB are free: ask for fewer, or set TMPDIR"
        )
    home = Path(tempfile.mkdtemp(prefix="souk-bench-", dir=parent))
    home.chmod(0o755)  # PostgreSQL may run as somebody else
    return home


def started(home: Path, shape: Shape, *, port: int = 0) -> AbstractAsyncContextManager[Stack]:
    settings = SETTINGS | ({} if shape.has_shelf else {"shelf_bytes_max": 0})
    if port:
        settings |= {"http_port": checked_port(port)}
    return running(split=shape.is_split, home=home, workers=shape.workers, **settings)


def postgres_of(home: Path) -> str:
    return Servers(home, Settings()).adopted().postgres


async def filled(stack: Stack, *, products: int) -> Wares:
    """Brings in goods, people and orders; once in the life of a home."""
    server = postgres_of(stack.home)
    async with stack.http() as http:
        shop = await opened_shop(http, "The Bench")
        model = await shop.seller.must(
            201, "POST", f"/shops/{shop.id}/products", json=product(), timeout=30
        )
        buyer = await Person(http).register("Bea")
        order_id = await bought(buyer, model["variants"][0]["id"])
        await bulk.more_products(server, model["id"], shop.id, count=products - 1)
        await bulk.more_orders(server, order_id)
    return await wares_of(server, shop, buyer, products)


async def wares_of(server: str, shop: Shop, buyer: Person, products: int) -> Wares:
    async with bulk.connected(server, "catalog") as catalog:
        goods = await catalog.fetch(GOODS, products - 1, max((products - 1) // CHOSEN, 1))
    return Wares(
        slugs=tuple(each["slug"] for each in goods),
        product_ids=tuple(str(each["id"]) for each in goods),
        variant_ids=tuple(str(each["variant_id"]) for each in goods),
        categories=tuple(f"department-{number}" for number in range(bulk.CATEGORIES)),
        words=bulk.WORDS,
        last_page=min(products // PAGE_SIZE, PAGE_MAX),
        last_category_page=max(min(products // bulk.CATEGORIES // PAGE_SIZE, PAGE_MAX), 1),
        shop_id=shop.id,
        buyer=buyer.tokens["access_token"],
        seller=shop.seller.tokens["access_token"],
        email=buyer.user["email"],
        password=PASSWORD,
    )


async def bought(buyer: Person, variant_id: str) -> str:
    await buyer.add(variant_id)
    placed = await buyer.place()
    assert placed.status_code == 201, placed.text
    return str(placed.json()["orders"][0]["id"])


def product() -> dict[str, object]:
    """The one that all others are copies of."""
    return {
        "name": "Linen tee no. 0",
        "description": "<p>Made to be looked at a great many times.</p>",
        "category": "department-0", "brand": "Acme", "tags": ["bench", "test"],
        "weight_grams": 300,
        "variants": [
            {"sku": f"BENCH-{size}", "options": {"Size": size}, "stock": STOCK,
             "price": {"amount": 1999, "currency": "USD"}}
            for size in "ML"
        ],
        "images": [{"url": "https://images.example/bench.jpg", "alt": "A tee"}],
    }  # fmt: skip


async def disk_bytes(home: Path) -> int:
    """What a home takes on disk."""
    du = await asyncio.create_subprocess_exec(
        "du", "-s", "--bytes", str(home), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await du.communicate()
    return int(said.split()[0])
