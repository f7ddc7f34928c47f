"""A shop changes, adds and removes several variants of a product at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.catalog import Product, SaveVariantsRequest, VariantChange, VariantNotFound
from souk.contracts.inventory import NewStock
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.catalog import texts
from souk.services.catalog.model import (
    VARIANTS_MAX,
    Cleaner,
    ProductDraft,
    VariantDraft,
    cleaned_names,
    cleaned_values,
    cleaned_variant,
    must_be_a_price,
    must_differ,
    must_sell_in,
)
from souk.services.catalog.store import products
from souk.services.catalog.use_cases.update_product import change_product


class Plan(Struct, frozen=True):
    """What is known before anything is written."""

    request: SaveVariantsRequest
    new_ids: Sequence[str]  # of what is added
    available: Mapping[str, int]  # of what was there

    @property
    def stock(self) -> dict[str, int]:
        """Of what is added."""
        return {
            variant_id: given.stock
            for variant_id, given in zip(self.new_ids, self.request.added, strict=True)
        }

    def after(self, before: ProductDraft) -> ProductDraft:
        """Raises InvalidRequest, VariantNotFound, VariantsAlike or WrongCurrency."""
        return changed_product(before, self.request, self.new_ids)

    def new_stock(self, after: ProductDraft) -> list[NewStock]:
        stock = self.stock
        return [
            NewStock(
                variant_id=variant.id,
                product_id=after.id,
                shop_id=after.shop_id,
                sku=variant.sku,
                on_hand=stock[variant.id],
            )
            for variant in after.variants
            if variant.id in stock
        ]


def plan_for(request: SaveVariantsRequest, available: Mapping[str, int]) -> Plan:
    return Plan(request, [new_id() for _ in request.added], available)


async def save_variants(tx: Transaction, plan: Plan, *, now: datetime) -> Product:
    """The stock of what is added is known to inventory already.

    Raises what `Plan.after` does, ProductNotFound or SkuTaken.
    """
    row = await products.lock_product(tx, plan.request.product_id)
    in_stock = {variant_id for variant_id, count in plan.stock.items() if count}
    saved = await change_product(tx, row, plan.after(row.draft()), in_stock=in_stock, now=now)
    return saved.view({**plan.available, **plan.stock})


def changed_product(
    before: ProductDraft, request: SaveVariantsRequest, new_ids: Sequence[str]
) -> ProductDraft:
    cleaner = Cleaner()
    names = cleaned_names(cleaner, request.options) if request.options else before.options
    known = {variant.id: variant for variant in before.variants}
    options: dict[str, Mapping[str, str]] = {
        variant.id: dict(zip(before.options, variant.options, strict=True))
        for variant in before.variants
    }
    for number, change in enumerate(request.items):
        must_be_known(change.variant_id, known)
        known[change.variant_id] = changed(
            cleaner, f"items[{number}]", known[change.variant_id], change
        )
        options[change.variant_id] = change.options or options[change.variant_id]
    for variant_id in set(request.removed):
        must_be_known(variant_id, known)
        del known[variant_id]
    stays = [
        structs.replace(
            variant, options=cleaned_values(cleaner, "options", options[variant.id], names)
        )
        for variant in known.values()
    ]
    place = max(variant.place for variant in before.variants) + 1
    new = []
    for number, (variant_id, given) in enumerate(zip(new_ids, request.added, strict=True)):
        field = f"added[{number}]"
        values = cleaned_values(cleaner, f"{field}.options", given.options, names)
        draft = cleaned_variant(cleaner, field, place + number, given, values)
        new.append(structs.replace(draft, id=variant_id))
    cleaner.must_be_clean()
    variants = (*stays, *new)
    must_be_so_many(variants)
    must_sell_in(before.lowest.price.currency, variants)
    must_differ(variants)
    return structs.replace(before, options=names, variants=variants)


def must_be_known(variant_id: str, known: Mapping[str, VariantDraft]) -> None:
    if variant_id not in known:
        raise VariantNotFound(variant_id=variant_id)


def must_be_so_many(variants: Sequence[VariantDraft]) -> None:
    if not variants:
        raise InvalidRequest(FieldError("removed", "must leave one variant at least"))
    if len(variants) > VARIANTS_MAX:
        said = f"would make {len(variants)} variants, and {VARIANTS_MAX} is the most"
        raise InvalidRequest(FieldError("added", said))


def changed(
    cleaner: Cleaner, field: str, variant: VariantDraft, change: VariantChange
) -> VariantDraft:
    line = texts.line_from
    for name, price in (("price", change.price), ("compare_at_price", change.compare_at_price)):
        if price is not None:
            cleaner.take(f"{field}.{name}", must_be_a_price, None, price)
    sku = variant.sku if change.sku is None else change.sku
    barcode = variant.barcode if change.barcode is None else change.barcode
    return structs.replace(
        variant,
        sku=cleaner.take(f"{field}.sku", line, "", sku, most=texts.SKU_MAX, least=1),
        barcode=cleaner.take(f"{field}.barcode", line, "", barcode, most=texts.BARCODE_MAX),
        price=variant.price if change.price is None else change.price,
        compare_at_price=compared(variant, change.compare_at_price),
        weight_grams=variant.weight_grams
        if change.weight_grams is None
        else change.weight_grams or None,
    )


def compared(variant: VariantDraft, given: Money | None) -> Money | None:
    """Nothing is no price to compare with."""
    return variant.compare_at_price if given is None else given or None
