"""Some rows of a sheet held against what the shop has: what is to be done, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct, field, structs

from souk.contracts.catalog import ImportProblem
from souk.contracts.inventory import NewStock
from souk.services.catalog.model import ProductDraft
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.shopify.draft import Piece, left_behind
from souk.services.catalog.shopify.merge import Merged, merged
from souk.services.catalog.shopify.numbering import derived_id

BATCH_ROWS = 500


class Progress(Struct, frozen=True, kw_only=True):
    """What a batch of rows came to."""

    last_row: int
    rows: int
    created: int = 0
    updated: int = 0
    failed: int = 0
    errors: tuple[ImportProblem, ...] = ()


class Change(Struct, frozen=True):
    """A product as it was, when it was looked at, and as it shall be."""

    before: ProductRow
    after: ProductDraft


class Known(Struct, frozen=True, kw_only=True):
    """What the shop has of the products in a batch."""

    products: Mapping[str, ProductRow]  # by handle
    skus: Mapping[str, str]  # and the products that have them
    on_hand: Mapping[str, int]  # by variant


class Plan(Struct, kw_only=True):
    """What a batch of rows does to a shop."""

    creates: list[ProductDraft] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    stock: list[NewStock] = field(default_factory=list)
    in_stock: set[str] = field(default_factory=set)  # of new variants
    progress: Progress


def batch_of(pieces: Iterator[Piece]) -> list[Piece]:
    """The next ones; empty at the end."""
    batch: list[Piece] = []
    rows = 0
    for piece in pieces:
        batch.append(piece)
        rows += len(piece.rows)
        if rows >= BATCH_ROWS:
            break
    return batch


def handles_of(batch: Sequence[Piece]) -> list[str]:
    return [piece.product.handle for piece in batch if piece.product]


def skus_of(batch: Sequence[Piece]) -> list[str]:
    return [
        variant.sku or variant.derived_sku
        for piece in batch
        if piece.product
        for variant in piece.product.variants
    ]


def plan_for(batch: Sequence[Piece], known: Known, *, import_id: str, shop_id: str) -> Plan:
    rows = sum(len(piece.rows) for piece in batch)
    plan = Plan(progress=Progress(last_row=batch[-1].rows[-1], rows=rows))
    errors: list[ImportProblem] = []
    updated = 0
    for piece in batch:
        wrong = list(piece.errors)
        if piece.product:
            before = known.products.get(piece.product.handle)
            result = merged(
                piece.product,
                before.draft() if before else None,
                shop_id=shop_id,
                ids=partial(derived_id, import_id),
                taken=known.skus,
            )
            wrong += result.errors
            if result.draft is None:
                wrong += left_behind(piece.rows, wrong)
            else:
                updated += put(plan, result.draft, before, result, known)
        errors += wrong
    plan.progress = structs.replace(
        plan.progress,
        created=len(plan.creates),
        updated=updated,
        failed=len({wrong.row for wrong in errors}),
        errors=tuple(sorted(errors, key=lambda wrong: wrong.row)),
    )
    return plan


def put(
    plan: Plan, draft: ProductDraft, before: ProductRow | None, result: Merged, known: Known
) -> bool:
    """Adds a product to the plan; whether one that there is already becomes another."""
    old = {variant.id for variant in before.variants} if before else set()
    stock = []
    for variant in draft.variants:
        on_hand = result.stock.get(variant.id)
        if variant.id not in old:
            # Inventory must know of every variant, even of one that nobody counted.
            on_hand = on_hand or 0
            plan.in_stock |= {variant.id} if on_hand else set()
        elif on_hand == known.on_hand.get(variant.id):
            continue
        if on_hand is not None:
            stock.append(
                NewStock(
                    variant_id=variant.id,
                    product_id=draft.id,
                    shop_id=draft.shop_id,
                    sku=variant.sku,
                    on_hand=on_hand,
                )
            )
    plan.stock += stock
    if before is None:
        plan.creates.append(draft)
        return False
    if before.draft() != draft:
        plan.changes.append(Change(before, draft))
    return bool(stock) or before.draft() != draft
