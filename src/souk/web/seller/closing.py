"""A shop closes for good, once its owner has typed its name."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from souk.contracts.orders import ListShopOrdersRequest, OrderStatus, OrderSummary
from souk.contracts.shops import CloseShopRequest
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of
from souk.web.visit import Visit

SHOWN_MAX = 20
OPEN = (OrderStatus.CONFIRMED, OrderStatus.PROCESSING, OrderStatus.SHIPPED)


async def show(visit: Visit) -> Response:
    return await page(await desk_of(visit), Form())


async def close(visit: Visit) -> Response:
    desk, form = await desk_of(visit), visit.form
    if form["shop_name"].casefold() != desk.shop.name.casefold():
        form.blame("shop_name", visit.text("is not the name of this shop"))
        return await page(desk, form, status=422)
    await visit.souk.shops.close_shop(CloseShopRequest(shop_id=desk.shop.id))
    visit.note("%(name)s is closed.", name=desk.shop.name)
    return desk.go()


async def page(desk: Desk, form: Form, *, status: int = 200) -> Response:
    return desk.page("close.html", status=status, form=form, waiting=await open_orders(desk))


async def open_orders(desk: Desk) -> list[OrderSummary]:
    """What goes on after the shop is closed, the first of it."""
    found = await asyncio.gather(
        *(
            desk.visit.souk.orders.list_shop_orders(
                ListShopOrdersRequest(shop_id=desk.shop.id, status=status, page_size=SHOWN_MAX)
            )
            for status in OPEN
        )
    )
    return [order for part in found for order in part.items]
