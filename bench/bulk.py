"""Many rows made of a few: real ones, written by Souk itself, are copied inside PostgreSQL.

A million products go in within minutes this way, and look as if they had been created one by one:
every column that is not named here is a copy of what Souk wrote.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from souk.kernel.settings import database_url

CATEGORIES = 20
SHOPS = 1000
SHOPS_FROM = 10_000  # products; fewer are all of one shop
ORDERS = 1000
AT_ONCE = 100_000
SECONDS_MAX = 600
NAMES = "(array['Linen tee', 'Wool scarf', 'Oak stool', 'Clay mug', 'Canvas bag'])[n % 5 + 1]"
WORDS = ("linen", "wool", "oak", "clay", "canvas", "scarf", "mug", "bag")
CATEGORY = f"'department-' || n % {CATEGORIES}"
COLUMNS = """
select attname from pg_attribute
where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''
  and attidentity = ''
"""
PLAIN_INDEXES = """
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made
from pg_index where indrelid = any($1::regclass[]) and not indisunique
"""
PLACES = """
insert into product_places (path, id, created_at, price_amount, rating)
select path, id, created_at, price_amount, rating
from products, unnest(category_paths) as path where is_listed and id = any(
    select md5('product' || n)::uuid from generate_series($1::int, $2::int) as n)
on conflict do nothing
"""


class Row(dict[str, str]):
    """SQL for the columns that differ from the copied row; `n` is the copy's number from 1."""


async def more_products(server: str, product_id: str, shop_id: str, *, count: int) -> None:
    """`count` copies of a product with its variants and stock, over 20 categories and the shops."""
    has_shops = count >= SHOPS_FROM
    shop = f"md5('shop' || n % {SHOPS})::uuid" if has_shops else f"'{shop_id}'::uuid"
    one, of_it = f"id = '{product_id}'", f"product_id = '{product_id}'"
    variant = Row(
        id="md5('variant' || t.sku || n)::uuid",
        product_id="md5('product' || n)::uuid",
        shop_id=shop,
        sku="t.sku || '-' || n",
    )
    async with connected(server, "catalog") as catalog, connected(server, "inventory") as stock:
        if has_shops:
            await more_shops(server, catalog, shop_id)
        await catalog.execute("set session_replication_role = replica")  # places come in bulk
        await copied(catalog, "categories", "path = 'department-0'", CATEGORIES - 1, Row(
            id="md5('category' || n)::uuid", slug=CATEGORY, path=CATEGORY, name=CATEGORY,
        ))  # fmt: skip
        tables = ("products", "variants", "product_places")
        async with without_indexes(catalog, *tables), without_indexes(stock, "stock"):
            await copied(catalog, "products", one, count, Row(
                id="md5('product' || n)::uuid", shop_id=shop, handle="'bench-' || n",
                slug="'bench-' || n", name=f"{NAMES} || ' no. ' || n", category=CATEGORY,
                category_paths=f"array[{CATEGORY}]", price_amount="500 + n % 9000",
                words=f"string_to_array(lower({NAMES}), ' ') || array['acme', n::text]",
                created_at="t.created_at - n * interval '1 second'", rating="n % 50 / 10.0",
            ))  # fmt: skip
            await copied(catalog, "variants", of_it, count, variant)
            on_stock = Row({name: sql for name, sql in variant.items() if name != "id"})
            await copied(stock, "stock", of_it, count, on_stock | {"variant_id": variant["id"]})
            for first, last in pieces(count):
                await catalog.execute(PLACES, first, last)
        await catalog.execute("vacuum analyze")
        await stock.execute("vacuum analyze")


async def more_shops(server: str, catalog: asyncpg.Connection, shop_id: str) -> None:
    named = Row(id="md5('shop' || n - 1)::uuid", name="'Bench shop ' || n")
    await copied(catalog, "shops", f"id = '{shop_id}'", SHOPS, named)
    async with connected(server, "shops") as shops:
        numbered = named | {"slug": "'bench-shop-' || n"}
        await copied(shops, "shops", f"id = '{shop_id}'", SHOPS, numbered)
        members = Row(shop_id=named["id"])
        await copied(shops, "members", f"shop_id = '{shop_id}'", SHOPS, members)


async def more_orders(server: str, order_id: str, *, count: int = ORDERS) -> None:
    """Copies of an order, each a minute older than the one before."""
    order, checkout = "md5('order' || n)::uuid", "md5('checkout' || n)::uuid"
    async with connected(server, "orders") as orders:
        its_checkout = f"id = (select checkout_id from orders where id = '{order_id}')"
        await copied(orders, "checkouts", its_checkout, count, Row(
            id=checkout, cart_id="md5('cart' || n)::uuid", idempotency_key="'bench-' || n",
        ))  # fmt: skip
        await copied(orders, "orders", f"id = '{order_id}'", count, Row(
            id=order, checkout_id=checkout, order_number="t.order_number || '-' || n",
            placed_at="t.placed_at - n * interval '1 minute'",
        ))  # fmt: skip
        of_it = f"order_id = '{order_id}'"
        item_id = "md5('item' || t.position || n)::uuid"
        await copied(orders, "order_items", of_it, count, Row(id=item_id, order_id=order))
        await copied(orders, "order_events", of_it, count, Row(order_id=order))
        await orders.execute("vacuum analyze")


async def copied(
    database: asyncpg.Connection, table: str, where: str, count: int, row: dict[str, str]
) -> None:
    """Adds `count` copies of each row of `table` that `where` chooses."""
    columns = [found["attname"] for found in await database.fetch(COLUMNS, table)]
    assert row.keys() <= set(columns), f"{table} has no {', '.join(row.keys() - set(columns))}"
    values = ", ".join(row.get(name, f"t.{name}") for name in columns)
    for first, last in pieces(count):
        await database.execute(
            f"insert into {table} ({', '.join(columns)}) select {values} "
            f"from {table} as t, generate_series({first}, {last}) as n where {where}"
        )


@asynccontextmanager
async def without_indexes(database: asyncpg.Connection, *tables: str) -> AsyncIterator[None]:
    """Filling first and indexing then is several times quicker; unique ones stay."""
    indexes = await database.fetch(PLAIN_INDEXES, list(tables))
    for index in indexes:
        await database.execute(f"drop index {index['name']}")
    yield
    for index in indexes:
        await database.execute(index["made"])


@asynccontextmanager
async def connected(server: str, service: str) -> AsyncIterator[asyncpg.Connection]:
    database = await asyncpg.connect(database_url(server, service), command_timeout=SECONDS_MAX)
    try:
        await database.execute("set maintenance_work_mem = '256MB'")
        yield database
    finally:
        await database.close()


def pieces(count: int) -> list[tuple[int, int]]:
    return [(first, min(first + AT_ONCE - 1, count)) for first in range(1, count + 1, AT_ONCE)]
