"""How carts are put together."""

from __future__ import annotations

from souk.contracts.inventory import InventoryServiceClient
from souk.contracts.pricing import PricingServiceClient
from souk.contracts.users import UserServiceClient
from souk.kernel.events.consumers import collect
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.carts import consumers, store
from souk.services.carts.desk import Desk
from souk.services.carts.rpc import CartsRpc
from souk.services.carts.wishes import Wishes

LEFT_BEHIND_AT_ONCE = 1000


def build(platform: Platform) -> Parts:
    database = platform.database("carts")
    pricing = platform.client(PricingServiceClient)
    desk = Desk(database, pricing, platform.client(InventoryServiceClient))

    async def drop_left_behind() -> None:
        """Guests' carts that nobody has touched for a month."""
        await database.transact(store.drop_left_behind, limit=LEFT_BEHIND_AT_ONCE)

    return Parts(
        rpc=CartsRpc(database, desk, pricing, Wishes(platform.client(UserServiceClient))),
        consumers=collect(consumers),
        jobs=(every(seconds=600, do=drop_left_behind),),
    )
