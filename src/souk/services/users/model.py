"""Who somebody is, and which passwords are too easy."""

from __future__ import annotations

import hashlib
from datetime import datetime
from importlib.resources import files
from itertools import pairwise

from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.users import PasswordRefused, User
from souk.kernel.mailboxes import plain_text

ADDRESSES_MAX = 50
STAFF = frozenset({Role.SUPPORT, Role.ADMIN})
# Passwords of ten characters and more that lists of leaked ones are full of; lower case.
COMMON = frozenset(
    files("souk.services.users").joinpath("common_passwords.txt").read_text().split()
)


class Account(Struct, frozen=True, kw_only=True):
    """An account as it is kept."""

    id: str
    email: str = ""
    password_hash: str  # empty where the account is entered in other ways alone
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    roles: tuple[Role, ...]
    is_active: bool = True
    email_verified: bool = False
    has_second_factor: bool = False
    version: int = 1
    created_at: datetime
    # Opens what is sealed of theirs; none yet where nothing is.
    key: bytes | None = None
    locale: str = ""
    time_zone: str = ""
    avatar_url: str = ""

    @property
    def is_of_staff(self) -> bool:
        return not STAFF.isdisjoint(self.roles)

    def view(self) -> User:
        return User(
            id=self.id,
            email=self.email,
            first_name=self.first_name,
            last_name=self.last_name,
            phone_number=self.phone_number,
            roles=self.roles,
            is_active=self.is_active,
            email_verified=self.email_verified,
            created_at=self.created_at,
            locale=self.locale,
            time_zone=self.time_zone,
            avatar_url=self.avatar_url,
        )


def hash_of(secret: str) -> bytes:
    """Of a random secret; passwords are hashed slowly, elsewhere."""
    return hashlib.sha256(secret.encode()).digest()


def must_be_hard_to_guess(password: str, *, email: str) -> None:
    """Length is the contract's business; this is about what guessers try first."""
    plain = plain_text(password)
    reason = ""
    if plain in (plain_text(email), plain_text(email).partition("@")[0]):
        reason = "it is your e-mail address"
    elif plain in COMMON or plain.rstrip("0123456789!.?") in COMMON:
        reason = "it is among the most common ones"
    elif len(set(plain)) < 4:
        reason = "it repeats very few characters"
    elif is_a_run(plain):
        reason = "it is a row of neighbouring characters"
    if reason:
        raise PasswordRefused(reason=reason)


def is_a_run(text: str) -> bool:
    """`abcdefghij` or `9876543210`."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})
