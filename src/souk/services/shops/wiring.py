"""How shops are put together."""

from __future__ import annotations

from souk.contracts.users import UserServiceClient
from souk.kernel.platform import Parts, Platform
from souk.services.shops.rpc import ShopsRpc


def build(platform: Platform) -> Parts:
    users = platform.client(UserServiceClient)
    return Parts(rpc=ShopsRpc(platform.database("shops"), users, platform.clock))
