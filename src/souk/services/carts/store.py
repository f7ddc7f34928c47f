"""Carts as rows: everything that writes or locks them."""

from __future__ import annotations

from collections.abc import Sequence

from souk.kernel.database import Queries, Transaction
from souk.services.carts.model import LINES_MAX, Basket, Line, Owner

# A second cart of the same shopper, made at the same moment, finds the first one there.
OPEN = """
with opened as (
    insert into carts (id, user_id, token_hash, currency) values ($1, $2, $3, $4)
    on conflict do nothing returning id
), line as (
    insert into cart_items (id, cart_id, variant_id, quantity, name, seen_price_amount)
    select $5, id, $6, $7, $8, $9 from opened
)
select exists (select from opened)
"""
# The version guards every change: whoever planned on an older cart plans anew.
PUT = """
with moved as (
    update carts set version = version + 1, currency = $3, updated_at = now()
    where id = $1 and version = $2 returning id
), line as (
    insert into cart_items (id, cart_id, variant_id, quantity, name, seen_price_amount)
    select $4, id, $5, $6, $7, $8 from moved
    on conflict (cart_id, variant_id) do update
        set quantity = excluded.quantity, name = excluded.name,
            seen_price_amount = excluded.seen_price_amount
)
select exists (select from moved)
"""
REMOVE = """
with moved as (
    update carts set version = version + 1, updated_at = now(),
        currency = case when (select count(*) from cart_items where cart_id = $1) > 1
                        then currency else '' end
    where id = $1 and version = $2 returning id
)
delete from cart_items using moved where cart_items.cart_id = moved.id and cart_items.id = $3
returning 1
"""
EMPTY = """
with moved as (
    update carts set version = carts.version + 1, currency = '', coupon_code = '',
                     is_merged = false, updated_at = now()
    from unnest((select $1::uuid[]), (select $2::int[])) as seen (id, version)
    where carts.id = seen.id and carts.version = seen.version returning carts.id
), gone as (
    delete from cart_items using moved where cart_items.cart_id = moved.id
)
select id from moved
"""
SET_COUPON = """
update carts set version = version + 1, coupon_code = $3, updated_at = now()
where id = $1 and version = $2 returning 1
"""
CAP = """
with capped as (
    update cart_items set quantity = line.quantity
    from unnest($2::uuid[], $3::int[]) as line (variant_id, quantity)
    where cart_id = $1 and cart_items.variant_id = line.variant_id
)
update carts set is_merged = false, version = version + 1 where id = $1 and version = $4 returning 1
"""
LOCK_BOTH = """
select id, user_id is null as is_guests, currency from carts
where user_id = $1 or token_hash = $2 order by id for update
"""
ADOPT = """
update carts set user_id = $2, token_hash = null, version = version + 1, is_merged = true,
                 updated_at = now()
where id = $1
"""
# Lines keep no id: theirs stay with the guest's rows until those are gone.
MERGE_LINES = """
insert into cart_items (id, cart_id, variant_id, quantity, name, seen_price_amount)
select gen_random_uuid(), $2, variant_id, quantity, name, seen_price_amount from (
    select * from cart_items where cart_id = $1 order by id
    limit greatest($3 - (select count(*) from cart_items where cart_id = $2), 0)
) as theirs
on conflict (cart_id, variant_id) do update
    set quantity = greatest(cart_items.quantity, excluded.quantity)
"""
SWALLOW = """
update carts as own
set version = own.version + 1, is_merged = true, updated_at = now(),
    currency = case when own.currency = '' then guest.currency else own.currency end,
    coupon_code = case when own.coupon_code = '' then guest.coupon_code else own.coupon_code end
from carts as guest where own.id = $2 and guest.id = $1
"""
DROP = "delete from carts where id = $1"
DROP_LEFT_BEHIND = """
delete from carts where id in (
    select id from carts where user_id is null and updated_at < now() - interval '30 days'
    order by updated_at limit $1
)
"""


async def open_cart(db: Queries, cart_id: str, owner: Owner, line: Line, *, currency: str) -> bool:
    """A cart with its first line; False when the shopper has one by now."""
    (is_written,) = await db.fetchrow_grouped(
        OPEN,
        cart_id,
        owner.user_id or None,
        None if owner.user_id else owner.token_hash,
        currency,
        line.id,
        line.variant_id,
        line.quantity,
        line.name,
        line.seen_price_amount,
        sort_key=owner.user_id or owner.token_hash,
    )
    return bool(is_written)


async def put_line(db: Queries, basket: Basket, line: Line, *, currency: str) -> bool:
    """False when the cart has changed in between."""
    (is_written,) = await db.fetchrow_grouped(
        PUT,
        basket.id,
        basket.version,
        currency,
        line.id,
        line.variant_id,
        line.quantity,
        line.name,
        line.seen_price_amount,
        sort_key=basket.id,
    )
    return bool(is_written)


async def remove_line(db: Queries, basket: Basket, item_id: str) -> bool:
    return bool(await db.fetchval(REMOVE, basket.id, basket.version, item_id))


async def empty_carts(db: Queries, seen: Sequence[tuple[str, int]]) -> list[bool]:
    """Carts and their versions; False for each that has changed since."""
    emptied = {row["id"] for row in await db.fetch(EMPTY, *zip(*seen, strict=True))}
    return [cart_id in emptied for cart_id, _ in seen]


async def set_coupon(db: Queries, basket: Basket, code: str) -> bool:
    return bool(await db.fetchval(SET_COUPON, basket.id, basket.version, code))


async def cap_lines(db: Queries, basket: Basket, lines: Sequence[Line]) -> bool:
    return bool(
        await db.fetchval(
            CAP,
            basket.id,
            [line.variant_id for line in lines],
            [line.quantity for line in lines],
            basket.version,
        )
    )


async def merge(tx: Transaction, *, user_id: str, token_hash: str) -> None:
    """The guest's cart goes into the shopper's, or becomes it where there is none.

    Carts in two currencies stay apart: one cart holds one currency.
    """
    rows = await tx.fetch(LOCK_BOTH, user_id, token_hash)
    own = next((row for row in rows if not row["is_guests"]), None)
    guest = next((row for row in rows if row["is_guests"]), None)
    if guest is None:
        return
    if own is None:
        await tx.execute(ADOPT, guest["id"], user_id)
        return
    if own["currency"] and guest["currency"] and own["currency"] != guest["currency"]:
        return
    await tx.execute(SWALLOW, guest["id"], own["id"])
    await tx.execute(MERGE_LINES, guest["id"], own["id"], LINES_MAX)
    await tx.execute(DROP, guest["id"])


async def drop_left_behind(tx: Transaction, *, limit: int) -> str:
    return await tx.execute(DROP_LEFT_BEHIND, limit)
