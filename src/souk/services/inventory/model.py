"""What stock allows, and what is worth telling others when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from souk.contracts.inventory import Stock, StockChanged, StockIsReserved, StockLine


class Level(Struct, frozen=True, kw_only=True):
    """A variant's stock after a change, and by how much its available part changed."""

    variant_id: str
    product_id: str
    sku: str
    available: int
    available_change: int

    @property
    def ran_out(self) -> bool:
        return self.available == 0 and self.available_change < 0

    @property
    def came_back(self) -> bool:
        return self.available > 0 and self.available - self.available_change <= 0


def news(levels: Iterable[Level]) -> list[StockChanged]:
    """One event for each variant of which the answer to "is there any?" has changed."""
    return [
        StockChanged(
            variant_id=level.variant_id, product_id=level.product_id, in_stock=level.came_back
        )
        for level in levels
        if level.ran_out or level.came_back
    ]


def by_key(lines: Sequence[StockLine]) -> tuple[list[str], list[int]]:
    """Variants in key order, each once, and how many of each.

    Everybody takes locks in this order, so nobody waits in a circle.
    """
    wanted: dict[str, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    ordered = sorted(wanted)
    return ordered, [wanted[variant_id] for variant_id in ordered]


def must_cover_reserved(stock: Stock, on_hand: int) -> None:
    if on_hand < stock.reserved:
        raise StockIsReserved(reserved=stock.reserved)
