"""The same answers with as little as can be: what stands between Souk and the limit.

    python -m bench.bare PORT SERVER      SERVER: PostgreSQL's address, without a database

Plain starlette, asyncpg and msgspec on the server that Souk uses: the same rows by the same SQL, as
JSON of the same size, with nothing of what makes an API (validation, access, limits, deadlines,
ids, ETags, logs, figures). Several of them share a port, as Souk's workers do.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from souk.contracts.catalog import Image, Product, ProductCard, ProductPage, Variant
from souk.kernel.money import Money
from souk.kernel.settings import database_url
from souk.services.catalog.listing import Listing
from souk.services.catalog.queries import BY_SLUG
from souk.services.inventory.queries import SEVERAL

LIST, _ = Listing().sql(counts=False)
CONNECTIONS = 8  # of one process to one database
PAGE_SIZE = 20
encode = msgspec.json.Encoder().encode
decode = msgspec.json.decode


class Bare:
    """Two routes, and the databases behind them."""

    def __init__(self, server: str) -> None:
        self._server = server

    @asynccontextmanager
    async def life(self, _: Any = None) -> AsyncIterator[None]:
        pools = [
            asyncpg.create_pool(database_url(self._server, name), min_size=1, max_size=CONNECTIONS)
            for name in ("catalog", "inventory")
        ]
        async with pools[0] as self._catalog, pools[1] as self._inventory:
            yield

    async def list_products(self, _: Request) -> Response:
        rows = await self._catalog.fetch(LIST)
        items = tuple(
            ProductCard(
                id=str(row["id"]),
                slug=row["slug"],
                name=row["name"],
                shop_id=str(row["shop_id"]),
                shop_name=row["shop_name"],
                category=row["category"],
                brand=row["brand"],
                price=Money(row["price_amount"], row["currency"]),
                rating=row["rating"],
                review_count=row["review_count"],
                image_url=row["image_url"],
                in_stock=row["in_stock"],
            )
            for row in rows[:PAGE_SIZE]
        )
        return reply(ProductPage(items=items, page=1, page_size=PAGE_SIZE, total=1000))

    async def see_product(self, request: Request) -> Response:
        row = await self._catalog.fetchrow(BY_SLUG, request.path_params["slug"])
        variants = decode(row["variants"])
        ids = [each["id"] for each in variants]
        stock = await self._inventory.fetch(SEVERAL, ids)
        available = {str(each["variant_id"]): each["available"] for each in stock}
        return reply(product(row, variants, available))


def product(row: asyncpg.Record, variants: list[Any], available: dict[str, int]) -> Product:
    currency = row["currency"]
    return Product(
        id=str(row["id"]),
        slug=row["slug"],
        shop_id=str(row["shop_id"]),
        shop_name=row["shop_name"],
        status=row["status"],
        name=row["name"],
        description=row["description"],
        category=row["category"],
        brand=row["brand"],
        tags=tuple(row["tags"]),
        price=Money(row["price_amount"], currency),
        rating=row["rating"],
        review_count=row["review_count"],
        in_stock=any(available.values()),
        options=tuple(row["options"]),
        variants=tuple(
            Variant(
                id=each["id"],
                sku=each["sku"],
                name=each["name"],
                options=dict(zip(row["options"], each["options"], strict=True)),
                price=Money(each["price_amount"], currency),
                available=available[each["id"]],
                barcode=each["barcode"],
                weight_grams=row["weight_grams"],
                image_url=each["image_url"],
            )
            for each in variants
        ),
        images=decode(row["images"], type=tuple[Image, ...]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )


def reply(answer: msgspec.Struct) -> Response:
    return Response(encode(answer), media_type="application/json")


def application(bare: Bare) -> Starlette:
    return Starlette(
        routes=[
            Route("/api/v1/products", bare.list_products),
            Route("/api/v1/products/{slug}", bare.see_product),
        ]
    )


async def serve(port: int, server: str) -> None:
    bare = Bare(server)
    async with bare.life():
        http = Server(
            application(bare),
            address="127.0.0.1",
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            log_enabled=False,
        )
        stop = asyncio.Event()
        for told in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(told, stop.set)
        serving = asyncio.create_task(http.serve())
        await stop.wait()
        http.stop()  # type: ignore[no-untyped-call]  # granian leaves it without types
        await asyncio.wait((serving,), timeout=1)


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
