"""Somebody counted, adjusted or imported stock, or sold goods came back."""

from __future__ import annotations

from souk.contracts.inventory import (
    AdjustStockRequest,
    NewStock,
    RestockRequest,
    SetStockRequest,
    Stock,
    StockList,
    UpdateStockRequest,
)
from souk.kernel.database import Transaction
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.inventory import store
from souk.services.inventory.model import by_key, must_cover_reserved, news
from souk.services.inventory.queries import list_of_product

ON_HAND_MAX = 1_000_000_000


async def update_stock(tx: Transaction, request: UpdateStockRequest) -> StockList:
    stock = await store.lock_stock(tx, variant_id=request.variant_id, product_id=request.product_id)
    return await change_to(tx, stock, request.on_hand, reason="counted")


async def adjust_stock(tx: Transaction, request: AdjustStockRequest) -> StockList:
    stock = await store.lock_stock(tx, variant_id=request.variant_id, product_id=request.product_id)
    on_hand = stock.on_hand + request.change
    if not 0 <= on_hand <= ON_HAND_MAX:
        raise InvalidRequest(FieldError("change", f"would leave {on_hand} on hand"))
    return await change_to(tx, stock, on_hand, reason=request.reason)


async def change_to(tx: Transaction, stock: Stock, on_hand: int, *, reason: str) -> StockList:
    """The stock of the whole product, after the change."""
    must_cover_reserved(stock, on_hand)
    item = NewStock(
        variant_id=stock.variant_id,
        product_id=stock.product_id,
        shop_id=stock.shop_id,
        sku=stock.sku,
        on_hand=on_hand,
    )
    tx.publish(*news(await store.set_stock(tx, [item], reason=reason)))
    return StockList(items=await list_of_product(tx, stock.product_id))


async def set_stock(tx: Transaction, request: SetStockRequest) -> None:
    levels = await store.set_stock(tx, request.items, reason=request.reason or "set")
    tx.publish(*news(levels))


async def restock(tx: Transaction, request: RestockRequest) -> None:
    """One restock id counts once."""
    if not await store.claim_restock(tx, request.restock_id):
        return
    lines = by_key(request.lines)
    reason = request.reason or f"restock {request.restock_id}"
    levels = await store.move(tx, lines, kind="returned", on_hand=1, reserved=0, reason=reason)
    tx.publish(*news(levels))
