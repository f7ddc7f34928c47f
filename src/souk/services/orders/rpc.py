"""Orders, as the gateway and other services see them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from msgspec import Struct

from souk.contracts.common import Obstacle
from souk.contracts.orders import (
    CancelOrderRequest,
    DeliverOrderRequest,
    FindGuestsRequest,
    FulfillOrderRequest,
    GetCheckoutRequest,
    GetOrderFactsRequest,
    GetOrderRequest,
    GetShopSalesRequest,
    GetTimelineRequest,
    GuestList,
    ListAllOrdersRequest,
    ListOrdersRequest,
    ListShopOrdersRequest,
    Order,
    OrderFacts,
    OrderNotFound,
    OrderPage,
    OrderPreview,
    OrderService,
    OrderUpdate,
    PlacedOrders,
    PlaceOrderRequest,
    PreviewOrderRequest,
    ShopSales,
    TakenOver,
    TakeOverPurchasesRequest,
    Timeline,
    WatchOrderRequest,
)
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.database import Database
from souk.kernel.events.live import Live
from souk.kernel.personal_data import PersonalDataRpc
from souk.kernel.together import Together
from souk.services.orders import queries, reports
from souk.services.orders.access import Doorkeeper
from souk.services.orders.desks import CheckoutDesk, OrderDesk
from souk.services.orders.model.shopper import Standing
from souk.services.orders.personal_store import HOLDINGS
from souk.services.orders.store.guests import find_guests
from souk.services.orders.takeover import TakeoverDesk
from souk.services.orders.use_cases.deliver_order import deliver_order
from souk.services.orders.use_cases.watch_order import watch_order


class OrderParts(Struct, frozen=True, kw_only=True, eq=False):
    """What the methods stand on."""

    database: Database
    clock: Clock
    live: Live
    door: Doorkeeper
    checkouts: CheckoutDesk
    orders: OrderDesk
    takeover: TakeoverDesk


class OrdersRpc(PersonalDataRpc, OrderService):
    """A checkout becomes one order a shop; each order then lives its own life."""

    HOLDINGS = HOLDINGS

    def __init__(self, parts: OrderParts) -> None:
        self.database, self.clock, self.live = parts.database, parts.clock, parts.live
        self.door, self.checkouts, self.orders = parts.door, parts.checkouts, parts.orders
        self.takeover = parts.takeover
        # Mails are written many at a time, and each asks for its order.
        self._find_order = Together(partial(queries.find_orders, parts.database))

    async def obstacles_elsewhere(self, person_id: str) -> tuple[Obstacle, ...]:
        """What was bought in shops of theirs still needs its seller, also when those are closed."""
        shop_ids = await self.door.shops_of(person_id)
        if not shop_ids:
            return ()
        count = await queries.count_open_orders(self.database, shop_ids)
        if not count:
            return ()
        what = f"{count} orders of shops of theirs are not finished"
        return (Obstacle(what=what, advice="Send them, or cancel them."),)

    async def place_order(self, request: PlaceOrderRequest) -> PlacedOrders:
        return await self.checkouts.place(request)

    async def preview_order(self, request: PreviewOrderRequest) -> OrderPreview:
        return await self.checkouts.preview(request)

    async def get_checkout(self, request: GetCheckoutRequest) -> PlacedOrders:
        checkout, standing = await self.door.admit_shopper(
            request.checkout_id, caller(), request.cart_token
        )
        return await self.checkouts.look_up(checkout, standing)

    async def list_orders(self, request: ListOrdersRequest) -> OrderPage:
        return await queries.list_orders(self.database, request, buyer_id=caller().user_id)

    async def get_order(self, request: GetOrderRequest) -> Order:
        order, standing = await self.door.admit(request.order_id, caller(), request.cart_token)
        return order.view(standing)

    async def get_timeline(self, request: GetTimelineRequest) -> Timeline:
        order, _ = await self.door.admit(request.order_id, caller(), request.cart_token)
        return Timeline(events=order.story)

    async def cancel_order(self, request: CancelOrderRequest) -> Order:
        standing = await self.door.admit_party(request.order_id, caller(), request.cart_token)
        await self.orders.cancel(request)
        return await self._show(request.order_id, standing)

    async def list_shop_orders(self, request: ListShopOrdersRequest) -> OrderPage:
        await self.door.admit_shop(request.shop_id, caller())
        return await queries.list_shop_orders(self.database, request)

    async def get_shop_sales(self, request: GetShopSalesRequest) -> ShopSales:
        await self.door.admit_shop(request.shop_id, caller())
        return await reports.shop_sales(
            self.database, request.shop_id, days=request.days, now=self.clock.now()
        )

    async def list_all_orders(self, request: ListAllOrdersRequest) -> OrderPage:
        return await reports.list_all_orders(self.database, request)

    async def fulfill_order(self, request: FulfillOrderRequest) -> Order:
        standing = await self.door.admit_shop(request.shop_id, caller())
        await self.orders.fulfill(request)
        return await self._show(request.order_id, standing)

    async def deliver_order(self, request: DeliverOrderRequest) -> Order:
        standing = await self.door.admit_carrier(request.order_id, caller())
        await self.database.transact(deliver_order, request.order_id, now=self.clock.now())
        return await self._show(request.order_id, standing)

    async def watch_order(self, request: WatchOrderRequest) -> AsyncIterator[OrderUpdate]:
        await self.door.admit(request.order_id, caller(), request.cart_token)
        async for update in watch_order(self.database, self.live, request.order_id):
            yield update

    async def take_over_purchases(self, request: TakeOverPurchasesRequest) -> TakenOver:
        return TakenOver(count=await self.takeover.take_over(request.purchases))

    async def get_order_facts(self, request: GetOrderFactsRequest) -> OrderFacts:
        order = await self._find_order(request.order_id)
        if order is None:
            raise OrderNotFound
        view = order.view(Standing.BUYER)
        return OrderFacts(order=view, buyer_id=order.buyer_id, email=order.email)

    async def find_guests(self, request: FindGuestsRequest) -> GuestList:
        return GuestList(checkout_ids=await find_guests(self.database, request.email))

    async def _show(self, order_id: str, standing: Standing) -> Order:
        order = await queries.get_order(self.database, order_id)
        return order.view(standing)
