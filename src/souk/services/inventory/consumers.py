"""What inventory notes when the catalog says that something is not for sale any more."""

from __future__ import annotations

from souk.contracts.catalog import ProductArchived, VariantsRetired
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.inventory import store


@on(VariantsRetired)
async def variants_were_retired(tx: Transaction, event: VariantsRetired) -> None:
    await store.retire(tx, event.product_id, event.variant_ids)


@on(ProductArchived)
async def product_was_archived(tx: Transaction, event: ProductArchived) -> None:
    await store.retire(tx, event.product_id, None)
