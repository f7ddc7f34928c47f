"""What services say no with, in the visitor's language.

A refusal is known by its name; its English is what catalogues translate. What it gives as a reason,
and what is wrong with a field, has no name and is known by its words: `souk.web.sayings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from souk.kernel.money import money_from
from souk.kernel.refusals import Refusal
from souk.web import amounts
from souk.web.languages import Tongue
from souk.web.sayings import ONE, SAYINGS, Saying

# A number by which a text changes its form; of several that a text has, the first of these.
COUNTS = ("count", "max", "available", "reserved", "open", "retry_seconds", "max_bytes")
# What a refusal holds that is words of a service's own.
WORDS = ("reason", "reasons", "status", "separator")
PLACE = re.compile(r"\\{(\w+)\\}")
DIGITS = r"\d+"
AMOUNT = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})")
ENDS = re.compile(r"(; |\. )")  # several things that are told at once

FOUND_KEPT = 1000  # the same few are said on most pages

# What only programs are told, or a page answers otherwise.
MACHINES = frozenset({
    "ConsentTextNotFound", "CursorRefused", "HoldWasReleased", "IdempotencyKeyInFlight",
    "IdempotencyKeyRequired", "IdempotencyKeyReused", "PaymentNotCapturable", "PaymentWasVoided",
    "RefreshTokenRefused", "SecondFactorRequired", "ServiceNotHere", "SignInRequired",
    "UnsupportedMediaType", "WebhookRefused",
})  # fmt: skip

Told = str | Refusal


def phrase(told: Told, tongue: Tongue) -> str:
    """What nobody has a phrase for stays as it is."""
    if not isinstance(told, Refusal):
        return _said(told, tongue)
    found = _filled(*forms_of(type(told)), told.fields, tongue)
    return found or told.detail


def is_known(text: str) -> bool:
    """Whether pages have words of their own for what a service says."""
    return _found(text) is not None


def forms_of(kind: type[Refusal]) -> tuple[str, str]:
    """The English for one and for many; one of them where it counts nothing."""
    return ONE.get(kind.__name__, kind.DETAIL), kind.DETAIL


def every_text() -> Iterator[str | tuple[str, str]]:
    """All that is to be translated: with two forms what counts something."""
    for kind in Refusal.known.values():
        if is_phrased(kind):
            one, many = forms_of(kind)
            yield (one, many) if counted_in(many) else many
    for saying in SAYINGS:
        yield (saying.one, saying.many) if counted_in(saying.many) else saying.many


def is_phrased(kind: type[Refusal]) -> bool:
    """Whether people may meet it, with words of its own."""
    is_service = kind.__module__.startswith(("souk.contracts.", "souk.kernel."))
    return is_service and kind.__name__ not in MACHINES and kind.DETAIL not in ("", "{reason}")


def counted_in(text: str) -> str:
    places = re.findall(r"\{(\w+)\}", text)
    return next((name for name in COUNTS if name in places), "")


def _said(text: str, tongue: Tongue) -> str:
    if found := _found(text):
        saying, values = found
        return _filled(saying.one, saying.many, values, tongue)
    if ENDS.search(text):
        return "".join(
            part if ENDS.fullmatch(part) else _said(part, tongue) for part in ENDS.split(text)
        )
    return tongue.texts.gettext(text) if text else ""


def _filled(one: str, many: str, values: dict[str, Any], tongue: Tongue) -> str:
    """Empty when there is nothing to say, or a value is missing: then another version refused."""
    try:
        text = many and tongue.texts.gettext(many)
        if counted := counted_in(many):
            text = tongue.texts.ngettext(one, many, int(values[counted]))
        return text.format_map({n: _shown(n, value, tongue) for n, value in values.items()})
    except KeyError:
        return ""


def _shown(name: str, value: Any, tongue: Tongue) -> str:
    if name in WORDS:
        return _said(value, tongue)
    if isinstance(value, int):
        return amounts.number(value, tongue.locale)
    if found := AMOUNT.fullmatch(str(value)):
        try:
            return amounts.money(money_from(*found.groups()), tongue.locale)
        except ValueError:
            return str(value)
    return str(value)


@lru_cache(FOUND_KEPT)
def _found(text: str) -> tuple[Saying, dict[str, str]] | None:
    """Which saying it is, and what stands in its places."""
    for pattern, saying in _patterns():
        if found := pattern.fullmatch(text):
            return saying, found.groupdict()
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Saying], ...]:
    return tuple((_pattern(saying.told or saying.many), saying) for saying in SAYINGS)


def _pattern(text: str) -> re.Pattern[str]:
    def place(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{DIGITS if found[1] in COUNTS else '.+'})"

    return re.compile(PLACE.sub(place, re.escape(text)))
