"""What single cells say. What says nothing that can be kept raises ValueError, telling why."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal

from souk.contracts.catalog import ProductStatus
from souk.kernel.money import Money, minor_digits
from souk.services.catalog.model import GRAMS_MAX, STOCK_MAX, must_be_a_price

AMOUNT = re.compile(r"([0-9]{1,15}(\.[0-9]{0,6})?|\.[0-9]{1,6})", re.ASCII)
WHOLE = re.compile(r"[0-9]{1,12}(\.0*)?", re.ASCII)
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
UNITS = {"", "g", "kg", "lb", "lbs", "oz"}
STATUSES = {
    "": ProductStatus.PUBLISHED,
    "active": ProductStatus.PUBLISHED,
    "draft": ProductStatus.DRAFT,
    "archived": ProductStatus.DRAFT,
}


def price_from(text: str, currency: str) -> Money:
    if not text:
        raise ValueError("is missing")
    if text.startswith("-"):
        raise ValueError("must not be negative")
    if not AMOUNT.fullmatch(text):
        raise ValueError(f"must be an amount such as {example(currency)}")
    digits = minor_digits(currency)
    if len(text.partition(".")[2].rstrip("0")) > digits:
        raise ValueError(f"must have at most {digits} decimals, as {currency} has")
    price = Money(int(Decimal(text).scaleb(digits)), currency)
    must_be_a_price(price)
    return price


def compare_at_from(text: str, currency: str) -> Money | None:
    """Nothing, as zero, is no price to compare with."""
    return (price_from(text, currency) or None) if text else None


def quantity_from(text: str) -> int | None:
    """None where the sheet does not say."""
    return whole_from(text, least=0, most=STOCK_MAX) if text else None


def position_from(text: str) -> int | None:
    return whole_from(text, least=1, most=1_000_000) if text else None


def grams_from(text: str) -> int | None:
    if not text:
        return None
    if text.startswith("-"):
        raise ValueError("must not be negative")
    if not AMOUNT.fullmatch(text) or Decimal(text) > GRAMS_MAX:
        raise ValueError(f"must be a number of grams up to {GRAMS_MAX}")
    return int(Decimal(text).quantize(Decimal(1), ROUND_HALF_EVEN))


def must_be_a_unit(text: str) -> None:
    if text.lower() not in UNITS:
        raise ValueError("must be g, kg, lb or oz")


def published_from(text: str) -> ProductStatus:
    """Shopify publishes what does not say."""
    if text and text.lower() not in FLAGS:
        raise ValueError("must be true or false")
    return ProductStatus.PUBLISHED if FLAGS.get(text.lower(), True) else ProductStatus.DRAFT


def status_from(text: str) -> ProductStatus:
    """Products that are archived there come as drafts: somebody wanted them in the sheet."""
    if text.lower() not in STATUSES:
        raise ValueError("must be active, draft or archived")
    return STATUSES[text.lower()]


def whole_from(text: str, *, least: int, most: int) -> int:
    if text.startswith("-"):
        raise ValueError("must not be negative")
    if not WHOLE.fullmatch(text) or not least <= int(Decimal(text)) <= most:
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(Decimal(text))


def example(currency: str) -> str:
    return str(Money(1999, currency).to_decimal())
