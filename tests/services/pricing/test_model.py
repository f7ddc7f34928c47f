"""Totals add up, whatever the prices, discounts and taxes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.catalog import Offer
from souk.contracts.pricing import (
    AmountTooLarge,
    CurrenciesMixed,
    PromoCodeRefused,
    Promotion,
    TaxRate,
)
from souk.kernel.ids import new_id
from souk.kernel.money import Money, total
from souk.services.pricing import model

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SHOPS = [new_id() for _ in range(3)]


def offer(amount=1999, *, shop=SHOPS[0], currency="USD") -> Offer:
    return Offer(
        variant_id=new_id(),
        shop_id=shop,
        sku="TEE",
        price=Money(amount, currency),
        is_sellable=True,
    )


def coupon(percent=1000, **more) -> Promotion:
    return Promotion(code="WELCOME10", percent_basis_points=percent, is_active=True, **more)


def quoted(wanted, *, shipping=None, tax=None, promotion=None):
    currency = model.one_currency(wanted)
    lines = model.priced(wanted, currency)
    if promotion:
        lines = model.discounted(lines, promotion, currency)
    return model.quote(lines, currency=currency, shipping=shipping or {}, tax=tax, coupon_code="")


def test_a_simple_order_adds_up():
    shop = SHOPS[0]
    vat = TaxRate(country="DE", name="VAT", rate_ppm=190_000, is_shipping_taxed=True)
    result = quoted(
        [model.Wanted(offer(1999), 2)], shipping={shop: Money(499, "USD")}, tax=vat,
        promotion=coupon(),
    )  # fmt: skip
    assert (result.subtotal.amount, result.discount.amount) == (3998, 400)
    assert result.shipping.amount == 499
    assert result.tax.amount == 684 + 95  # 19 % of 35.98, and of 4.99
    assert result.total.amount == 3998 - 400 + 499 + 779
    assert result.taxes == ("DE VAT 19 %",)


def test_shipping_is_taxed_only_where_it_is():
    rate = TaxRate(country="US", state="CA", name="Sales tax", rate_ppm=72_500)
    result = quoted(
        [model.Wanted(offer(10000), 1)], shipping={SHOPS[0]: Money(1000, "USD")}, tax=rate
    )
    assert result.tax.amount == 725
    assert result.taxes == ("US-CA Sales tax 7.25 %",)


wanted_lists = st.lists(
    st.builds(
        lambda amount, shop, quantity: model.Wanted(offer(amount, shop=SHOPS[shop]), quantity),
        st.integers(0, 10**7),
        st.integers(0, 2),
        st.integers(1, 99),
    ),
    min_size=1,
    max_size=12,
)


@given(
    wanted=wanted_lists,
    percent=st.integers(1, 10_000),
    rate=st.integers(0, 300_000),
    shipping=st.integers(0, 5000),
    is_taxed=st.booleans(),
    only_shop=st.sampled_from(["", *SHOPS]),
)
def test_parts_always_add_up_to_the_whole(wanted, percent, rate, shipping, is_taxed, only_shop):
    tax = TaxRate(country="XX", name="VAT", rate_ppm=rate, is_shipping_taxed=is_taxed)
    parcels = {shop: Money(shipping, "USD") for shop in SHOPS}
    result = quoted(wanted, shipping=parcels, tax=tax, promotion=coupon(percent, shop_id=only_shop))
    assert total((shop.total for shop in result.shops), "USD") == result.total
    assert result.total == result.subtotal - result.discount + result.shipping + result.tax
    for shop in result.shops:
        lines = [line for line in result.lines if line.shop_id == shop.shop_id]
        assert total((line.line_total for line in lines), "USD") == shop.subtotal
        assert total((line.discount for line in lines), "USD") == shop.discount
        assert shop.total.amount >= 0
        assert sum(line.tax.amount for line in lines) <= shop.tax.amount
        if not is_taxed:
            assert sum(line.tax.amount for line in lines) == shop.tax.amount
    for line in result.lines:
        assert 0 <= line.discount.amount <= line.line_total.amount
        assert only_shop in ("", line.shop_id) or not line.discount


def test_two_currencies_are_not_added():
    with pytest.raises(CurrenciesMixed):
        model.one_currency([model.Wanted(offer(), 1), model.Wanted(offer(currency="EUR"), 1)])


def test_more_than_can_be_counted_is_refused():
    with pytest.raises(AmountTooLarge):
        model.priced([model.Wanted(offer(10**12), 9999)], "USD")


@pytest.mark.parametrize(
    ("promotion", "reason"),
    [
        (coupon(ends_at=NOW), "ended"),
        (coupon(starts_at=NOW + timedelta(seconds=1)), "not begun"),
        (coupon(max_redemptions=5, redemptions=5), "used up"),
        (coupon(shop_id=SHOPS[1]), "another shop"),
        (coupon(minimum=Money(2000, "USD")), "from 20.00 USD"),
        (coupon(minimum=Money(1, "EUR")), "in EUR"),
    ],
)
def test_a_coupon_that_does_not_count_says_why(promotion, reason):
    lines = model.priced([model.Wanted(offer(1999), 1)], "USD")
    with pytest.raises(PromoCodeRefused, match=reason):
        model.must_count(promotion, lines, "USD", NOW)


def test_a_coupon_counts_up_to_its_last_use():
    lines = model.priced([model.Wanted(offer(1999), 1)], "USD")
    model.must_count(coupon(max_redemptions=5, redemptions=4), lines, "USD", NOW)
