"""Money, numbers and moments, as the visitor's part of the world writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel import Locale, dates, numbers

from souk.kernel.money import Money


@lru_cache(50_000)
def money(amount: Money, locale: Locale) -> str:
    return numbers.format_currency(amount.to_decimal(), amount.currency, locale=locale)


@lru_cache(10_000)
def number(value: int, locale: Locale) -> str:
    return numbers.format_decimal(value, locale=locale)


def day(moment: datetime, locale: Locale) -> str:
    return dates.format_date(moment.astimezone(UTC), format="long", locale=locale)


def minute(moment: datetime, locale: Locale) -> str:
    """With its zone: until the browser tells its own, we know only ours."""
    return dates.format_datetime(moment.astimezone(UTC), "d MMM y, HH:mm 'UTC'", locale=locale)


def day_range(now: datetime, first: int, last: int, locale: Locale) -> str:
    """The days on which something sent today arrives."""
    return _days(now.date() + timedelta(days=first), now.date() + timedelta(days=last), locale)


@lru_cache(1000)
def _days(start: date, end: date, locale: Locale) -> str:
    return dates.format_interval(start, end, skeleton="MMMEd", locale=locale)
