"""A guest signs in: the guest's cart goes into the shopper's, the larger quantity winning.

How many there are of each is held against stock when the cart is next looked at, because asking
inventory has no place in a transaction.
"""

from __future__ import annotations

from souk.kernel.database import Transaction
from souk.services.carts import store
from souk.services.carts.model import Basket, Line


async def merge_carts(tx: Transaction, *, user_id: str, token_hash: str) -> None:
    await store.merge(tx, user_id=user_id, token_hash=token_hash)


async def cap_quantities(tx: Transaction, basket: Basket, lines: list[Line]) -> bool:
    """False when the cart has changed in between; it is capped at the next look then."""
    return await store.cap_lines(tx, basket, lines)
