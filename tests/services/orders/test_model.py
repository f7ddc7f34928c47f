"""Rules of orders and checkouts, without anything around them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.common import Address
from souk.contracts.orders import (
    FulfillmentLine,
    LinesNotOpen,
    OrderNotCancellable,
    OrderNotFulfillable,
    OrderStatus,
)
from souk.kernel.context import NOBODY, Caller
from souk.kernel.ids import new_code, new_id
from souk.kernel.money import Money
from souk.services.orders.model.checkout import destination_of, order_number
from souk.services.orders.model.order import Line, StoredOrder
from souk.services.orders.model.shopper import Shopper, hash_of, shopper_of, viewer_of

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ADDRESS = Address(name="Ann", street_1="1 Main St", city="Dover", state="DE", country="US")
NOTHING = Money(0, "USD")


def order(*lines: Line, status: OrderStatus = OrderStatus.CONFIRMED) -> StoredOrder:
    return StoredOrder(
        id=new_id(),
        order_number="SK-1",
        checkout_id=new_id(),
        shop_id=new_id(),
        status=status,
        subtotal=NOTHING,
        discount=NOTHING,
        shipping=NOTHING,
        tax=NOTHING,
        total=NOTHING,
        refunded=NOTHING,
        shipping_address=ADDRESS,
        shipping_method="standard",
        placed_at=NOW,
        items=lines,
        timeline=(),
    )


def line(quantity: int, *, claimed: int = 0, shipped: int = 0) -> Line:
    return Line(id=new_id(), quantity=quantity, quantity_claimed=claimed, quantity_shipped=shipped)


def test_an_order_number_says_its_day_and_is_read_out_without_doubt() -> None:
    number = order_number(NOW, new_code(6))

    assert number.startswith("SK-20261121-")
    assert not set(number.rpartition("-")[2]) & set("01OI")


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=6))
def test_all_open_lines_are_sent_when_none_are_named(quantities: list[tuple[int, int]]) -> None:
    lines = [line(all_, claimed=min(all_, claimed)) for all_, claimed in quantities]
    stored = order(*lines)
    if not any(one.open for one in lines):
        with pytest.raises(OrderNotFulfillable):
            stored.lines_to_send(())
        return

    sent = {one.item_id: one.quantity for one in stored.lines_to_send(())}

    assert sent == {one.id: one.open for one in lines if one.open}


def test_a_line_named_twice_counts_as_one() -> None:
    one = line(5, claimed=2)
    stored = order(one)
    twice = [FulfillmentLine(item_id=one.id, quantity=2)] * 2

    with pytest.raises(LinesNotOpen):
        stored.lines_to_send(twice)
    once = [FulfillmentLine(item_id=one.id, quantity=1)] * 2
    assert stored.lines_to_send(once) == (FulfillmentLine(item_id=one.id, quantity=2),)


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.DELIVERED])
def test_an_order_that_has_ended_is_not_sent(status: OrderStatus) -> None:
    with pytest.raises(OrderNotFulfillable):
        order(line(1), status=status).lines_to_send(())


def test_an_order_in_the_packer_s_hands_is_not_cancelled() -> None:
    with pytest.raises(OrderNotCancellable):
        order(line(1, claimed=1), status=OrderStatus.PROCESSING).must_be_cancellable()


def test_a_signed_in_shopper_buys_as_themselves_whatever_token_they_send() -> None:
    buyer = Caller(user_id=new_id())

    assert shopper_of(buyer, "token") == Shopper(buyer_id=buyer.user_id)
    assert shopper_of(NOBODY, "token") == Shopper(guest_token_hash=hash_of("token"))
    assert not shopper_of(NOBODY, "").is_somebody


def test_nobody_without_a_token_is_no_guest() -> None:
    assert not viewer_of(NOBODY, "").is_either("", "")
    assert not viewer_of(NOBODY, "").is_either(new_id(), "")
    assert not viewer_of(NOBODY, "other").is_either("", hash_of("token"))
    assert viewer_of(NOBODY, "token").is_either("", hash_of("token"))


def test_a_destination_names_no_one() -> None:
    told = destination_of(ADDRESS).address()

    assert (told.country, told.state) == ("US", "DE")
    assert (told.name, told.street_1, told.city, told.phone) == ("-", "-", "-", "")
