"""How inventory is put together."""

from __future__ import annotations

from souk.contracts.shops import ShopServiceClient
from souk.kernel.events.consumers import collect
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.inventory import consumers
from souk.services.inventory.rpc import InventoryRpc
from souk.services.inventory.use_cases.hold_stock import EXPIRED_AT_ONCE, release_expired_holds


def build(platform: Platform) -> Parts:
    database = platform.database("inventory")

    async def release_holds() -> None:
        """Holds of checkouts that nobody ended."""
        while await database.transact(release_expired_holds) == EXPIRED_AT_ONCE:
            pass

    return Parts(
        rpc=InventoryRpc(database, platform.client(ShopServiceClient)),
        consumers=collect(consumers),
        jobs=(every(seconds=5, do=release_holds),),
    )
