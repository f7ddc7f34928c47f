"""What a shop is called, what it sells in, and who may speak for it."""

from __future__ import annotations

import re
import unicodedata

from souk.contracts.shops import ShopStatus, UnknownCurrency
from souk.kernel.money import currencies

SHOPS_MAX = 100  # one person's
RESERVED = frozenset({"search", "new", "admin", "api"})  # would hide other routes


def slug_from(name: str) -> str:
    """`Café Noir & Co.` becomes `cafe-noir-co`; a name without Latin letters becomes `shop`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")
    return slug if slug and slug not in RESERVED else f"shop-{slug}".strip("-")


def must_be_a_currency(code: str) -> None:
    if code not in currencies():
        raise UnknownCurrency(currency=code)


def status_after(now: ShopStatus, *, is_paused: bool | None) -> ShopStatus:
    """A closed shop stays closed."""
    if is_paused is None or now is ShopStatus.CLOSED:
        return now
    return ShopStatus.PAUSED if is_paused else ShopStatus.ACTIVE
