"""What has to come back, as rows; each opens once, and wrong answers are counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from souk.kernel.database import Database, Queries, Transaction

TRIES_MAX = 5
ADD = """
insert into challenges (id, purpose, user_id, sealed_target, expires_at)
values ($1, $2, nullif($3, '')::uuid, $4, now() + make_interval(secs => $5))
"""
FIND = """
select id, purpose, user_id, sealed_target, created_at from challenges
where id = $1 and purpose = any($2) and used_at is null and expires_at > now()
"""
TRY = """
update challenges set tries = tries + 1
where id = $1 and purpose = any($2) and used_at is null and expires_at > now() and tries < $3
returning id, purpose, user_id, sealed_target, created_at
"""
USE = """
update challenges set used_at = now()
where id = $1 and used_at is null and expires_at > now()
returning id, purpose, user_id, sealed_target, created_at
"""
VOID = """
update challenges set used_at = now() where user_id = $1 and purpose = any($2) and used_at is null
"""


class Purpose(StrEnum):
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_CHANGE = "email_change"
    PASSWORD_RESET = "password_reset"
    PHONE_VERIFICATION = "phone_verification"
    PASSKEY_REGISTRATION = "passkey_registration"
    PASSKEY_SIGN_IN = "passkey_sign_in"
    PROVIDER = "provider"
    GUEST_DATA = "guest_data"


class Challenge(Struct, frozen=True, kw_only=True):
    id: str
    purpose: Purpose
    user_id: str = ""  # empty: nobody has the address it was asked for
    sealed_target: bytes = b""
    created_at: datetime | None = None


async def add(tx: Transaction, challenge: Challenge, *, seconds: int) -> None:
    await tx.execute(
        ADD,
        challenge.id,
        challenge.purpose,
        challenge.user_id,
        challenge.sealed_target,
        float(seconds),
    )


async def find(db: Queries, challenge_id: str, *purposes: Purpose) -> Challenge | None:
    """One that is still open."""
    return await db.fetchrow_as(Challenge, FIND, challenge_id, list(purposes))


async def try_one(db: Database, challenge_id: str, *purposes: Purpose) -> Challenge | None:
    """Counts a try, whatever becomes of it; None when there are none left."""
    return await db.fetchrow_as(Challenge, TRY, challenge_id, list(purposes), TRIES_MAX)


async def use(tx: Transaction, challenge_id: str) -> Challenge | None:
    """For whoever comes first, once."""
    return await tx.fetchrow_as(Challenge, USE, challenge_id)


async def void(tx: Transaction, user_id: str, purposes: Sequence[Purpose]) -> None:
    await tx.execute(VOID, user_id, list(purposes))
