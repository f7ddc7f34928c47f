"""A shop's stock: how much there is, how it came to be, and putting it right."""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from souk.contracts.catalog import ListShopProductsRequest, Product
from souk.contracts.inventory import (
    AdjustStockRequest,
    GetInventoryRequest,
    ListMovementsRequest,
    ListShopStockRequest,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of, page_number
from souk.web.seller.overview import names_of
from souk.web.seller.product import product_of
from souk.web.seller.typed import whole_typed
from souk.web.visit import Visit

PAGE_SIZE = 50
PRODUCTS_MAX = 100
TEXT_MAX = 200
LEVELS = {"low": 5, "out": 0}  # as many are available, or fewer
MOVEMENTS_SIZE = 25


async def every(visit: Visit) -> Response:
    """All of it, or what is found by its name or SKU, or of which there is little or nothing."""
    desk, page = await desk_of(visit), page_number(visit)
    text = visit.query.get("q", "").strip()[:TEXT_MAX]
    level = visit.query.get("level", "")
    level = level if level in LEVELS else ""
    request = ListShopStockRequest(
        shop_id=desk.shop.id,
        page=page,
        page_size=PAGE_SIZE,
        available_max=LEVELS.get(level),
        q=text,
        product_ids=await products_called(desk, text) if text else (),
    )
    found = await visit.souk.inventory.list_shop_stock(request)
    return desk.page(
        "stock.html",
        stock=found.items,
        names=await names_of(desk, [one.variant_id for one in found.items]),
        text=text,
        level=level,
        few=LEVELS["low"],
        page=page,
        more=len(found.items) == PAGE_SIZE,
        given={"q": text, "level": level},
    )


async def products_called(desk: Desk, text: str) -> tuple[str, ...]:
    """The products that the text is looked for in: as many as may be asked for at once."""
    found = await desk.visit.souk.catalog.list_shop_products(
        ListShopProductsRequest(shop_id=desk.shop.id, q=text, page_size=PRODUCTS_MAX)
    )
    return tuple(card.id for card in found.items)


async def one(visit: Visit) -> Response:
    desk = await desk_of(visit)
    return await stock_page(desk, await product_of(desk), Form())


async def adjust(visit: Visit) -> Response:
    """Adds to one variant's stock or takes from it, and says why."""
    desk, form = await desk_of(visit), visit.form
    product = await product_of(desk)
    change = whole_typed(visit, form, "change", signed=True)
    if not change:
        form.blame("change", visit.text("Say by how many, such as 12 or -3."))
    try:
        request = form.read(AdjustStockRequest, product_id=product.id, change=change or 1)
        if form.errors:
            raise InvalidRequest()
        with visit.keyed(form["key"][:255]):
            await visit.souk.inventory.adjust_stock(request)
    except Refusal as refusal:
        form.refuse(refusal, StockIsReserved="change", StockNotFound="variant_id")
        return await stock_page(desk, product, form, status=refusal.KIND.status)
    visit.note("The stock is right again.")
    return desk.go(f"/stock/{product.id}")


async def stock_page(desk: Desk, product: Product, form: Form, *, status: int = 200) -> Response:
    souk, page = desk.visit.souk, page_number(desk.visit)
    movements = ListMovementsRequest(product_id=product.id, page=page, page_size=MOVEMENTS_SIZE)
    levels, moved = await asyncio.gather(
        souk.inventory.get_inventory(GetInventoryRequest(product_id=product.id)),
        souk.inventory.list_movements(movements),
    )
    names = {one.id: one.name or one.sku for one in product.variants}
    gone = {one.variant_id for one in moved.items} - names.keys()
    retired = await names_of(desk, sorted(gone))
    return desk.page(
        "product_stock.html",
        status=status,
        product=product,
        levels=[one for one in levels.items if one.variant_id in names],
        movements=moved.items,
        names={key: one.variant_name or one.sku for key, one in retired.items()} | names,
        retired=retired,
        form=form,
        page=page,
        more=len(moved.items) == MOVEMENTS_SIZE,
        key=form["key"] or new_id(),
    )
