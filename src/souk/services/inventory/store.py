"""Stock, holds and movements as rows: everything that writes or locks them."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.inventory import NewStock, Stock, StockNotFound
from souk.kernel.database import Queries, Transaction
from souk.services.inventory.model import Level

STOCK = "variant_id, sku, on_hand, reserved, on_hand - reserved as available, product_id, shop_id"
# Column names are the only thing put into these texts.
LOCK = f"select {STOCK} from stock where variant_id = $1 and product_id = $2 for no key update"  # noqa: S608
LOCK_SEVERAL = """
select variant_id from stock where variant_id = any($1::uuid[]) order by variant_id
for no key update
"""
CLAIM_HOLD = """
with hold as (
    insert into holds (id, status, expires_at)
    values ($1, 'held', now() + make_interval(secs => $4))
    on conflict (id) do nothing
    returning id
)
insert into hold_lines (hold_id, variant_id, quantity)
select hold.id, line.variant_id, line.quantity
from hold, unnest($2::uuid[], $3::int[]) as line (variant_id, quantity)
returning 1
"""
# The usual hold, whole in one statement: all lines are there, nothing runs out (which would be
# news), and the hold is new. Locks come first and in key order, so that what is counted is what
# is taken. Arrays from sub-selects: plans do not depend on their length, so one serves all.
HOLD = """
with line as materialized (
    select * from unnest((select $2::uuid[]), (select $3::int[])) as line (variant_id, quantity)
), locked as (
    select variant_id, on_hand - reserved as available from stock
    where variant_id = any(array(select unnest($6::uuid[])))
    order by variant_id for no key update
), enough as (
    select from line left join locked using (variant_id)
    having count(*) filter (where available > quantity) = count(*)
), hold as (
    insert into holds (id, status, expires_at)
    select $1, 'held', now() + make_interval(secs => $4) from enough
    on conflict (id) do nothing
    returning id
), kept as (
    insert into hold_lines (hold_id, variant_id, quantity)
    select hold.id, variant_id, quantity from hold, line
), changed as (
    update stock set reserved = reserved + quantity, updated_at = now()
    from hold, locked join line using (variant_id)
    where stock.variant_id = locked.variant_id
    returning stock.variant_id, product_id, quantity
), moved as (
    insert into movements (variant_id, product_id, kind, reserved_change, reason)
    select variant_id, product_id, 'reserved', quantity, $5 from changed
)
select exists (select from hold)
"""
HOLD_STATUS = "select status from holds where id = $1"
# The guard: whoever comes when too few are left changes nothing.
RESERVE = """
with changed as (
    update stock set reserved = reserved + line.quantity, updated_at = now()
    from unnest($1::uuid[], $2::int[]) as line (variant_id, quantity)
    where stock.variant_id = line.variant_id and on_hand - reserved >= line.quantity
    returning stock.variant_id, product_id, sku, on_hand - reserved as available,
              -line.quantity as available_change
), moved as (
    insert into movements (variant_id, product_id, kind, reserved_change, reason)
    select variant_id, product_id, 'reserved', -available_change, $3 from changed
)
select * from changed
"""
AVAILABLE = """
select variant_id, product_id, sku, on_hand - reserved as available, 0 as available_change
from stock where variant_id = any($1::uuid[])
"""
# One transaction ends a hold; a second one finds it ended.
END_HOLD = "update holds set status = $2 where id = $1 and status = any($3) returning id"
BURY_HOLD = """
insert into holds (id, status) values ($1, 'released') on conflict (id) do nothing returning id
"""
HOLD_LINES = "select variant_id, quantity from hold_lines where hold_id = $1 order by variant_id"
MOVE = """
with changed as (
    update stock set on_hand = on_hand + line.quantity * $3,
                     reserved = reserved + line.quantity * $4, updated_at = now()
    from unnest($1::uuid[], $2::int[]) as line (variant_id, quantity)
    where stock.variant_id = line.variant_id
      and on_hand + line.quantity * $3 >= reserved + line.quantity * $4
    returning stock.variant_id, product_id, sku, on_hand - reserved as available,
              line.quantity * ($3 - $4) as available_change, line.quantity
), moved as (
    insert into movements (variant_id, product_id, kind, on_hand_change, reserved_change, reason)
    select variant_id, product_id, $5, quantity * $3, quantity * $4, $6 from changed
)
select variant_id, product_id, sku, available, available_change from changed
"""
# The usual end of holds, whole in one statement. Locks are taken in key order, as ever; what is
# available does not change, so there is nothing to tell.
SELL = """
with ended as (
    update holds set status = 'committed'
    where id = any(array(select unnest($1::uuid[]))) and status = 'held' returning id
), lines as (
    select hold_id, variant_id, quantity from hold_lines
    where hold_id = any(array(select id from ended))
), sold as (
    select variant_id, sum(quantity)::int as quantity from lines group by variant_id
), locked as (
    select variant_id from stock where variant_id = any(array(select variant_id from sold))
    order by variant_id for no key update
), changed as (
    update stock set on_hand = on_hand - quantity, reserved = reserved - quantity,
                     updated_at = now()
    from locked join sold using (variant_id)
    where stock.variant_id = locked.variant_id
    returning stock.variant_id, product_id
), moved as (
    insert into movements (variant_id, product_id, kind, on_hand_change, reserved_change, reason)
    select variant_id, product_id, 'sold', -quantity, -quantity, 'checkout ' || hold_id
    from lines join changed using (variant_id)
)
select id from ended
"""
EXPIRED = """
select id from holds where status = 'held' and expires_at < now()
order by expires_at limit $1 for update skip locked
"""
CLAIM_RESTOCK = "insert into restocks (id) values ($1) on conflict (id) do nothing returning 1"
SET = """
with given as (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[])
        as g (variant_id, product_id, shop_id, sku, on_hand)
), before as (
    select stock.variant_id, stock.on_hand from stock join given using (variant_id)
), changed as (
    insert into stock (variant_id, product_id, shop_id, sku, on_hand)
    select variant_id, product_id, shop_id, sku, on_hand from given order by variant_id
    on conflict (variant_id) do update
        set on_hand = greatest(excluded.on_hand, stock.reserved), sku = excluded.sku,
            updated_at = now()
    returning variant_id, product_id, sku, on_hand, reserved
), told as (
    select changed.*, changed.on_hand - coalesce(before.on_hand, 0) as change
    from changed left join before using (variant_id)
), moved as (
    insert into movements (variant_id, product_id, kind, on_hand_change, reason)
    select variant_id, product_id, 'adjusted', change, $6 from told where change <> 0
)
select variant_id, product_id, sku, on_hand - reserved as available, change as available_change
from told
"""


RETIRE = """
update stock set is_retired = true where variant_id in (
    select variant_id from stock where product_id = $1 and ($3 or variant_id = any($2::uuid[]))
    order by variant_id for no key update)
"""


async def lock_stock(tx: Transaction, *, variant_id: str, product_id: str) -> Stock:
    found = await tx.fetchrow_as(Stock, LOCK, variant_id, product_id)
    if found is None:
        raise StockNotFound()
    return found


async def lock_several(tx: Transaction, variant_ids: Sequence[str]) -> None:
    """In key order; one row needs no order."""
    if len(variant_ids) > 1:
        await tx.fetch(LOCK_SEVERAL, variant_ids)


async def claim_hold(
    tx: Transaction, hold_id: str, lines: tuple[list[str], list[int]], *, seconds: int
) -> bool:
    """False when there is a hold of this id already."""
    return bool(await tx.fetch(CLAIM_HOLD, hold_id, *lines, seconds))


async def hold_at_once(
    db: Queries, hold_id: str, lines: tuple[list[str], list[int]], *, seconds: int, reason: str
) -> bool:
    """False when there is more to it: nothing has changed then."""
    (is_held,) = await db.fetchrow_grouped(
        HOLD, hold_id, *lines, seconds, reason, sort_key=hold_id, locks=lines[0]
    )
    return bool(is_held)


async def hold_status(tx: Transaction, hold_id: str) -> str:
    """held, committed, released; or nothing when there was never such a hold."""
    return await tx.fetchval(HOLD_STATUS, hold_id) or ""


async def reserve(
    tx: Transaction, lines: tuple[list[str], list[int]], *, reason: str
) -> list[Level]:
    """The lines of which there were enough; the others are as they were."""
    return await tx.fetch_as(Level, RESERVE, *lines, reason)


async def levels(tx: Transaction, variant_ids: Sequence[str]) -> dict[str, Level]:
    return {level.variant_id: level for level in await tx.fetch_as(Level, AVAILABLE, variant_ids)}


async def end_hold(
    tx: Transaction, hold_id: str, status: str, *, was: Sequence[str] = ("held",)
) -> tuple[list[str], list[int]] | None:
    """The lines of a hold that ended just now, in key order; None when it had ended before."""
    if not await tx.fetchval(END_HOLD, hold_id, status, list(was)):
        return None
    lines = await tx.fetch(HOLD_LINES, hold_id)
    return [line["variant_id"] for line in lines], [line["quantity"] for line in lines]


async def bury_hold(tx: Transaction, hold_id: str) -> bool:
    """Marks a hold that never was as released; False when there is one."""
    return bool(await tx.fetchval(BURY_HOLD, hold_id))


async def move(
    tx: Transaction,
    lines: tuple[list[str], list[int]],
    *,
    kind: str,
    on_hand: int,
    reserved: int,
    reason: str,
) -> list[Level]:
    """Changes stock by so many times each line's quantity: a release is reserved -1."""
    await lock_several(tx, lines[0])
    return await tx.fetch_as(Level, MOVE, *lines, on_hand, reserved, kind, reason)


async def sell_holds(db: Queries, hold_ids: Sequence[str]) -> list[bool]:
    """False for each that is not held (any more)."""
    sold = {row["id"] for row in await db.fetch(SELL, hold_ids)}
    return [hold_id in sold for hold_id in hold_ids]


async def lock_expired_holds(tx: Transaction, *, limit: int) -> list[str]:
    return [row["id"] for row in await tx.fetch(EXPIRED, limit)]


async def claim_restock(tx: Transaction, restock_id: str) -> bool:
    return bool(await tx.fetchval(CLAIM_RESTOCK, restock_id))


async def set_stock(tx: Transaction, items: Sequence[NewStock], *, reason: str) -> list[Level]:
    """Never below what is reserved: those are sold as good as."""
    variant_ids = sorted(item.variant_id for item in items)
    await lock_several(tx, variant_ids)
    return await tx.fetch_as(
        Level,
        SET,
        [item.variant_id for item in items],
        [item.product_id for item in items],
        [item.shop_id for item in items],
        [item.sku for item in items],
        [item.on_hand for item in items],
        reason,
    )


async def retire(tx: Transaction, product_id: str, variant_ids: Sequence[str] | None) -> None:
    """None is all of the product's."""
    await tx.execute(RETIRE, product_id, variant_ids or (), variant_ids is None)
