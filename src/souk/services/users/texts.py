"""What people write about themselves, made whole: names, phone numbers, languages, time zones."""

from __future__ import annotations

import unicodedata
from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from babel import Locale, UnknownLocaleError

from souk.kernel.refusals import FieldError, InvalidRequest

# Persian and the scripts of India join and part letters with these two.
JOINERS = frozenset("\u200c\u200d")
UNSEEN = frozenset({"Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
EXAMPLE = "+12125550123"


def line(field: str, text: str) -> str:
    """One line of text in one spelling (NFC), blanks made single. Every script is welcome.

    What cannot be seen is refused: with it a name can be made to look like another, or to turn the
    text around it. Raises InvalidRequest.
    """
    hidden = {char for char in text if unicodedata.category(char) in UNSEEN} - JOINERS
    if hidden:
        codes = ", ".join(sorted(f"U+{ord(char):04X}" for char in hidden)[:3])
        raise InvalidRequest(FieldError(field, f"holds characters that cannot be seen: {codes}"))
    return " ".join(unicodedata.normalize("NFC", text).split())


def name(field: str, text: str) -> str:
    """As `line`, and somewhere in it a letter."""
    made = line(field, text)
    if not any(unicodedata.category(char).startswith("L") for char in made):
        raise InvalidRequest(FieldError(field, "needs a letter at least"))
    return made


def phone(field: str, text: str, *, country: str = "") -> str:
    """As E.164 has it; empty stays empty. `country` is where it is dialled without a prefix."""
    if not text.strip():
        return ""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            reason = f"must begin with + and the country's code, as in {EXAMPLE}"
            raise InvalidRequest(FieldError(field, reason)) from None
        raise InvalidRequest(FieldError(field, "is no telephone number")) from None
    if not phonenumbers.is_possible_number(number):
        raise InvalidRequest(FieldError(field, "has too few or too many digits for its country"))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def locale(field: str, text: str) -> str:
    """A language, and a region where one is given, as BCP 47 writes it: `de`, `pt-BR`."""
    if not text:
        return ""
    try:
        found = Locale.parse(text.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        raise InvalidRequest(FieldError(field, "is no language we know; try en-US")) from None
    parts = (found.language, found.script, found.territory)
    return "-".join(part for part in parts if part)


def time_zone(field: str, text: str) -> str:
    """A zone of the IANA database, whatever the case it is written in."""
    if not text:
        return ""
    known = _zones().get(text.casefold())
    if known is None:
        raise InvalidRequest(FieldError(field, "is no time zone; try Europe/Berlin or UTC"))
    return known


@cache
def _zones() -> dict[str, str]:
    return {zone.casefold(): zone for zone in available_timezones()}
