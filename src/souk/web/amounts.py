"""Money, numbers and moments, as the visitor's part of the world writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from babel import Locale, dates, numbers

from souk.kernel.money import Money


@lru_cache(50_000)
def money(amount: Money, locale: Locale) -> str:
    return numbers.format_currency(amount.to_decimal(), amount.currency, locale=locale)


def number(value: int, locale: Locale) -> str:
    return numbers.format_decimal(value, locale=locale)


def day(moment: datetime, locale: Locale) -> str:
    return dates.format_date(moment.astimezone(UTC), format="long", locale=locale)


def minute(moment: datetime, locale: Locale) -> str:
    """With its zone: until the browser tells its own, we know only ours."""
    return dates.format_datetime(moment.astimezone(UTC), "d MMM y, HH:mm 'UTC'", locale=locale)


def day_range(now: datetime, first: int, last: int, locale: Locale) -> str:
    """The days on which something sent today arrives."""
    start, end = now + timedelta(days=first), now + timedelta(days=last)
    return dates.format_interval(start, end, skeleton="MMMEd", locale=locale)
