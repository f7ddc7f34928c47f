"""How pricing is put together."""

from __future__ import annotations

from souk.contracts.catalog import CatalogServiceClient
from souk.contracts.shipping import ShippingServiceClient
from souk.contracts.shops import ShopServiceClient
from souk.kernel.platform import Parts, Platform
from souk.services.pricing.rpc import PricingRpc
from souk.services.pricing.taxes import Taxes
from souk.services.pricing.use_cases.quote import Quotes


def build(platform: Platform) -> Parts:
    database = platform.database("pricing")
    taxes = Taxes(database)
    quotes = Quotes(
        database,
        taxes,
        platform.clock,
        catalog=platform.client(CatalogServiceClient),
        shipping=platform.client(ShippingServiceClient),
    )
    shops = platform.client(ShopServiceClient)
    return Parts(rpc=PricingRpc(database, quotes, taxes, shops, platform.clock))
