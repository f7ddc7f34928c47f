"""How shipping is put together."""

from __future__ import annotations

from souk.kernel.events.consumers import collect
from souk.kernel.platform import Parts, Platform
from souk.services.shipping import consumers
from souk.services.shipping.rpc import ShippingRpc
from souk.services.shipping.tariffs import Tariffs


def build(platform: Platform) -> Parts:
    database = platform.database("shipping")
    return Parts(
        rpc=ShippingRpc(database, Tariffs(database), platform.clock),
        consumers=collect(consumers, clock=platform.clock),
    )
