"""Which language a visitor reads, and how their part of the world writes money and dates."""

from __future__ import annotations

import gettext
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from msgspec import Struct

FOLDER = Path(__file__).with_name("locale")
DOMAIN = "web"
ENGLISH = "en"
NAMES = {"en": "English", "uk": "Українська", "vi": "Tiếng Việt"}
TAGS_MAX = 10  # of Accept-Language; nobody reads more


class Tongue(Struct, frozen=True, eq=False):
    """The language of texts, and the locale of figures and dates."""

    code: str
    locale: Locale
    texts: gettext.NullTranslations

    @property
    def direction(self) -> str:
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"


def tongue_for(chosen: str, accepted: str) -> Tongue:
    """`chosen` is what the visitor picked, `accepted` the Accept-Language header."""
    return _tongue(chosen if chosen in NAMES else "", accepted[:200])


@lru_cache(1000)
def _tongue(chosen: str, accepted: str) -> Tongue:
    locales = [locale for tag in tags(accepted) if (locale := locale_of(tag))]
    code = chosen or next((one.language for one in locales if one.language in NAMES), ENGLISH)
    of_this = [one for one in locales if one.language == code]
    # Who picked a language reads figures its way; others as their browser says first.
    near = of_this if chosen else locales
    return Tongue(code, near[0] if near else Locale(code), catalogue(code))


def tags(accepted: str) -> list[str]:
    """Languages by preference, as RFC 9110 weighs them."""
    weighed = []
    for place, offer in enumerate(accepted.split(",")[:TAGS_MAX]):
        tag, _, weight = offer.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), place, tag.strip()))
        except ValueError:
            continue
    return [tag for weight, _, tag in sorted(weighed) if weight and tag]


def locale_of(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        language = tag.partition("-")[0]
        return locale_of(language) if language != tag else None


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """The texts of a language, compiled from its .po file at the first use; English is itself."""
    path = FOLDER / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as texts:
        write_mo(compiled, read_po(texts, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
