"""A market around the orders service: shoppers, a shop, and fakes that balance their books."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from souk.contracts.carts import CartService
from souk.contracts.common import Address
from souk.contracts.inventory import InventoryService
from souk.contracts.orders import (
    CancelOrderRequest,
    DeliverOrderRequest,
    FulfillOrderRequest,
    GetCheckoutRequest,
    GetOrderRequest,
    Order,
    OrderServiceClient,
    PaymentChoice,
    PlacedOrders,
    PlaceOrderRequest,
)
from souk.contracts.payments import PaymentAuthorized, PaymentFailed, PaymentService
from souk.contracts.pricing import PricingService
from souk.contracts.shipping import ShippingService
from souk.contracts.shops import ShopService
from souk.contracts.users import UserService
from souk.kernel import failpoints
from souk.kernel.clock import FixedClock
from souk.kernel.context import NOBODY, Call, Caller, acting, within
from souk.kernel.ids import new_id
from souk.kernel.saga import Saga
from tests.services.orders.fakes import (
    Article,
    Carts,
    Inventory,
    Payments,
    Pricing,
    Shipping,
    Shops,
    Users,
)
from tests.support.hosting import Host, hosted
from tests.support.people import courier, customer, seller
from tests.support.servers import Desk
from tests.support.waiting import eventually

ADDRESS = Address(
    name="Ann Lee", street_1="1 Main St", city="Springfield", state="IL", country="US"
)

TABLES = (
    "checkouts, orders, order_items, order_events, fulfillments, order_refunds,"
    " products_sold, sagas, outbox, inbox"
)


class Market:
    def __init__(self, host: Host, fakes: Fakes, clock: FixedClock) -> None:
        self.host, self.database, self.clock = host, host.database, clock
        self.client = host.client(OrderServiceClient)
        self.carts, self.pricing, self.inventory = fakes.carts, fakes.pricing, fakes.inventory
        self.payments, self.shipping = fakes.payments, fakes.shipping
        self.users, self.shops = fakes.users, fakes.shops
        self.buyer, self.seller, self.courier = customer(), seller(), courier()
        self.shop_id = new_id()
        self.shops.members.add((self.shop_id, self.seller.user_id))

    @property
    def sagas(self) -> tuple[Saga[Any], ...]:
        rpc = self.host.parts.rpc
        return rpc.checkouts.saga, rpc.orders.cancellation, rpc.orders.fulfillment

    def article(self, price: int = 2000, *, on_hand: int = 10, shop_id: str = "") -> Article:
        article = Article(price, shop_id=shop_id or self.shop_id, on_hand=on_hand)
        self.pricing.offer(article)
        self.inventory.stock(article)
        return article

    def fill_cart(
        self, *articles: Article, by: Caller | str = "", **how: Any
    ) -> tuple[Article, ...]:
        """The buyer's cart, another shopper's, or a guest's by token."""
        articles = articles or (self.article(),)
        by = by or self.buyer
        self.carts.fill(by if isinstance(by, str) else by.user_id, *articles, **how)
        return articles

    async def place(
        self, *, by: Caller | None = None, key: str = "", seconds: float = 10, **fields: Any
    ) -> PlacedOrders:
        with as_(self.buyer if by is None else by, key=key or new_id(), seconds=seconds):
            return await self.client.place_order(order_request(**fields))

    async def bought(self, *articles: Article, quantity: int = 1, **fields: Any) -> Order:
        """One order, confirmed and with nothing of its checkout left to do."""
        self.fill_cart(*articles, quantity=quantity)
        placed = await self.place(**fields)
        await self.finished()
        return placed.orders[0]

    async def get(self, order_id: str, *, by: Caller | None = None) -> Order:
        with as_(self.buyer if by is None else by):
            return await self.client.get_order(GetOrderRequest(order_id=order_id))

    async def get_checkout(self, checkout_id: str) -> PlacedOrders:
        with as_(self.buyer):
            return await self.client.get_checkout(GetCheckoutRequest(checkout_id=checkout_id))

    async def cancel(self, order_id: str, *, by: Caller | None = None, reason: str = "") -> Order:
        with as_(self.buyer if by is None else by):
            return await self.client.cancel_order(
                CancelOrderRequest(order_id=order_id, reason=reason)
            )

    async def fulfill(
        self, order_id: str, *, by: Caller | None = None, key: str = "", **fields: Any
    ) -> Order:
        given = {"shop_id": self.shop_id, "carrier": "souk"} | fields
        with as_(self.seller if by is None else by, key=key):
            return await self.client.fulfill_order(FulfillOrderRequest(order_id=order_id, **given))

    async def deliver(self, order_id: str, *, by: Caller | None = None) -> Order:
        with as_(self.courier if by is None else by):
            return await self.client.deliver_order(DeliverOrderRequest(order_id=order_id))

    async def answer_challenge(self, checkout_id: str, *, approve: bool) -> None:
        """The shopper acts at the provider, and payments tell."""
        self.payments.answer_challenge(checkout_id, approve=approve)
        kind = PaymentAuthorized if approve else PaymentFailed
        payment_id = self.payments.payments[checkout_id].id
        await self.host.deliver(kind(payment_id=payment_id, checkout_id=checkout_id))

    async def finished(self) -> None:
        """Every saga has come to its end, or waits for somebody."""
        await eventually(self._has_finished)

    async def at_rest(self) -> None:
        """Nothing is being driven in this process."""
        await eventually(lambda: not any(saga.in_hand for saga in self.sagas))

    async def saga_status(self, saga_id: str) -> str:
        return str(await self.database.fetchval("select status from sagas where id = $1", saga_id))

    async def pass_time(self, minutes: int) -> None:
        """For everybody: the clock, and what the journal says is due."""
        self.clock.advance(timedelta(minutes=minutes))
        await self.database.execute(
            "update sagas set resume_at = resume_at - $1::interval,"
            " deadline_at = deadline_at - $1::interval",
            timedelta(minutes=minutes),
        )
        for job in self.host.parts.jobs:
            await job.do()

    async def count(self, sql: str, *args: Any) -> int:
        return int(await self.database.fetchval(f"select count(*) from {sql}", *args))

    async def _has_finished(self) -> bool:
        for job in self.host.parts.jobs:
            await job.do()
        going = "sagas where status not in ('done', 'undone')"
        return not await self.count(f"{going} and (status <> 'parked' or resume_at <= now())")


class Fakes:
    """One set of the services that orders call."""

    def __init__(self) -> None:
        self.carts, self.pricing, self.inventory = Carts(), Pricing(), Inventory()
        self.payments, self.shipping = Payments(), Shipping()
        self.users, self.shops = Users(), Shops()

    def by_contract(self) -> dict[type[Any], Any]:
        return {
            CartService: self.carts,
            PricingService: self.pricing,
            InventoryService: self.inventory,
            PaymentService: self.payments,
            ShippingService: self.shipping,
            UserService: self.users,
            ShopService: self.shops,
        }


class Place:
    """One hosted service for many tests: emptied between them, for a fresh one takes long."""

    def __init__(self, host: Host, fakes: Fakes, clock: FixedClock) -> None:
        self.host, self.fakes, self.clock = host, fakes, clock

    def open(self) -> Market:
        self.clock.moment = datetime.now(UTC)  # near PostgreSQL's, which sagas obey
        for fake in self.fakes.by_contract().values():
            fake.__init__()
        return Market(self.host, self.fakes, self.clock)

    async def clear(self, market: Market) -> None:
        failpoints.disarm()
        await self.host.database.execute(f"truncate {TABLES}")
        await market.at_rest()  # what was still being tried finds its row gone


@asynccontextmanager
async def built(servers: Desk, **how: Any) -> AsyncIterator[Place]:
    """Everything real that belongs to orders, and fakes around it."""
    fakes, clock = Fakes(), FixedClock(datetime.now(UTC))
    async with hosted("orders", servers, fakes=fakes.by_contract(), clock=clock, **how) as host:
        yield Place(host, fakes, clock)


def as_(caller: Caller = NOBODY, *, key: str = "", seconds: float = 10) -> acting:
    return acting(Call(caller=caller, idempotency_key=key, deadline=within(seconds)))


def order_request(**fields: Any) -> PlaceOrderRequest:
    given = {
        "shipping_address": ADDRESS,
        "shipping_method": "standard",
        "payment": PaymentChoice(provider="sandbox", method=fields.pop("method", "approve")),
    }
    return PlaceOrderRequest(**(given | fields))
