"""What a shop is called, what it sells in, and who may speak for it."""

from __future__ import annotations

import re
import unicodedata

from souk.contracts.shops import ShopStatus, UnknownCurrency
from souk.kernel.money import currencies
from souk.kernel.refusals import FieldError, InvalidRequest

SHOPS_MAX = 100  # one person's
NAME_LENGTH_MIN = 2
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RESERVED = frozenset({"search", "new", "admin", "api"})  # would hide other routes


def name_from(text: str) -> str:
    """Spaces around a name are no part of it. Raises InvalidRequest."""
    name = text.strip()
    if len(name) < NAME_LENGTH_MIN:
        raise InvalidRequest(FieldError("name", f"must be at least {NAME_LENGTH_MIN} characters"))
    return name


def slug_from(name: str) -> str:
    """`Café Noir & Co.` becomes `cafe-noir-co`; a name without Latin letters becomes `shop`.

    One that looks like an id would be taken for it.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")
    is_free = slug and slug not in RESERVED and not UUID.fullmatch(slug)
    return slug if is_free else f"shop-{slug}".strip("-")


def must_be_a_currency(code: str) -> None:
    if code not in currencies():
        raise UnknownCurrency(currency=code)


def status_after(now: ShopStatus, *, is_paused: bool | None) -> ShopStatus:
    """A closed shop stays closed."""
    if is_paused is None or now is ShopStatus.CLOSED:
        return now
    return ShopStatus.PAUSED if is_paused else ShopStatus.ACTIVE
