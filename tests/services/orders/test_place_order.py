"""Placing orders: priced, held, paid and confirmed, with nothing half done."""

from __future__ import annotations

import asyncio

import pytest

from souk.contracts.inventory import InsufficientStock
from souk.contracts.orders import (
    AddressMissing,
    CartChanged,
    CheckoutStatus,
    EmailMissing,
    EmptyCart,
    GetOrderFactsRequest,
    OrderConfirmed,
    OrderStatus,
    PreviewOrderRequest,
)
from souk.contracts.payments import PaymentDeclined, PaymentStatus, ProviderUnknown
from souk.contracts.pricing import PromoCodeRefused, VariantNotForSale
from souk.contracts.users import AddressNotFound, UserAddress
from souk.kernel.context import NOBODY
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import IdempotencyKeyRequired, Refusal
from tests.services.orders.fakes import Article
from tests.services.orders.market import ADDRESS, Market, as_, order_request
from tests.support.databases import counted_statements
from tests.support.people import customer, service
from tests.support.waiting import eventually


async def test_a_cart_becomes_a_confirmed_order(market: Market) -> None:
    (article,) = market.fill_cart(quantity=2)

    placed = await market.place()

    order = placed.orders[0]
    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    assert placed.checkout.payment.status is PaymentStatus.AUTHORIZED
    assert order.status is OrderStatus.CONFIRMED
    assert order.total == placed.checkout.total == Money(4900, "USD")
    assert [entry.event for entry in order.timeline] == ["placed", "confirmed"]
    await market.finished()
    assert (article.on_hand, market.inventory.available(article)) == (8, 8)
    assert market.payments.in_hand == 4900
    assert market.carts.carts[market.buyer.user_id].lines == ()
    assert await market.get(order.id) == order
    confirmed = await market.host.published(OrderConfirmed)
    assert [(event.order_id, event.total) for event in confirmed] == [(order.id, order.total)]


async def test_a_cart_of_two_shops_becomes_two_orders_with_one_payment(market: Market) -> None:
    ours, theirs = market.article(1000), market.article(3000, shop_id=new_id())
    market.fill_cart(ours, theirs)

    placed = await market.place()

    assert {order.shop_id for order in placed.orders} == {ours.shop_id, theirs.shop_id}
    assert [order.total.amount for order in placed.orders] == [1600, 3800]
    (request,) = market.payments.requests
    assert [part.order_id for part in request.allocations] == [order.id for order in placed.orders]
    assert {order.payment_id for order in placed.orders} == {placed.checkout.payment.id}
    assert len({order.order_number for order in placed.orders}) == 2
    await market.finished()
    now = await market.get_checkout(placed.checkout.id)
    assert now.checkout.payment.status is PaymentStatus.CAPTURED
    assert now.orders == placed.orders


async def test_two_orders_that_draw_the_same_number_get_two(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr("souk.services.orders.sagas.checkout.new_code", lambda _: next(codes))
    numbers = []
    for _ in range(2):
        market.fill_cart()
        placed = await market.place()
        assert placed.checkout.status is CheckoutStatus.CONFIRMED
        await market.finished()
        numbers += [order.order_number[-6:] for order in placed.orders]
    assert numbers == ["AAAAAA", "BBBBBB"]


async def test_a_checkout_asks_its_database_four_things_at_most(market: Market) -> None:
    market.fill_cart()
    await market.place()
    market.fill_cart()

    async with counted_statements(market.database) as asked:
        await market.place()
        await market.at_rest()

    assert 3 <= len(asked) <= 4, "\n".join(asked)


async def test_a_free_checkout_works_like_any_other(market: Market) -> None:
    market.pricing.coupons["ALLFREE"] = 100
    (article,) = market.fill_cart(coupon_code="ALLFREE")

    placed = await market.place()
    await market.finished()

    assert placed.checkout.total == Money(0, "USD")
    assert placed.orders[0].discount == Money(2000, "USD")
    assert article.on_hand == 9
    assert market.pricing.redeemed == {placed.checkout.id}
    cancelled = await market.cancel(placed.orders[0].id)
    await market.finished()
    assert cancelled.status is OrderStatus.CANCELLED
    assert (article.on_hand, market.payments.calls["refund_payment"]) == (10, 0)


async def test_a_saved_address_is_taken_from_the_shopper_s_own(market: Market) -> None:
    address_id = new_id()
    saved = UserAddress(
        id=address_id, name="Ann Lee", street_1="2 Side St", city="Dover", country="US"
    )
    market.users.addresses[market.buyer.user_id, address_id] = saved
    market.fill_cart()

    placed = await market.place(shipping_address=None, shipping_address_id=address_id)

    assert placed.orders[0].shipping_address.street_1 == "2 Side St"
    stranger = customer()
    market.fill_cart(by=stranger)
    with pytest.raises(AddressNotFound):
        await market.place(by=stranger, shipping_address=None, shipping_address_id=address_id)


async def test_a_guest_buys_with_a_cart_token_and_an_email(market: Market) -> None:
    market.fill_cart(by="a guest's token")

    placed = await market.place(by=NOBODY, cart_token="a guest's token", email="ann@example.com")

    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    row = await market.database.fetchrow("select * from orders")
    assert row["buyer_id"] is None
    with as_(service("notifications")):
        asked = GetOrderFactsRequest(order_id=placed.orders[0].id)
        facts = await market.client.get_order_facts(asked)
    assert (facts.buyer_id, facts.email) == ("", "ann@example.com")
    rows = str(await market.database.fetch("select * from checkouts"))
    assert "ann@example.com" not in rows
    assert "Side St" not in rows
    assert "a guest's token" not in str(await market.database.fetch("select * from checkouts"))


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"cart_token": "token"}, EmailMissing),
        ({"email": "ann@example.com"}, EmptyCart),
        ({"email": "ann@example.com", "cart_token": "unknown"}, EmptyCart),
        (
            {"email": "a@example.com", "cart_token": "token", "shipping_address": None},
            AddressMissing,
        ),
        (
            {
                "email": "a@example.com",
                "cart_token": "token",
                "shipping_address": None,
                "shipping_address_id": new_id(),
            },
            AddressNotFound,
        ),
    ],
)
async def test_a_guest_is_told_what_is_missing(
    market: Market, fields: dict[str, str], refusal: type[Refusal]
) -> None:
    market.fill_cart(by="token")

    with pytest.raises(refusal):
        await market.place(by=NOBODY, **fields)

    assert await market.count("checkouts") == 0


async def test_placing_an_order_needs_a_key(market: Market) -> None:
    market.fill_cart()

    with as_(market.buyer), pytest.raises(IdempotencyKeyRequired):
        await market.client.place_order(order_request())


async def test_an_empty_cart_cannot_be_ordered(market: Market) -> None:
    with pytest.raises(EmptyCart):
        await market.place()


async def test_a_cart_that_the_shopper_has_not_seen_is_refused(market: Market) -> None:
    market.fill_cart()
    market.fill_cart()

    with pytest.raises(CartChanged) as refused:
        await market.place(cart_version=1)

    assert refused.value.version == 2
    assert (await market.place(cart_version=2)).checkout.status is CheckoutStatus.CONFIRMED


@pytest.mark.parametrize("method", ["decline", "unheard_of"])
async def test_a_payment_that_fails_leaves_nothing(market: Market, method: str) -> None:
    market.pricing.coupons["TEN"] = 10
    (article,) = market.fill_cart(coupon_code="TEN")

    with pytest.raises(PaymentDeclined if method == "decline" else ProviderUnknown):
        await market.place(method=method)

    assert market.inventory.available(article) == article.on_hand == 10
    assert market.pricing.redeemed == set()
    assert market.payments.in_hand == 0
    assert await market.count("orders") == 0
    assert market.carts.carts[market.buyer.user_id].lines


async def test_what_cannot_be_sold_is_refused_by_name(market: Market) -> None:
    rare = market.article(on_hand=1)
    market.fill_cart(rare, quantity=2)
    with pytest.raises(InsufficientStock) as refused:
        await market.place()
    assert (refused.value.sku, refused.value.available) == (rare.sku, 1)

    market.fill_cart(Article(100))
    with pytest.raises(VariantNotForSale):
        await market.place()

    market.fill_cart(coupon_code="NOPE")
    with pytest.raises(PromoCodeRefused):
        await market.place()
    assert market.payments.calls["process_payment"] == 0


async def test_many_shoppers_get_no_more_than_there_is(market: Market) -> None:
    rare = market.article(on_hand=5)
    shoppers = [customer() for _ in range(20)]
    for shopper in shoppers:
        market.fill_cart(rare, by=shopper)

    ends = await asyncio.gather(
        *(market.place(by=shopper) for shopper in shoppers), return_exceptions=True
    )
    await market.finished()

    assert sum(isinstance(end, InsufficientStock) for end in ends) == 15
    assert await market.count("orders") == 5
    assert (rare.on_hand, market.inventory.available(rare)) == (0, 0)
    assert market.payments.in_hand == 5 * 2700


async def test_what_was_in_the_cart_at_first_is_what_is_bought(market: Market) -> None:
    """The shopper puts something in while the payment is under way: it stays in the cart."""
    first, second = market.fill_cart()[0], market.article(700)
    placed = await market.place(method="challenge")
    changed = market.carts.fill(market.buyer.user_id, first, second)

    await market.answer_challenge(placed.checkout.id, approve=True)
    await market.finished()

    now = await market.get_checkout(placed.checkout.id)
    assert [item.sku for order in now.orders for item in order.items] == [first.sku]
    assert market.carts.carts[market.buyer.user_id] == changed


async def test_names_and_addresses_stay_in_their_columns(market: Market) -> None:
    market.fill_cart()
    placed = await market.place(email="ann@example.com")
    await market.finished()
    await market.cancel(placed.orders[0].id)
    await market.finished()

    kept = ""
    for table in ("sagas", "outbox", "order_events", "fulfillments"):
        kept += str(await market.database.fetch(f"select * from {table}"))
    for private in (ADDRESS.name, ADDRESS.street_1, ADDRESS.city, "ann@example.com"):
        assert private not in kept
    (told,) = market.pricing.destinations
    assert (told.country, told.state, told.name) == ("US", "IL", "-")


async def test_the_hold_outlives_the_time_to_pay(market: Market) -> None:
    market.fill_cart()
    await market.place()

    settings = market.host.platform.settings
    assert market.inventory.hold_seconds[0] >= settings.checkout_minutes * 60 + 120


async def test_goods_are_held_anew_when_the_hold_ran_out_before_the_sale(market: Market) -> None:
    (article,) = market.fill_cart()
    market.inventory.away["commit_stock"] = 1
    placing = asyncio.create_task(market.place())
    await eventually(lambda: market.inventory.calls["commit_stock"])
    market.inventory.run_out()

    placed = await placing
    await market.finished()

    assert placed.checkout.status is CheckoutStatus.CONFIRMED
    assert (article.on_hand, market.inventory.available(article)) == (9, 9)


async def test_a_preview_costs_what_the_order_will_and_changes_nothing(market: Market) -> None:
    market.fill_cart(quantity=2)

    with as_(market.buyer):
        preview = await market.client.preview_order(
            PreviewOrderRequest(shipping_address=ADDRESS, shipping_method="standard")
        )

    assert preview.total == Money(4900, "USD")
    assert [shop.shop_id for shop in preview.shops] == [market.shop_id]
    assert (await market.place()).checkout.total == preview.total
    with as_(customer()), pytest.raises(EmptyCart):
        await market.client.preview_order(PreviewOrderRequest())
