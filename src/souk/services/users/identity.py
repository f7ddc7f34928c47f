"""Who somebody is, in the form that is sealed, and how it is found without being opened."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from souk.kernel.mailboxes import plain_text
from souk.kernel.person_keys import PersonKeys

WORD = re.compile(r"\w+")
BEGINNINGS_MAX = 12  # letters of a word that a search can tell apart
WORDS_MAX = 16


class Identity(Struct, frozen=True, kw_only=True):
    """The sealed part of an account."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""


class Place(Struct, frozen=True, kw_only=True):
    """The sealed part of a session: from which network it was last used."""

    address: str = ""
    country: str = ""


class AddressText(Struct, frozen=True, kw_only=True):
    """The sealed part of an address."""

    name: str = ""
    street_1: str = ""
    street_2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""


class Named(Struct, frozen=True, kw_only=True):
    """The sealed part of what people give a name: wishlists, passkeys, API keys."""

    name: str = ""


class Noted(Struct, frozen=True, kw_only=True):
    """The sealed part of what stands on a wishlist."""

    note: str = ""


class Vouched(Struct, frozen=True, kw_only=True):
    """The sealed part of an account at a provider: its id there."""

    subject: str = ""


def blind_subject(keys: PersonKeys, issuer: str, subject: str) -> str:
    """What stands in the table for a provider's id of a person."""
    return keys.blind("provider", f"{issuer}\0{subject}").hex()


def blind_email(keys: PersonKeys, name: str) -> str:
    """What stands in the table for an e-mail (in the form of `email_key`)."""
    return keys.blind("email", name).hex()


def findable(keys: PersonKeys, who: Identity) -> list[int]:
    """Every beginning of every word that operators may look for."""
    text = f"{who.email} {who.first_name} {who.last_name}"
    return _hashed(keys, (word[:n] for word in words(text) for n in range(1, len(word) + 1)))


def looked_for(keys: PersonKeys, text: str) -> list[int]:
    """What an account must have all of."""
    return _hashed(keys, words(text))


def words(text: str) -> list[str]:
    return [word[:BEGINNINGS_MAX] for word in WORD.findall(plain_text(text))[:WORDS_MAX]]


def _hashed(keys: PersonKeys, texts: Iterable[str]) -> list[int]:
    made = {int.from_bytes(keys.blind("word", text)[:8], signed=True) for text in texts}
    return sorted(made)
