"""Carts with their lines, in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from souk.kernel.database import Queries
from souk.kernel.ids import is_id
from souk.services.carts.model import LINES_MAX, Basket, Line, Owner

OWNERS_MAX = 50  # who are asked for at once
# Two carts of at most a hundred lines are an owner's. The sub-selects hide how many owners there
# are, which is all that PostgreSQL would plan anew for.
FIND = f"""
select carts.id, version, currency, coupon_code, is_merged, carts.user_id, token_hash,
       item.id as item_id, variant_id, quantity, name, seen_price_amount
from carts left join cart_items as item on item.cart_id = carts.id
where carts.user_id = any(array(select unnest($1::uuid[])))
   or carts.token_hash = any(array(select unnest($2::text[])))
order by item.id limit {2 * LINES_MAX * OWNERS_MAX}
"""  # noqa: S608 - the limit is ours


class Row(Struct, frozen=True, kw_only=True):
    """A cart's row joined with one of its lines, or with none."""

    id: str
    version: int
    currency: str
    coupon_code: str
    is_merged: bool
    user_id: str | None
    token_hash: str | None
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


async def find_baskets(
    db: Queries, owners: Sequence[Owner]
) -> list[tuple[Basket | None, Basket | None]]:
    """Of each: their own cart, and the guest's cart whose token was brought along."""
    users = [owner.user_id if is_id(owner.user_id) else None for owner in owners]
    hashes = [owner.token_hash or None for owner in owners]
    by_user: dict[str | None, list[Row]] = defaultdict(list)
    by_hash: dict[str | None, list[Row]] = defaultdict(list)
    for row in await db.fetch_as(Row, FIND, users, hashes):
        rows = by_hash[row.token_hash] if row.user_id is None else by_user[row.user_id]
        rows.append(row)
    return [
        (basket(by_user.get(user, ())), basket(by_hash.get(token_hash, ())))
        for user, token_hash in zip(users, hashes, strict=True)
    ]


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
