"""What a parcel costs, and the number it is known by."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.shipping import CarrierUnknown, CountryUnknown, Shipment
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.services.shipping.model import CARRIERS, Tariff, must_be_a_country, new_shipment

STANDARD = Tariff(
    code="standard",
    name="Standard",
    description="",
    days_min=2,
    days_max=5,
    parcel_cents=499,
    kilogram_cents=120,
)


def price(weight_grams: int, currency: str = "USD", level: str = "1") -> Money:
    return STANDARD.price(
        weight_grams=weight_grams, currency=currency, units_per_usd=Decimal(level)
    )


@pytest.mark.parametrize(
    ("weight_grams", "cents"),
    [(0, 499), (1, 499), (1000, 499), (1001, 619), (2000, 619), (2001, 739), (10_500, 1699)],
)
def test_each_begun_kilogram_after_the_first_costs_more(weight_grams: int, cents: int):
    assert price(weight_grams) == Money(cents, "USD")


@pytest.mark.parametrize(
    ("currency", "level", "amount"),
    [
        ("VND", "25000", 124_750),  # no minor digits
        ("JPY", "150", 749),  # 748.5 yen, half away from zero
        ("KWD", "0.31", 1547),  # three minor digits: 1.5469 dinars
        ("GBP", "0.8", 399),
    ],
)
def test_prices_are_whole_minor_units_of_their_currency(currency: str, level: str, amount: int):
    assert price(800, currency, level) == Money(amount, currency)


@given(st.integers(0, 1_000_000_000), st.integers(0, 1_000_000))
def test_a_heavier_parcel_never_costs_less(weight_grams: int, more: int):
    assert price(weight_grams + more).amount >= price(weight_grams).amount


@pytest.mark.parametrize("country", ["DE", "VN", "KW", "US", "XK"])
def test_there_are_countries_to_send_to(country: str):
    must_be_a_country(country)


@pytest.mark.parametrize("country", ["XX", "ZZ", "EU", "UN", "de", ""])
def test_what_is_no_country_is_refused(country: str):
    with pytest.raises(CountryUnknown):
        must_be_a_country(country)


def made(carrier: str, tracking_number: str) -> Shipment:
    return new_shipment(
        new_id(),
        order_id=new_id(),
        carrier=carrier,
        tracking_number=tracking_number,
        new_code=lambda length: "X" * length,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_parcels_without_a_number_are_given_one():
    assert made("dhl", "").tracking_number == made("souk", "").tracking_number == "SOUKXXXXXXXXXXXX"


def test_carriers_bring_their_number_and_our_own_couriers_do_not():
    assert made("dhl", "JD0146").tracking_number == "JD0146"
    assert made("souk", "MINE1").tracking_number == "SOUKXXXXXXXXXXXX"


def test_a_carrier_nobody_knows_is_refused():
    assert all(made(carrier, "N1") for carrier in CARRIERS)
    with pytest.raises(CarrierUnknown):
        made("pigeon", "N1")
