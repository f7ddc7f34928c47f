"""Money as people read it, in the currency's own digits."""

from __future__ import annotations

from copy import copy
from functools import cache, lru_cache

from babel import Locale
from babel.numbers import NumberPattern, get_currency_symbol

from souk.kernel.money import Money, minor_digits

LOCALE = Locale.parse("en_US")


@lru_cache(maxsize=4096)  # shops like the same few prices, and one takes Babel 40 µs
def spoken(money: Money) -> str:
    """`$19.99`, `₫199,000`, `KWD 1.250`."""
    written: str = _pattern(money.currency).apply(
        money.to_decimal(), LOCALE, currency=money.currency, currency_digits=False
    )
    symbol: str = get_currency_symbol(money.currency, LOCALE)
    # CLDR sets letters apart from digits; Babel does not know that rule.
    return written.replace(symbol, f"{symbol}\xa0") if symbol[-1].isalpha() else written


@cache
def _pattern(currency: str) -> NumberPattern:
    # Babel would round to CLDR's digits, which are those of cash: rupiah have cents on paper.
    pattern: NumberPattern = copy(LOCALE.currency_formats["standard"])
    digits = minor_digits(currency)
    pattern.frac_prec = (digits, digits)
    return pattern
