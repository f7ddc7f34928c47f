"""Carts with their lines, in one statement."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.kernel.database import Queries
from souk.services.carts.model import Basket, Line, Owner

FIND = """
select carts.id, version, currency, coupon_code, is_merged, carts.user_id is null as is_guests,
       item.id as item_id, variant_id, quantity, name, seen_price_amount
from carts left join cart_items as item on item.cart_id = carts.id
where carts.user_id = $1 or carts.token_hash = $2
order by item.id limit 400
"""


class Row(Struct, frozen=True, kw_only=True):
    """A cart's row joined with one of its lines, or with none."""

    id: str
    version: int
    currency: str
    coupon_code: str
    is_merged: bool
    is_guests: bool
    item_id: str | None
    variant_id: str | None
    quantity: int | None
    name: str | None
    seen_price_amount: int | None

    def line(self) -> Line | None:
        if self.item_id is None or self.variant_id is None:
            return None
        return Line(
            id=self.item_id,
            variant_id=self.variant_id,
            quantity=self.quantity or 0,
            name=self.name or "",
            seen_price_amount=self.seen_price_amount or 0,
        )


async def find_baskets(db: Queries, owner: Owner) -> tuple[Basket | None, Basket | None]:
    """The shopper's own cart, and the guest's cart whose token was brought along."""
    if not (owner.user_id or owner.token):
        return None, None
    rows = await db.fetch_as(Row, FIND, owner.user_id or None, owner.token_hash or None)
    return (
        basket([row for row in rows if not row.is_guests]),
        basket([row for row in rows if row.is_guests]),
    )


def basket(rows: Sequence[Row]) -> Basket | None:
    if not rows:
        return None
    head = rows[0]
    return Basket(
        id=head.id,
        version=head.version,
        currency=head.currency,
        coupon_code=head.coupon_code,
        is_merged=head.is_merged,
        lines=tuple(line for row in rows if (line := row.line())),
    )
