"""Who may do what with an order: one row a method, one column a person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import pytest

from souk.contracts.orders import (
    CancelOrderRequest,
    CheckoutNotFound,
    DeliverOrderRequest,
    FulfillOrderRequest,
    GetCheckoutRequest,
    GetOrderFactsRequest,
    GetOrderRequest,
    GetTimelineRequest,
    ListOrdersRequest,
    ListShopOrdersRequest,
    Order,
    OrderNotFound,
    OrderNotShipped,
    OrderStatus,
    WatchOrderRequest,
)
from souk.kernel.context import NOBODY, Caller
from souk.kernel.refusals import NotAllowed, Refusal, SignInRequired
from tests.services.orders.market import Market, as_, built
from tests.support.people import courier, customer, seller, service, support
from tests.support.servers import Desk

PEOPLE = (
    "buyer", "other buyer", "guest", "wrong token", "shop member", "other seller", "courier",
    "support", "nobody",
)  # fmt: skip
YES, NO, ROLE, SIGN_IN = None, OrderNotFound, NotAllowed, SignInRequired
# A buyer's order that is confirmed. "guest" holds the token of another, a guest's order.
CONFIRMED: dict[str, tuple[Any, ...]] = {
    "get_order": (YES, NO, NO, NO, YES, NO, NO, YES, NO),
    "get_timeline": (YES, NO, NO, NO, YES, NO, NO, YES, NO),
    "cancel_order": (YES, NO, NO, NO, YES, NO, NO, YES, NO),
    "fulfill_order": (ROLE, ROLE, SIGN_IN, SIGN_IN, YES, NO, ROLE, YES, SIGN_IN),
    "deliver_order": (
        ROLE, ROLE, SIGN_IN, SIGN_IN, ROLE, ROLE, NO, OrderNotShipped, SIGN_IN,
    ),
    "list_shop_orders": (ROLE, ROLE, SIGN_IN, SIGN_IN, YES, NO, ROLE, YES, SIGN_IN),
    "get_order_facts": (ROLE, ROLE, SIGN_IN, SIGN_IN, ROLE, ROLE, ROLE, ROLE, SIGN_IN),
    "get_checkout": (
        YES, *[CheckoutNotFound] * 6, YES, CheckoutNotFound,
    ),
}  # fmt: skip
# The guest's order, seen with and without the token.
OF_A_GUEST = dict.fromkeys(
    ("get_order", "get_timeline", "cancel_order"),
    (NO, NO, YES, NO, YES, NO, NO, YES, NO),
)
# Once it has shipped, couriers see it.
SHIPPED: dict[str, tuple[Any, ...]] = {
    "get_order": (YES, NO, NO, NO, YES, NO, YES, YES, NO),
    "get_timeline": (YES, NO, NO, NO, YES, NO, YES, YES, NO),
    "deliver_order": (ROLE, ROLE, SIGN_IN, SIGN_IN, ROLE, ROLE, YES, YES, SIGN_IN),
}


@pytest.mark.parametrize("method", CONFIRMED)
async def test_a_confirmed_order_is_for(market: Market, method: str) -> None:
    async def confirmed() -> Order:
        return await market.bought()

    assert await answers(market, method, confirmed) == CONFIRMED[method]


@pytest.mark.parametrize("method", OF_A_GUEST)
async def test_a_guest_s_order_is_for(market: Market, method: str) -> None:
    async def of_a_guest() -> Order:
        market.fill_cart(by="the token")
        placed = await market.place(by=NOBODY, cart_token="the token", email="ann@example.com")
        await market.at_rest()
        return placed.orders[0]

    assert await answers(market, method, of_a_guest) == OF_A_GUEST[method]


@pytest.mark.parametrize("method", SHIPPED)
async def test_a_shipped_order_is_for(market: Market, method: str) -> None:
    async def shipped() -> Order:
        return await market.fulfill((await market.bought()).id)

    assert await answers(market, method, shipped) == SHIPPED[method]


async def test_watching_is_for_those_who_may_look(servers: Desk) -> None:
    async with built(servers, bus=True) as place:
        market = place.open()

        async def confirmed() -> Order:
            return await market.bought()

        assert await answers(market, "watch_order", confirmed) == CONFIRMED["get_order"]


async def test_the_address_is_for_those_who_buy_send_and_deliver(market: Market) -> None:
    order = await market.bought()
    await market.fulfill(order.id)

    for by in (market.buyer, market.seller, market.courier):
        assert (await market.get(order.id, by=by)).shipping_address is not None
    assert (await market.get(order.id, by=support())).shipping_address is None


async def test_a_guest_who_signs_in_still_sees_the_order_by_its_token(market: Market) -> None:
    market.fill_cart(by="the token")
    placed = await market.place(by=NOBODY, cart_token="the token", email="ann@example.com")

    with as_(customer()):
        seen = await market.client.get_order(
            GetOrderRequest(order_id=placed.orders[0].id, cart_token="the token")
        )

    assert seen.id == placed.orders[0].id


async def test_other_services_are_told_how_to_reach_the_buyer(market: Market) -> None:
    market.fill_cart(by="the token")
    placed = await market.place(by=NOBODY, cart_token="the token", email="ann@example.com")
    order = await market.bought()

    with as_(service("notifications")):
        of_guest = await market.client.get_order_facts(
            GetOrderFactsRequest(order_id=placed.orders[0].id)
        )
        of_buyer = await market.client.get_order_facts(GetOrderFactsRequest(order_id=order.id))

    assert (of_guest.buyer_id, of_guest.email) == ("", "ann@example.com")
    assert (of_buyer.buyer_id, of_buyer.email) == (market.buyer.user_id, "")
    assert of_buyer.order.status is OrderStatus.CONFIRMED


async def test_a_list_holds_the_caller_s_own_orders(market: Market) -> None:
    order = await market.bought()

    with as_(market.buyer):
        mine = await market.client.list_orders(ListOrdersRequest())
    with as_(customer()):
        theirs = await market.client.list_orders(ListOrdersRequest())

    assert [item.id for item in mine.items] == [order.id]
    assert theirs.items == ()


async def answers(
    market: Market, method: str, make: Callable[[], Awaitable[Order]]
) -> tuple[type[Refusal] | None, ...]:
    """What each of the people is told, each about an order of its own."""
    told: list[type[Refusal] | None] = []
    for person in PEOPLE:
        order = await make()
        try:
            await ask(market, method, person, order)
            told.append(None)
        except Refusal as refusal:
            told.append(type(refusal))
    return tuple(told)


async def ask(market: Market, method: str, person: str, order: Order) -> None:
    by, token = who(market, person)
    request = {
        "get_order": GetOrderRequest(order_id=order.id, cart_token=token),
        "get_timeline": GetTimelineRequest(order_id=order.id, cart_token=token),
        "cancel_order": CancelOrderRequest(order_id=order.id, cart_token=token),
        "watch_order": WatchOrderRequest(order_id=order.id, cart_token=token),
        "fulfill_order": FulfillOrderRequest(
            shop_id=market.shop_id, order_id=order.id, carrier="souk"
        ),
        "deliver_order": DeliverOrderRequest(order_id=order.id),
        "list_shop_orders": ListShopOrdersRequest(shop_id=market.shop_id),
        "get_order_facts": GetOrderFactsRequest(order_id=order.id),
        "get_checkout": GetCheckoutRequest(checkout_id=order.checkout_id, cart_token=token),
    }[method]
    call: Callable[[Any], Any] = getattr(market.client, method)
    with as_(by):
        if method == "watch_order":
            async with aclosing(call(request)) as updates:
                assert (await anext(updates)).order_id == order.id
        else:
            await call(request)


def who(market: Market, person: str) -> tuple[Caller, str]:
    return {
        "buyer": (market.buyer, ""),
        "other buyer": (customer(), ""),
        "guest": (NOBODY, "the token"),
        "wrong token": (NOBODY, "a wrong token"),
        "shop member": (market.seller, ""),
        "other seller": (seller(), ""),
        "courier": (courier(), ""),
        "support": (support(), ""),
        "nobody": (NOBODY, ""),
    }[person]
