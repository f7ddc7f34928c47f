"""Some rows of a sheet held against what the shop has: what is to be done, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct, field, structs

from souk.contracts.catalog import ImportedProduct, ImportProblem
from souk.contracts.inventory import NewStock
from souk.kernel.money import Money, zero
from souk.services.catalog.model import ProductDraft, VariantDraft
from souk.services.catalog.rows import ProductRow
from souk.services.catalog.shopify.draft import Piece, left_behind
from souk.services.catalog.shopify.merge import Merged, merged
from souk.services.catalog.shopify.numbering import derived_id

BATCH_ROWS = 500
CHANGING = ("name", "description", "category", "brand", "tags", "images", "status", "weight_grams")


class Progress(Struct, frozen=True, kw_only=True):
    """What a batch of rows came to."""

    last_row: int
    rows: int
    created: int = 0
    updated: int = 0
    failed: int = 0
    errors: tuple[ImportProblem, ...] = ()
    products: tuple[ImportedProduct, ...] = ()


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
    done: list[ImportedProduct] = []
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
                done += put(plan, result.draft, before, result, known)
        errors += wrong
    plan.progress = structs.replace(
        plan.progress,
        created=len(plan.creates),
        updated=sum(not one.is_new for one in done),
        products=tuple(done),
        failed=len({wrong.row for wrong in errors}),
        errors=tuple(sorted(errors, key=lambda wrong: wrong.row)),
    )
    return plan


def put(
    plan: Plan, draft: ProductDraft, before: ProductRow | None, result: Merged, known: Known
) -> list[ImportedProduct]:
    """Adds a product to the plan; answers what becomes of it, if anything does."""
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
    count = len(draft.variants)
    if before is None:
        plan.creates.append(draft)
        return [ImportedProduct(name=draft.name, is_new=True, variants=count)]
    if before.draft() != draft:
        plan.changes.append(Change(before, draft))
    changes = (*changes_between(before.draft(), draft), *(["stock"] if stock else []))
    return [ImportedProduct(name=draft.name, variants=count, changes=changes)] if changes else []


def changes_between(before: ProductDraft, after: ProductDraft) -> Iterator[str]:
    """What people call what differs."""
    for name in CHANGING:
        if getattr(before, name) != getattr(after, name):
            yield name.partition("_")[0]
    priced, pricing = prices_of(before), prices_of(after)
    if any(pricing.get(each, price) != price for each, price in priced.items()):
        yield "prices"
    if made_of(before) != made_of(after):
        yield "variants"


def made_of(draft: ProductDraft) -> tuple[object, ...]:
    """All that is not named and not a price."""
    return (draft.handle, draft.options, [unpriced(variant) for variant in draft.variants])


def prices_of(draft: ProductDraft) -> dict[str, tuple[Money, Money | None]]:
    return {each.id: (each.price, each.compare_at_price) for each in draft.variants}


def unpriced(variant: VariantDraft) -> VariantDraft:
    return structs.replace(variant, price=zero(variant.price.currency), compare_at_price=None)
