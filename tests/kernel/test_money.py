"""Money adds up, in every currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.kernel.money import Money, minor_digits, money_from, total

amounts = st.integers(-(10**12), 10**12)


@given(amount=amounts, weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=50))
def test_parts_add_up_to_the_whole(amount, weights):
    parts = Money(amount, "USD").split(weights)
    assert total(parts, "USD") == Money(amount, "USD")
    assert len(parts) == len(weights)


@given(amount=st.integers(0, 10**9), weights=st.lists(st.integers(1, 1000), min_size=1, max_size=9))
def test_no_part_is_further_than_one_unit_a_part_from_its_share(amount, weights):
    for part, weight in zip(Money(amount, "USD").split(weights), weights, strict=True):
        assert abs(part.amount - amount * weight / sum(weights)) <= len(weights)


def test_what_rounding_leaves_goes_to_the_largest():
    assert [part.amount for part in Money(100, "USD").split([1, 3, 1])] == [20, 60, 20]
    assert [part.amount for part in Money(101, "USD").split([1, 3, 1])] == [20, 61, 20]
    assert [part.amount for part in Money(-101, "USD").split([1, 3, 1])] == [-20, -61, -20]
    assert [part.amount for part in Money(5, "USD").split([0, 0])] == [3, 2]


@pytest.mark.parametrize("weights", [[], [-1, 2]])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        Money(1, "USD").split(weights)


def test_two_currencies_are_never_added():
    for operate in (lambda a, b: a + b, lambda a, b: a - b):
        with pytest.raises(ValueError, match="EUR"):
            operate(Money(1, "USD"), Money(1, "EUR"))


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("9.99", "USD", 999), ("50", "USD", 5000), ("1500", "VND", 1500), ("1.234", "KWD", 1234),
     (" 7.5 ", "EUR", 750), ("0", "JPY", 0), ("-1.50", "USD", -150)],
)  # fmt: skip
def test_prices_are_read_exactly(text, currency, amount):
    assert money_from(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text", ["", "abc", "1,5", "1.999", "NaN", "Infinity", "1e400", "$5", "--1"]
)
def test_what_is_no_price_is_refused(text):
    with pytest.raises(ValueError, match=r"amount|large"):
        money_from(text, "USD")


def test_currencies_have_their_own_digits():
    found = {code: minor_digits(code) for code in ("USD", "VND", "KWD", "JPY", "BHD", "IDR")}
    assert found == {"USD": 2, "VND": 0, "KWD": 3, "JPY": 0, "BHD": 3, "IDR": 2}
    with pytest.raises(ValueError, match="no currency"):
        minor_digits("ZZZ")


@given(amount=amounts, points=st.integers(0, 10_000))
def test_a_share_is_within_half_a_unit(amount, points):
    share = Money(amount, "USD").share(basis_points=points)
    assert abs(share.amount * 10_000 - amount * points) <= 5_000
