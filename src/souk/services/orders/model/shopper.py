"""Whose orders these are, and what everybody else may see of them."""

from __future__ import annotations

import hashlib
from enum import Enum, auto

from msgspec import Struct

from souk.kernel.context import Caller


class Shopper(Struct, frozen=True, kw_only=True):
    """A signed-in buyer, or a guest known by the hash of the cart's token; or nobody."""

    buyer_id: str = ""
    guest_token_hash: str = ""

    @property
    def is_somebody(self) -> bool:
        return bool(self.buyer_id or self.guest_token_hash)

    @property
    def owner(self) -> str:
        """Idempotency keys and checkouts belong to it."""
        return self.buyer_id or self.guest_token_hash

    def is_either(self, buyer_id: str, guest_token_hash: str) -> bool:
        """Whether it is the one who bought: signed in, or holding the guest's token."""
        if self.buyer_id and self.buyer_id == buyer_id:
            return True
        return bool(self.guest_token_hash) and self.guest_token_hash == guest_token_hash


class Standing(Enum):
    """As what somebody looks at an order."""

    BUYER = auto()
    SHOP = auto()
    COURIER = auto()
    OPERATOR = auto()

    @property
    def sees_address(self) -> bool:
        return self is not Standing.OPERATOR


def shopper_of(by: Caller, cart_token: str) -> Shopper:
    """Who buys: signed-in shoppers have a cart of their own, whatever token they send."""
    if by.user_id:
        return Shopper(buyer_id=by.user_id)
    return Shopper(guest_token_hash=hash_of(cart_token))


def viewer_of(by: Caller, cart_token: str) -> Shopper:
    """Who looks: somebody who has signed in since still holds the guest's token."""
    return Shopper(buyer_id=by.user_id, guest_token_hash=hash_of(cart_token))


def hash_of(cart_token: str) -> str:
    """Only the hash of a guest's token is ever kept or compared."""
    return hashlib.sha256(cart_token.encode()).hexdigest() if cart_token else ""
