"""Accounts, sessions and keys as rows: everything that writes or locks them."""

from __future__ import annotations

import asyncpg

from souk.contracts.api import Role
from souk.contracts.users import EmailTaken, PhoneTaken, UpdateProfileRequest, UserNotFound
from souk.kernel.database import Transaction
from souk.services.users.model import Account
from souk.services.users.queries import ACCOUNT, KeyRow, list_keys

ADD_USER = """
insert into users (id, email, email_key, password_hash, first_name, last_name, email_verified,
                   created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8) on conflict (email_key) do nothing returning 1
"""
# Column names are the only thing put into these texts.
UPDATE_PROFILE = f"""
update users set first_name = coalesce($2, first_name), last_name = coalesce($3, last_name),
                 phone_number = coalesce($4, phone_number), locale = coalesce($5, locale),
                 time_zone = coalesce($6, time_zone),
                 -- A number that is no longer shown opens the account no longer.
                 phone_key = case when coalesce($4, phone_number) = phone_number then phone_key end,
                 updated_at = now()
where id = $1 returning {ACCOUNT}
"""  # noqa: S608
GRANT = f"""
update users set roles = case when $2 = any(roles) then roles else roles || $2 end,
                 updated_at = now()
where id = $1 returning {ACCOUNT}
"""  # noqa: S608
HAS_ROLE = "select $2 = any(roles) from users where id = $1 for no key update"
SET_PASSWORD = "update users set password_hash = $2, updated_at = now() where id = $1"
VERIFY_EMAIL = "update users set email_verified = true where id = $1 and not email_verified"
SET_EMAIL = """
update users set email = $2, email_key = $3, email_verified = true, updated_at = now()
where id = $1
"""
SET_PHONE = "update users set phone_number = $2, phone_key = $3, updated_at = now() where id = $1"
SET_ACTIVE = f"""
update users set is_active = $2, updated_at = now() where id = $1 returning {ACCOUNT}
"""  # noqa: S608
LINK_PROVIDER = """
insert into provider_accounts (issuer, subject, user_id, provider, linked_at)
values ($1, $2, $3, $4, now()) on conflict (issuer, subject) do nothing
"""
ONE_MAKES_KEYS = "select pg_advisory_xact_lock(hashtextextended('signing keys', 0))"
ADD_KEY = """
insert into signing_keys (kid, public_key, sealed_private_key, active_from)
values ($1, $2, $3, now() + make_interval(secs => $4))
"""
RETIRE_OTHERS = """
update signing_keys set retired_at = now() + make_interval(secs => $2)
where kid <> $1 and (retired_at is null or retired_at > now() + make_interval(secs => $2))
"""


async def add_user(tx: Transaction, account: Account, *, email_key: str) -> bool:
    """False when the e-mail is taken."""
    return bool(
        await tx.fetchval(
            ADD_USER,
            account.id,
            account.email,
            email_key,
            account.password_hash,
            account.first_name,
            account.last_name,
            account.email_verified,
            account.created_at,
        )
    )


async def update_profile(tx: Transaction, user_id: str, request: UpdateProfileRequest) -> Account:
    saved = await tx.fetchrow_as(
        Account,
        UPDATE_PROFILE,
        user_id,
        request.first_name,
        request.last_name,
        request.phone_number,
        request.locale,
        request.time_zone,
    )
    if saved is None:
        raise UserNotFound()
    return saved


async def has_role(tx: Transaction, user_id: str, role: Role) -> bool:
    """Locks the account until the end of the transaction."""
    found = await tx.fetchval(HAS_ROLE, user_id, role)
    if found is None:
        raise UserNotFound()
    return bool(found)


async def grant_role(tx: Transaction, user_id: str, role: Role) -> Account:
    saved = await tx.fetchrow_as(Account, GRANT, user_id, role)
    if saved is None:
        raise UserNotFound()
    return saved


async def set_password(tx: Transaction, user_id: str, password_hash: str) -> None:
    await tx.execute(SET_PASSWORD, user_id, password_hash)


async def add_first_key(tx: Transaction, key: KeyRow) -> KeyRow:
    """The first key there is: this one, or that of whoever was faster."""
    await tx.execute(ONE_MAKES_KEYS)
    if keys := await list_keys(tx):
        return keys[0]
    await tx.execute(ADD_KEY, key.kid, key.public_key, key.sealed_private_key, 0.0)
    return key


async def rotate_keys(
    tx: Transaction, key: KeyRow, *, lead_seconds: float, others_seconds: float
) -> None:
    """`key` signs after `lead_seconds`; the others are void after `others_seconds`."""
    await tx.execute(ONE_MAKES_KEYS)
    await tx.execute(ADD_KEY, key.kid, key.public_key, key.sealed_private_key, lead_seconds)
    await tx.execute(RETIRE_OTHERS, key.kid, others_seconds)


async def verify_email(tx: Transaction, user_id: str) -> None:
    await tx.execute(VERIFY_EMAIL, user_id)


async def set_email(tx: Transaction, user_id: str, email: str, *, email_key: str) -> None:
    """Raises EmailTaken."""
    try:
        await tx.execute(SET_EMAIL, user_id, email, email_key)
    except asyncpg.UniqueViolationError:
        raise EmailTaken() from None


async def set_phone(tx: Transaction, user_id: str, number: str, *, phone_key: bytes) -> None:
    """A verified one; raises PhoneTaken."""
    try:
        await tx.execute(SET_PHONE, user_id, number, phone_key)
    except asyncpg.UniqueViolationError:
        raise PhoneTaken() from None


async def set_active(tx: Transaction, user_id: str, *, is_active: bool) -> Account:
    saved = await tx.fetchrow_as(Account, SET_ACTIVE, user_id, is_active)
    if saved is None:
        raise UserNotFound()
    return saved


async def link_provider(
    tx: Transaction, user_id: str, *, issuer: str, subject: str, provider: str
) -> None:
    await tx.execute(LINK_PROVIDER, issuer, subject, user_id, provider)
