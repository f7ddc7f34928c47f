"""Exact amounts of money: whole minor units of one currency."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache
from typing import Annotated

from babel.core import get_global
from msgspec import Meta, Struct

LARGEST = 2**53 - 1  # what a JSON number holds exactly


class Money(Struct, frozen=True, forbid_unknown_fields=True):
    """`Money(1999, "USD")` is $19.99. Adding two currencies is a mistake and raises ValueError."""

    amount: Annotated[int, Meta(ge=-LARGEST, le=LARGEST)]
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]

    def __add__(self, other: Money) -> Money:
        self._must_match(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._must_match(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, quantity: int) -> Money:
        return Money(self.amount * quantity, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def share(self, *, basis_points: int) -> Money:
        """`basis_points` hundredths of a percent of it, rounded half to even."""
        return self.portion(basis_points, of=10_000)

    def portion(self, parts: int, *, of: int) -> Money:
        """`parts` of `of` parts of it, rounded half to even."""
        exact = Decimal(self.amount) * parts / of
        return Money(int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)), self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Parts in proportion to `weights` that add up to the whole.

        What rounding leaves over goes, unit by unit, to the parts of the largest weights.
        Weights are not negative; when all are zero the parts are equal.
        """
        if not weights or min(weights) < 0:
            raise ValueError("weights must be given and not negative")
        weights = weights if any(weights) else [1] * len(weights)
        whole, sign = sum(weights), -1 if self.amount < 0 else 1
        parts = [abs(self.amount) * weight // whole for weight in weights]
        largest_first = sorted(range(len(weights)), key=lambda index: (-weights[index], index))
        left = abs(self.amount) - sum(parts)
        for turn in range(left):
            parts[largest_first[turn % len(parts)]] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def to_decimal(self) -> Decimal:
        """In major units: 1999 USD is 19.99."""
        return Decimal(self.amount).scaleb(-minor_digits(self.currency))

    def __str__(self) -> str:
        return f"{self.to_decimal()} {self.currency}"

    def _must_match(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{other.currency} cannot be combined with {self.currency}")


def zero(currency: str) -> Money:
    return Money(0, currency)


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum; zero of `currency` when there are none."""
    result = zero(currency)
    for amount in amounts:
        result += amount
    return result


@cache
def currencies() -> dict[str, int]:
    """Every ISO 4217 currency that CLDR knows, with its number of minor digits."""
    fractions = get_global("currency_fractions")
    default = fractions["DEFAULT"][0]
    # CLDR gives the digits in daily use; where ISO 4217 differs, providers bill by ISO.
    two = """AFN ALL IDR IRR KPW LAK LBP MGA MMK MRU PKR RSD SOS SYP TZS YER"""
    iso = dict.fromkeys(two.split(), 2) | {"VND": 0, "IQD": 3}
    return {
        code: iso.get(code, fractions.get(code, (default,))[0])
        for code in get_global("all_currencies")
    }


def minor_digits(currency: str) -> int:
    """How many minor digits a currency has; raises ValueError for one that does not exist."""
    try:
        return currencies()[currency]
    except KeyError:
        raise ValueError(f"{currency} is no currency") from None


def money_from(text: str, currency: str) -> Money:
    """Reads "19.99" as money; raises ValueError when it is no amount or has too many digits."""
    try:
        value = Decimal(text.strip()).scaleb(minor_digits(currency))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount of money") from None
    if not value.is_finite() or value != value.to_integral_value():
        raise ValueError(f"{text!r} is no amount of {currency}")
    if abs(value) > LARGEST:
        raise ValueError(f"{text!r} is too large")
    return Money(int(value), currency)
