"""Templates: compiled once, escaped always, with the words they may use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import nh3
from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup

from souk.kernel.money import Money
from souk.web import amounts
from souk.web.art import art_url
from souk.web.assets import Assets
from souk.web.icons import icon
from souk.web.labels import label_of
from souk.web.languages import NAMES
from souk.web.phrases import Told, phrase
from souk.web.qr import qr
from souk.web.visit import here

FOLDER = Path(__file__).with_name("templates")
PARTS_KEPT = 2000  # a product's card is 1 KB, all filters of a category are 8
UNSAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028"}


def environment(assets: Assets) -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        asset=assets.url,
        icon=icon,
        art=art_url,
        languages=NAMES,
        csrf=csrf,
        qr=qr,
        query=query,
        here=here,
        shared=shared,
        label_of=label_of,
        said=said,
        visit_country=country,
    )
    made.filters.update(
        money=money,
        day=day,
        minute=minute,
        number=number,
        stamp=stamp,
        json_ld=json_ld,
        prose=prose,
    )
    # Not imported where it is used: an import compares all globals each time, 2 % of a page.
    made.globals["ui"] = made.get_template("parts.html").module
    return made


def shared(macro: Macro, *given: Any, **named: Any) -> Markup:
    """What a macro makes of its arguments and the language, made once for everyone.

    Pages are mostly such parts. A macro that is called so may ask for nothing else of a visit, and
    its arguments are values that cannot change.
    """
    tongue = here().tongue
    return _made(macro, tongue.code, tongue.locale, given, tuple(named.items()))


@lru_cache(PARTS_KEPT)
def _made(
    macro: Macro, _code: str, _locale: Locale, given: tuple[Any, ...], named: tuple[Any, ...]
) -> Markup:
    return cast(Markup, macro(*given, **dict(named)))  # it is escaped, as templates are


def gettext(text: str) -> str:
    return here().tongue.texts.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    return here().tongue.texts.ngettext(one, many, count)


def said(told: Told) -> str:
    """What came from elsewhere, in the visitor's language where that is known.

    Jinja takes what `_()` gives for HTML, so `_()` is for texts of the templates' own alone.
    """
    return phrase(told, here().tongue)


def csrf() -> Markup:
    """The hidden field that every form which changes something carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(here().csrf)


def money(amount: Money | None) -> str:
    return "" if amount is None else amounts.money(amount, here().tongue.locale)


def number(value: int) -> str:
    return amounts.number(value, here().tongue.locale)


def stamp(moment: datetime) -> str:
    """For machines."""
    return moment.isoformat(timespec="seconds")


def day(moment: datetime) -> Markup:
    return tagged(moment, amounts.day(moment, here().tongue.locale), "day")


def minute(moment: datetime) -> Markup:
    return tagged(moment, amounts.minute(moment, here().tongue.locale), "minute")


def country(code: str) -> str:
    return here().tongue.locale.territories.get(code) or code


@lru_cache(2000)
def prose(text: str) -> Markup:
    """What a shop wrote: harmless HTML as it is, plain text by paragraphs."""
    if "<" not in text:
        parts = [part.strip() for part in text.split("\n\n") if part.strip()]
        return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts)
    return Markup(nh3.clean(text, link_rel="nofollow noopener noreferrer"))  # noqa: S704


def tagged(moment: datetime, text: str, kind: str) -> Markup:
    """Scripts write it again in the browser's own zone."""
    return Markup('<time datetime="{}" data-time="{}">{}</time>').format(stamp(moment), kind, text)


def json_ld(value: Mapping[str, Any]) -> Markup:
    """Data inside a script element, from which no text can break out."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for letter, escaped in UNSAFE_IN_SCRIPT.items():
        text = text.replace(letter, escaped)
    return Markup(text)  # noqa: S704 - nothing that HTML reads is left in it


def query(given: Mapping[str, Any], **changes: Any) -> str:
    """A query with changes; what is None or empty is left out."""
    pairs: list[tuple[str, str]] = []
    for name, value in {**given, **changes}.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, str(each)) for each in values if each not in (None, "", False)]
    return "?" + urlencode(pairs) if pairs else "?"
