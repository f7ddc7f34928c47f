"""How many there are of variants: asked of inventory, and told to it."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.inventory import (
    CheckStockRequest,
    InventoryServiceClient,
    NewStock,
    SetStockRequest,
    Stock,
)

AT_ONCE = 500


class Stockroom:
    def __init__(self, inventory: InventoryServiceClient) -> None:
        self._inventory = inventory

    async def levels(self, variant_ids: Sequence[str]) -> dict[str, Stock]:
        """By variant; those that inventory does not know are left out."""
        found: dict[str, Stock] = {}
        for start in range(0, len(variant_ids), AT_ONCE):
            asked = CheckStockRequest(variant_ids=tuple(variant_ids[start : start + AT_ONCE]))
            answer = await self._inventory.check_stock(asked)
            found |= {stock.variant_id: stock for stock in answer.items}
        return found

    async def available(self, variant_ids: Sequence[str]) -> dict[str, int]:
        levels = await self.levels(variant_ids)
        return {variant_id: stock.available for variant_id, stock in levels.items()}

    async def on_hand(self, variant_ids: Sequence[str]) -> dict[str, int]:
        levels = await self.levels(variant_ids)
        return {variant_id: stock.on_hand for variant_id, stock in levels.items()}

    async def put(self, items: Sequence[NewStock], *, reason: str) -> None:
        """Repeating it changes nothing."""
        for start in range(0, len(items), AT_ONCE):
            some = tuple(items[start : start + AT_ONCE])
            await self._inventory.set_stock(SetStockRequest(items=some, reason=reason))
