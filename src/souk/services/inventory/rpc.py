"""Inventory, as the gateway and other services see it."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

from souk.contracts.inventory import (
    AdjustStockRequest,
    CheckStockRequest,
    CommitStockRequest,
    GetInventoryRequest,
    InventoryService,
    ListLowStockRequest,
    ListMovementsRequest,
    ListShopStockRequest,
    MovementPage,
    RecordSalesRequest,
    ReleaseStockRequest,
    ReserveStockRequest,
    RestockRequest,
    SetStockRequest,
    Stock,
    StockList,
    StockNotFound,
    StockPage,
    UpdateStockRequest,
)
from souk.contracts.shops import ShopServiceClient, VerifyMemberRequest
from souk.kernel.context import call, caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.kernel.personal_data import PersonalDataRpc
from souk.kernel.together import Lookup, Together
from souk.services.inventory import queries, store
from souk.services.inventory.past import record_sales
from souk.services.inventory.use_cases import count_stock, hold_stock
from souk.services.inventory.use_cases.count_stock import adjust_stock, update_stock

LOW = 5


class InventoryRpc(PersonalDataRpc, InventoryService):
    """Stock of variants: on hand, reserved, available."""

    def __init__(self, database: Database, shops: ShopServiceClient) -> None:
        self.database, self.shops = database, shops
        self._sell = Together(partial(store.sell_holds, database))
        # Every cart that is changed asks, so under load many ask at the same moment.
        self._stock = Lookup(
            partial(queries.list_several, database),
            attrgetter("variant_id"),
            at_once_max=queries.SEVERAL_MAX,
        )

    async def get_inventory(self, request: GetInventoryRequest) -> StockList:
        return StockList(items=await self._stock_for_members(request.product_id))

    async def update_stock(self, request: UpdateStockRequest) -> StockList:
        await self._stock_for_members(request.product_id)
        return await self.database.once(StockList, request, update_stock, request)

    async def adjust_stock(self, request: AdjustStockRequest) -> StockList:
        await self._stock_for_members(request.product_id)
        return await self.database.once(StockList, request, adjust_stock, request)

    async def list_shop_stock(self, request: ListShopStockRequest) -> StockPage:
        await self._must_work_in(request.shop_id)
        page, size = request.page or 1, request.page_size or 20
        items = await queries.list_of_shop(
            self.database, request, limit=size, offset=(page - 1) * size
        )
        return StockPage(items=items, page=page, page_size=size)

    async def list_low_stock(self, request: ListLowStockRequest) -> StockPage:
        return await self.list_shop_stock(
            ListShopStockRequest(
                shop_id=request.shop_id,
                page=request.page,
                page_size=request.page_size,
                available_max=LOW if request.threshold is None else request.threshold,
            )
        )

    async def list_movements(self, request: ListMovementsRequest) -> MovementPage:
        await self._stock_for_members(request.product_id)
        page, size = request.page or 1, request.page_size or 20
        items = await queries.list_movements(
            self.database, request, limit=size, offset=(page - 1) * size
        )
        return MovementPage(items=items, page=page, page_size=size)

    async def check_stock(self, request: CheckStockRequest) -> StockList:
        return StockList(items=await self._stock(request.variant_ids))

    async def set_stock(self, request: SetStockRequest) -> Empty:
        await self.database.transact(count_stock.set_stock, request)
        return Empty()

    async def record_sales(self, request: RecordSalesRequest) -> Empty:
        await self.database.transact(record_sales, request.sales)
        return Empty()

    async def reserve_stock(self, request: ReserveStockRequest) -> Empty:
        if not await hold_stock.hold_at_once(self.database, request):
            await self.database.transact(hold_stock.reserve_stock, request)
        return Empty()

    async def commit_stock(self, request: CommitStockRequest) -> Empty:
        if not await self._sell(request.hold_id):
            await self.database.transact(hold_stock.commit_stock, request.hold_id)
        return Empty()

    async def release_stock(self, request: ReleaseStockRequest) -> Empty:
        await self.database.transact(hold_stock.release_stock, request.hold_id)
        return Empty()

    async def restock(self, request: RestockRequest) -> Empty:
        await self.database.transact(count_stock.restock, request)
        return Empty()

    async def _stock_for_members(self, product_id: str) -> tuple[Stock, ...]:
        """A product's stock, for those who work in its shop and for operators."""
        stock = await queries.list_of_product(self.database, product_id)
        if not stock:
            raise StockNotFound()
        await self._must_work_in(stock[0].shop_id)
        return stock

    async def _must_work_in(self, shop_id: str) -> None:
        by = caller()
        if by.is_operator:
            return
        asked = VerifyMemberRequest(
            shop_id=shop_id, user_id=by.user_id, permission=call().permission
        )
        if not (await self.shops.verify_member(asked)).is_member:
            raise StockNotFound()
