"""What a contract can say besides its shape: who may call, what is valid, how it fails.

Generated from souk/api/v1/options.proto; do not edit.
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    SELLER = "seller"
    COURIER = "courier"
    SUPPORT = "support"
    ADMIN = "admin"
    # Holds staff roles, which lend the permissions they list.
    STAFF = "staff"
