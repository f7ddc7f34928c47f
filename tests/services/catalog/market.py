"""The catalog with shops and inventory beside it: small, in memory, strict as their contracts."""

from __future__ import annotations

from collections import Counter
from typing import Any

from msgspec import Struct, structs

from souk.contracts.catalog import (
    CatalogServiceClient,
    CreateProductRequest,
    ExportProductsRequest,
    GetImportRequest,
    GetProductRequest,
    Import,
    ImportProductsRequest,
    ListShopProductsRequest,
    NewVariant,
    Product,
)
from souk.contracts.inventory import InventoryService, Stock, StockList
from souk.contracts.shops import Membership, Shop, ShopList, ShopService, ShopStatus
from souk.kernel.context import Call, Caller, acting
from souk.kernel.contract import Empty
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import Unavailable
from souk.services.catalog.totals import Totals, Tree
from tests.support.hosting import Host

OPERATOR = Caller(user_id=new_id(), roles=frozenset({"admin"}))
STRANGER = Caller(user_id=new_id(), roles=frozenset({"seller"}))
SHOPPER = Caller(user_id=new_id(), roles=frozenset({"customer"}))
NOBODY = Caller()


class Shops:
    def __init__(self) -> None:
        self.shops: dict[str, Shop] = {}
        self.members: dict[str, str] = {}
        self.calls = Counter[str]()

    def open(self, name: str, currency: str) -> Seller:
        shop = Shop(id=new_id(), name=name, currency=currency, status=ShopStatus.ACTIVE)
        caller = Caller(user_id=new_id(), roles=frozenset({"seller"}))
        self.shops[shop.id], self.members[shop.id] = shop, caller.user_id
        return Seller(shop.id, caller, currency)

    def change(self, shop_id: str, **fields: Any) -> None:
        self.shops[shop_id] = structs.replace(self.shops[shop_id], **fields)

    async def verify_member(self, request: Any) -> Membership:
        self.calls["verify_member"] += 1
        if self.members.get(request.shop_id) != request.user_id:
            return Membership()
        shop = self.shops[request.shop_id]
        return Membership(
            is_member=True, currency=shop.currency, shop_name=shop.name, shop_status=shop.status
        )

    async def get_shops(self, request: Any) -> ShopList:
        found = (self.shops.get(shop_id) for shop_id in request.shop_ids)
        return ShopList(items=tuple(shop for shop in found if shop))


class Inventory:
    def __init__(self) -> None:
        self.stock: dict[str, Stock] = {}
        self.calls = Counter[str]()
        self.away = 0  # how many calls yet fail
        self.on_set: Any = None

    async def check_stock(self, request: Any) -> StockList:
        self._begin("check_stock")
        assert 1 <= len(request.variant_ids) <= 500
        found = (self.stock.get(variant_id) for variant_id in request.variant_ids)
        return StockList(items=tuple(stock for stock in found if stock))

    async def set_stock(self, request: Any) -> Empty:
        self._begin("set_stock")
        assert 1 <= len(request.items) <= 500
        if self.on_set:
            await self.on_set(request)
        for item in request.items:
            before = self.stock.get(item.variant_id, Stock())
            on_hand = max(item.on_hand, before.reserved)
            self.stock[item.variant_id] = Stock(
                variant_id=item.variant_id,
                product_id=item.product_id,
                shop_id=item.shop_id,
                sku=item.sku,
                on_hand=on_hand,
                reserved=before.reserved,
                available=on_hand - before.reserved,
            )
        return Empty()

    def reserve(self, variant_id: str, count: int) -> None:
        stock = self.stock[variant_id]
        reserved = stock.reserved + count
        self.stock[variant_id] = structs.replace(
            stock, reserved=reserved, available=stock.on_hand - reserved
        )

    def _begin(self, name: str) -> None:
        self.calls[name] += 1
        if self.away:
            self.away -= 1
            raise Unavailable(service="inventory")


class Seller(Struct, frozen=True):
    """A shop, and who works there."""

    shop_id: str
    caller: Caller
    currency: str

    def product(self, name: str = "Tee", **fields: Any) -> CreateProductRequest:
        """One variant, unless told otherwise."""
        fields.setdefault("variants", (self.variant(f"SKU-{new_id()[-12:]}"),))
        return CreateProductRequest(shop_id=self.shop_id, name=name, **fields)

    def variant(self, sku: str, amount: int = 1999, **fields: Any) -> NewVariant:
        fields.setdefault("stock", 5)
        return NewVariant(sku=sku, price=Money(amount, self.currency), **fields)


class Market:
    """What tests do in the catalog. One for all of them; each finds it swept."""

    def __init__(self, host: Host, shops: Shops, inventory: Inventory) -> None:
        self.host, self.shops, self.inventory = host, shops, inventory
        self.client = host.client(CatalogServiceClient)

    async def sweep(self) -> None:
        await self.host.database.execute(
            "truncate shops, products, product_places, variants, prices, categories, imports,"
            " outbox, inbox"
        )
        self.shops.__init__()  # type: ignore[misc]
        self.inventory.__init__()  # type: ignore[misc]
        rpc = self.host.parts.rpc
        rpc.totals, rpc.tree = Totals(), Tree(self.host.database)

    def open_shop(self, name: str = "Corner", currency: str = "USD") -> Seller:
        return self.shops.open(name, currency)

    async def create(self, seller: Seller, name: str = "Tee", **fields: Any) -> Product:
        with acting(Call(caller=seller.caller)):
            return await self.client.create_product(seller.product(name, **fields))

    async def get(self, id_or_slug: str, caller: Caller = NOBODY) -> Product:
        with acting(Call(caller=caller)):
            return await self.client.get_product(GetProductRequest(product_id=id_or_slug))

    async def catalogue(self, seller: Seller) -> list[Product]:
        """Everything a shop has, drafts too, in the order of the sheets."""
        with acting(Call(caller=seller.caller)):
            found, page = [], 1
            while True:
                asked = ListShopProductsRequest(shop_id=seller.shop_id, page=page, page_size=100)
                cards = (await self.client.list_shop_products(asked)).items
                found += [await self.get(card.id, seller.caller) for card in cards]
                if len(cards) < 100:
                    return sorted(found, key=lambda product: (product.created_at, product.id))
                page += 1

    async def begin_import(self, seller: Seller, sheet: bytes, *, dry_run: bool = False) -> Import:
        with acting(Call(caller=seller.caller)):
            return await self.client.import_products(
                ImportProductsRequest(shop_id=seller.shop_id, file=sheet, dry_run=dry_run)
            )

    async def look_at_import(self, seller: Seller, import_id: str) -> Import:
        with acting(Call(caller=seller.caller)):
            return await self.client.get_import(
                GetImportRequest(shop_id=seller.shop_id, import_id=import_id)
            )

    async def import_sheet(self, seller: Seller, sheet: bytes, *, dry_run: bool = False) -> Import:
        """From the upload to the end of the work."""
        begun = await self.begin_import(seller, sheet, dry_run=dry_run)
        await self.host.run_job("work_imports")
        return await self.look_at_import(seller, begun.id)

    async def export(self, seller: Seller) -> bytes:
        with acting(Call(caller=seller.caller)):
            asked = ExportProductsRequest(shop_id=seller.shop_id)
            return (await self.client.export_products(asked)).content


def neighbours(shops: Shops, inventory: Inventory) -> dict[type[Any], Any]:
    return {ShopService: shops, InventoryService: inventory}
