"""A shop hands in a product sheet; the work is done afterwards, batch by batch."""

from __future__ import annotations

from datetime import datetime

import asyncpg
from msgspec import Struct

from souk.contracts.catalog import (
    Import,
    ImportProblem,
    ImportStatus,
    PriceChanged,
    ProductCreated,
    ProductUpdated,
    SkuTaken,
    VariantsRetired,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.catalog.model import ShopFacts
from souk.services.catalog.queries import RunningImport, get_import
from souk.services.catalog.shopify.plan import Plan
from souk.services.catalog.store import categories, copies, imports, products

ERRORS_MAX = 1000
ATTEMPTS_MAX = 5
GAVE_UP = ImportProblem(message="The import could not be finished; what went in stays.")


class NewImport(Struct, frozen=True, kw_only=True):
    """A sheet that was looked through."""

    shop: ShopFacts
    file: bytes
    rows: int
    dry_run: bool


class PlanIsOldError(Exception):
    """Somebody changed what the plan stands on; no more than that, so plan again."""


async def import_products(tx: Transaction, new: NewImport, *, now: datetime) -> Import:
    import_id = new_id()
    await copies.hold_shop(tx, new.shop)
    await imports.add_import(
        tx,
        import_id,
        shop_id=new.shop.id,
        currency=new.shop.currency,
        file=new.file,
        rows=new.rows,
        dry_run=new.dry_run,
        now=now,
    )
    return await get_import(tx, shop_id=new.shop.id, import_id=import_id)


async def begin_attempt(tx: Transaction, import_id: str, *, now: datetime) -> bool:
    """False when it was given up: whatever it does, it ends the process or fails each time."""
    if await imports.begin_attempt(tx, import_id) <= ATTEMPTS_MAX:
        return True
    await imports.end_import(tx, import_id, ImportStatus.FAILED, now=now, errors=[GAVE_UP])
    return False


async def take_batch(tx: Transaction, running: RunningImport, plan: Plan, *, now: datetime) -> None:
    """Its stock is known to inventory already. Raises PlanIsOldError."""
    errors = await imports.lock_import(tx, running.id, at_row=running.last_row)
    if errors is None:
        raise PlanIsOldError
    progress = plan.progress
    if not running.dry_run:
        try:
            await write(tx, running.shop_id, plan, now=now)
        except SkuTaken as refusal:
            raise PlanIsOldError from refusal
    await imports.advance(tx, running.id, progress, errors_max=max(ERRORS_MAX - errors, 0))


async def write(tx: Transaction, shop_id: str, plan: Plan, *, now: datetime) -> None:
    await copies.hold_known_shop(tx, shop_id)
    seen = {change.before.id: change.before.updated_at for change in plan.changes}
    if await products.lock_products(tx, list(seen)) != seen:
        raise PlanIsOldError
    drafts = [*(change.after for change in plan.changes), *plan.creates]
    await categories.add_paths(tx, {draft.category for draft in drafts})
    if plan.changes:
        changes = [products.Change(each.before.draft(), each.after) for each in plan.changes]
        repriced = await products.save_products(tx, changes, in_stock=plan.in_stock, now=now)
        tell_of_changes(tx, shop_id, changes, repriced)
    if plan.creates:
        if await products.add_products(tx, plan.creates, in_stock=plan.in_stock, now=now):
            raise PlanIsOldError
        tx.publish(*(ProductCreated(product_id=new.id, shop_id=shop_id) for new in plan.creates))


def tell_of_changes(
    tx: Transaction, shop_id: str, changes: list[products.Change], repriced: list[asyncpg.Record]
) -> None:
    for each in repriced:
        price = Money(each["price_amount"], each["currency"])
        tx.publish(
            PriceChanged(product_id=each["product_id"], variant_id=each["variant_id"], price=price)
        )
    for change in changes:
        product_id = change.after.id
        if change.gone:
            tx.publish(
                VariantsRetired(product_id=product_id, shop_id=shop_id, variant_ids=change.gone)
            )
        tx.publish(ProductUpdated(product_id=product_id, shop_id=shop_id))


async def end_import(tx: Transaction, import_id: str, *, now: datetime) -> None:
    await imports.end_import(tx, import_id, ImportStatus.DONE, now=now)
