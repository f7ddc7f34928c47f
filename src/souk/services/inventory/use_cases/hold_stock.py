"""Stock is held for a checkout, and then sold or given back."""

from __future__ import annotations

from souk.contracts.inventory import (
    HoldWasReleased,
    InsufficientStock,
    ReserveStockRequest,
)
from souk.kernel.database import Queries, Transaction
from souk.services.inventory import store
from souk.services.inventory.model import by_key, news

EXPIRED_AT_ONCE = 100


async def hold_at_once(db: Queries, request: ReserveStockRequest) -> bool:
    """The usual reservation in the one statement it takes; False when there is more to it."""
    return await store.hold_at_once(
        db,
        request.hold_id,
        by_key(request.lines),
        seconds=request.hold_seconds,
        reason=f"checkout {request.hold_id}",
    )


async def reserve_stock(tx: Transaction, request: ReserveStockRequest) -> None:
    """All lines or none. The same hold again changes nothing; a released one is refused."""
    lines = by_key(request.lines)
    if not await store.claim_hold(tx, request.hold_id, lines, seconds=request.hold_seconds):
        if await store.hold_status(tx, request.hold_id) == "released":
            raise HoldWasReleased(hold_id=request.hold_id)
        return
    await store.lock_several(tx, lines[0])
    held = await store.reserve(tx, lines, reason=f"checkout {request.hold_id}")
    if len(held) < len(lines[0]):
        enough = {level.variant_id for level in held}
        await refuse(tx, next(variant_id for variant_id in lines[0] if variant_id not in enough))
    tx.publish(*news(held))


async def refuse(tx: Transaction, variant_id: str) -> None:
    """Names the first line of which there are too few; what other lines took is rolled back."""
    level = (await store.levels(tx, [variant_id])).get(variant_id)
    raise InsufficientStock(
        sku=level.sku if level else "",
        available=level.available if level else 0,
        variant_id=variant_id,
    )


async def commit_stock(tx: Transaction, hold_id: str) -> None:
    """What was held is sold, where that took more than `store.sell_holds`.

    A hold that ran out while the order was being confirmed is taken anew if there is still
    enough; the order stands already, so it comes before whoever asks next.
    """
    if all(await store.sell_holds(tx, [hold_id])):
        return
    if await store.hold_status(tx, hold_id) == "committed":
        return
    lines = await store.end_hold(tx, hold_id, "committed", was=("released",))
    if not lines or not lines[0]:
        raise HoldWasReleased(hold_id=hold_id)
    reason = f"checkout {hold_id}"
    sold = await store.move(tx, lines, kind="sold", on_hand=-1, reserved=0, reason=reason)
    if len(sold) < len(lines[0]):
        raise HoldWasReleased(hold_id=hold_id)
    tx.publish(*news(sold))


async def release_stock(tx: Transaction, hold_id: str) -> None:
    """Releasing nothing leaves a mark, so that a late reservation is refused."""
    if await store.bury_hold(tx, hold_id):
        return
    lines = await store.end_hold(tx, hold_id, "released")
    if lines is None:
        return
    reason = f"checkout {hold_id}"
    levels = await store.move(tx, lines, kind="released", on_hand=0, reserved=-1, reason=reason)
    tx.publish(*news(levels))


async def release_expired_holds(tx: Transaction) -> int:
    """Holds whose time is up, some at a time; answers how many there were."""
    expired = await store.lock_expired_holds(tx, limit=EXPIRED_AT_ONCE)
    for hold_id in sorted(expired):
        await release_stock(tx, hold_id)
    return len(expired)
