"""Tariffs and shipments, as they are asked for."""

from __future__ import annotations

from decimal import Decimal

from souk.contracts.shipping import Shipment, ShipmentNotFound
from souk.kernel.database import Queries
from souk.services.shipping.model import Tariff

TARIFFS = """
select code, name, description, days_min, days_max, parcel_cents, kilogram_cents
from methods order by parcel_cents limit 50
"""
LEVELS = "select currency, units_per_usd from currency_levels limit 500"
SHIPMENT = (
    "select id, order_id, carrier, tracking_number, status, shipped_at, delivered_at from shipments"
)
BY_NUMBER = f"{SHIPMENT} where tracking_number = $1 order by shipped_at desc limit 1"
OF_ORDER = f"{SHIPMENT} where order_id = $1 order by shipped_at desc limit 1"


async def list_tariffs(db: Queries) -> list[Tariff]:
    return await db.fetch_as(Tariff, TARIFFS)


async def list_levels(db: Queries) -> dict[str, Decimal]:
    return {row["currency"]: row["units_per_usd"] for row in await db.fetch(LEVELS)}


async def get_shipment(db: Queries, *, tracking_number: str) -> Shipment:
    found = await db.fetchrow_as(Shipment, BY_NUMBER, tracking_number)
    if found is None:
        raise ShipmentNotFound()
    return found


async def get_shipment_of(db: Queries, *, order_id: str) -> Shipment:
    found = await db.fetchrow_as(Shipment, OF_ORDER, order_id)
    if found is None:
        raise ShipmentNotFound()
    return found
