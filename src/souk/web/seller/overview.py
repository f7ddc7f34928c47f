"""How a shop is doing: what it sold, what waits to be sent, what runs low."""

from __future__ import annotations

import asyncio
from datetime import date

from babel import dates
from starlette.responses import Response

from souk.contracts.catalog import ListShopVariantsRequest, NotYourShop, Offer
from souk.contracts.inventory import ListLowStockRequest
from souk.contracts.orders import (
    GetShopSalesRequest,
    ListShopOrdersRequest,
    OrderStatus,
    ShopSales,
)
from souk.kernel.money import Money
from souk.web import amounts
from souk.web.seller.desk import Desk, desk_of
from souk.web.seller.rights import OVERVIEW, named
from souk.web.visit import Visit

DAYS = (30, 90)
SHOWN_MAX = 6


async def show(visit: Visit) -> Response:
    desk = await desk_of(visit)
    if not desk.may(named(OVERVIEW)):
        return desk.go(desk.parts[0].place)
    days = 90 if visit.query.get("days") == "90" else 30
    shop_id, souk = desk.shop.id, visit.souk
    sales, waiting, preparing, low = await asyncio.gather(
        souk.orders.get_shop_sales(GetShopSalesRequest(shop_id=shop_id, days=days)),
        souk.orders.list_shop_orders(
            ListShopOrdersRequest(
                shop_id=shop_id, status=OrderStatus.CONFIRMED, page_size=SHOWN_MAX
            )
        ),
        souk.orders.list_shop_orders(
            ListShopOrdersRequest(
                shop_id=shop_id, status=OrderStatus.PROCESSING, page_size=SHOWN_MAX
            )
        ),
        souk.inventory.list_low_stock(ListLowStockRequest(shop_id=shop_id, page_size=SHOWN_MAX)),
    )
    return desk.page(
        "overview.html",
        days=days,
        sales=sales,
        points=points(visit, desk, sales),
        sold=Money(sum(day.amount for day in sales.days), desk.shop.currency),
        orders=sum(day.orders for day in sales.days),
        waiting=[*waiting.items, *preparing.items][:SHOWN_MAX],
        low=low.items,
        names=await names_of(desk, [one.variant_id for one in low.items]),
    )


def points(visit: Visit, desk: Desk, sales: ShopSales) -> list[tuple[str, int, str]]:
    """Bars of the chart: day, height, and what it says."""
    locale = visit.tongue.locale
    return [
        (
            dates.format_skeleton("MMMd", date.fromisoformat(day.day), locale=locale),
            day.amount,
            amounts.money(Money(day.amount, desk.shop.currency), locale),
        )
        for day in sales.days
    ]


async def names_of(desk: Desk, variant_ids: list[str]) -> dict[str, Offer]:
    """What variants are called; those that the catalog no longer sells are missing."""
    if not variant_ids:
        return {}
    request = ListShopVariantsRequest(shop_id=desk.shop.id, variant_ids=tuple(variant_ids))
    try:
        found = await desk.visit.souk.catalog.list_shop_variants(request)
    except NotYourShop:  # the catalog has not heard of a very new shop's people yet
        return {}
    return {offer.variant_id: offer for offer in found.items}
