"""A shopper fills, changes and empties a cart: planned outside, written in one statement.

Prices and stock are asked for before anything is written; the cart's version guards the write, and
whoever planned on an older cart plans anew. One statement needs no transaction around it, which
would be two more trips to the database.
"""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.carts import Cart
from souk.kernel.database import Queries
from souk.services.carts import store
from souk.services.carts.model import Basket, Line, Owner


class CartMovedError(Exception):
    """The cart changed between plan and write."""


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be written, and the cart as it will be seen then."""

    owner: Owner
    basket: Basket  # as it was
    line: Line
    cart: Cart  # as it will be


async def put_line(db: Queries, plan: Plan) -> Cart:
    currency, cart = plan.cart.currency, plan.cart
    if plan.basket.id:
        written = await store.put_line(db, plan.basket, plan.line, currency=currency)
    else:
        written = await store.open_cart(db, cart.id, plan.owner, plan.line, currency=currency)
    if not written:
        raise CartMovedError
    return cart


async def remove_line(db: Queries, basket: Basket, item_id: str) -> None:
    if not await store.remove_line(db, basket, item_id):
        raise CartMovedError


async def clear_cart(db: Queries, basket: Basket) -> None:
    if not all(await store.empty_carts(db, [(basket.id, basket.version)])):
        raise CartMovedError


async def set_coupon(db: Queries, basket: Basket, code: str) -> None:
    if not await store.set_coupon(db, basket, code):
        raise CartMovedError
