"""What a parcel costs to send, who carries it, and the number it is known by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from msgspec import Struct

from souk.contracts.shipping import (
    CarrierUnknown,
    CountryUnknown,
    Rate,
    Shipment,
    ShipmentStatus,
    ShippingMethod,
)
from souk.kernel.money import Money, minor_digits

OWN_CARRIER = "souk"
CARRIERS = frozenset(
    {OWN_CARRIER, "dhl", "dpd", "fedex", "gls", "royal_mail", "ups", "usps", "other"}
)
COUNTRIES = frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2) - {
    "EU",
    "UN",
    "ZZ",
}


class Tariff(Struct, frozen=True, kw_only=True):
    """A method with its price, at the level of one currency."""

    code: str
    name: str
    description: str
    days_min: int
    days_max: int
    parcel_cents: int
    kilogram_cents: int

    def price(self, *, weight_grams: int, currency: str, units_per_usd: Decimal) -> Money:
        """So much a parcel, and so much for each begun kilogram after the first."""
        more_kilograms = max(-(-weight_grams // 1000) - 1, 0)
        dollars = Decimal(self.parcel_cents + self.kilogram_cents * more_kilograms) / 100
        minor = (dollars * units_per_usd).scaleb(minor_digits(currency))
        return Money(int(minor.quantize(Decimal(1), ROUND_HALF_UP)), currency)

    def rate(self, *, weight_grams: int, currency: str, units_per_usd: Decimal) -> Rate:
        return Rate(
            method=self.code,
            name=self.name,
            price=self.price(
                weight_grams=weight_grams, currency=currency, units_per_usd=units_per_usd
            ),
            days_min=self.days_min,
            days_max=self.days_max,
        )

    def view(self) -> ShippingMethod:
        return ShippingMethod(
            code=self.code,
            name=self.name,
            description=self.description,
            days_min=self.days_min,
            days_max=self.days_max,
        )


def must_be_a_country(country: str) -> None:
    if country not in COUNTRIES:
        raise CountryUnknown(country=country)


def new_shipment(
    shipment_id: str,
    *,
    order_id: str,
    carrier: str,
    tracking_number: str,
    new_code: Callable[[int], str],
    now: datetime,
) -> Shipment:
    """Souk's own parcels are given a number, and so is what comes without one."""
    if carrier not in CARRIERS:
        raise CarrierUnknown(carrier=carrier)
    is_theirs = tracking_number and carrier != OWN_CARRIER
    return Shipment(
        id=shipment_id,
        order_id=order_id,
        carrier=carrier,
        tracking_number=tracking_number if is_theirs else f"SOUK{new_code(12)}",
        status=ShipmentStatus.SHIPPED,
        shipped_at=now,
    )
