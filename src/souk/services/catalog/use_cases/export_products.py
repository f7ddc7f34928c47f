"""A shop takes its products away as a product sheet."""

from __future__ import annotations

from datetime import UTC, datetime

from souk.kernel.database import Database
from souk.services.catalog import queries
from souk.services.catalog.shopify.export import header_text, sheet_text
from souk.services.catalog.stockroom import Stockroom

PAGE = 100
BEGINNING = (datetime(1, 1, 2, tzinfo=UTC), "00000000-0000-0000-0000-000000000000")


async def export_products(db: Database, stockroom: Stockroom, shop_id: str) -> bytes:
    """All but archived products, in the order in which they were made, with stock as of now."""
    sheet = bytearray(header_text().encode())
    after = BEGINNING
    while rows := await queries.list_of_shop(db, shop_id=shop_id, after=after, limit=PAGE):
        variants = [variant.id for row in rows for variant in row.variants]
        on_hand = await stockroom.on_hand(variants)
        sheet += sheet_text([row.draft() for row in rows], on_hand).encode()
        after = (rows[-1].created_at, rows[-1].id)
    return bytes(sheet)
