"""How shops are put together."""

from __future__ import annotations

from souk.contracts.users import UserServiceClient
from souk.kernel.events.consumers import collect
from souk.kernel.platform import Parts, Platform
from souk.services.shops import consumers
from souk.services.shops.rpc import ShopsRpc


def build(platform: Platform) -> Parts:
    database = platform.database("shops")
    users = platform.client(UserServiceClient)
    return Parts(rpc=ShopsRpc(database, users, platform.clock), consumers=collect(consumers))
