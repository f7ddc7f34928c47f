"""How the catalog is put together."""

from __future__ import annotations

from souk.contracts.inventory import InventoryServiceClient
from souk.contracts.media import MediaServiceClient
from souk.contracts.shops import ShopServiceClient
from souk.kernel.events.consumers import collect
from souk.kernel.jobs import every
from souk.kernel.platform import Parts, Platform
from souk.services.catalog import consumers
from souk.services.catalog.darkroom import Darkroom
from souk.services.catalog.door import Door
from souk.services.catalog.importer import Importer
from souk.services.catalog.rpc import CatalogRpc
from souk.services.catalog.stockroom import Stockroom

IMPORT_SECONDS_MAX = 3600


def build(platform: Platform) -> Parts:
    database = platform.database("catalog")
    stockroom = Stockroom(platform.client(InventoryServiceClient))
    importer = Importer(database, stockroom, platform.clock)
    work = every(seconds=5, do=importer.work, name="work_imports", limit_seconds=IMPORT_SECONDS_MAX)
    door = Door(platform.client(ShopServiceClient))
    rpc = CatalogRpc(
        database,
        door,
        stockroom,
        platform.clock,
        darkroom=Darkroom(platform.client(MediaServiceClient)),
        wake_importer=work.wake,
    )
    return Parts(
        rpc=rpc,
        consumers=collect(consumers),
        jobs=(work,),
    )
