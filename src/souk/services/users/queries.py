"""Accounts, sessions and addresses, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from souk.contracts.users import (
    AddressNotFound,
    Contact,
    EndedAccess,
    Session,
    UserAddress,
    UserNotFound,
)
from souk.kernel.database import Queries
from souk.services.users.identity import blind_email, blind_subject
from souk.services.users.model import Account

# Column names are the only thing put into these texts.
# What is sealed says who they are, and comes with the key that opens it.
ACCOUNT = """id, sealed, (select sealed_key from person_keys where person = users.id) as key,
       password_hash, roles, is_active, email_verified, has_second_factor, version,
       created_at, locale, time_zone, avatar_url"""
BY_ID = f"select {ACCOUNT} from users where id = $1"  # noqa: S608
BY_EMAIL = f"select {ACCOUNT} from users where email_key = any($1::text[])"  # noqa: S608
ADDRESS = """id, type, is_default, sealed,
       (select sealed_key from person_keys where person = user_id) as _key"""
ADDRESSES = f"""
select {ADDRESS} from addresses where user_id = $1
order by is_default desc, created_at limit $2 offset $3
"""  # noqa: S608
ONE_ADDRESS = f"select {ADDRESS} from addresses where user_id = $1 and id = $2"  # noqa: S608
KEYS = """
select kid, public_key, sealed_private_key, active_from, retired_at,
       active_from <= now() as is_active
from signing_keys where retired_at is null or retired_at > now()
order by active_from desc, kid desc limit 20
"""
BY_PHONE = f"select {ACCOUNT} from users where phone_key = $1"  # noqa: S608
LINKED = f"""
select {ACCOUNT} from users
where id = (select user_id from provider_accounts
            where issuer = $1 and (subject = $2 or subject = $3 and get_byte(sealed, 0) = 123))
"""  # noqa: S608
IS_CURRENT = """
select exists(select from users join sessions on sessions.user_id = users.id
              where users.id = $1 and sessions.id = $2 and version = $3 and is_active
              and ended_at is null)
"""
SESSIONS = """
select id, device, sealed, created_at, last_used_at,
       case when $4 then coalesce(ended_at, last_used_at + make_interval(secs => $3)) end
       as ended_at,
       coalesce(id = nullif($2, '')::uuid, false) as is_current,
       (select sealed_key from person_keys where person = user_id) as _key
from sessions where user_id = $1
and (ended_at is not null or last_used_at <= now() - make_interval(secs => $3)) = $4
order by last_used_at desc limit 100
"""
ENDED = """
select user_id, session_id, version, ended_at from ended_access
where ended_at > $1 order by ended_at limit 1000
"""
CONTACTS = """
select id as user_id, sealed,
       (select sealed_key from person_keys where person = users.id) as _key
from users
where id = any($1::uuid[]) and is_active limit 100
"""


class KeyRow(Struct, frozen=True, kw_only=True):
    """A signing key as it is kept: the private half sealed."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes
    active_from: datetime | None = None
    retired_at: datetime | None = None
    is_active: bool = True


async def get_account(db: Queries, user_id: str) -> Account:
    found = await db.fetchrow_as(Account, BY_ID, user_id)
    if found is None:
        raise UserNotFound()
    return found


async def find_by_email(db: Queries, email_key: str) -> Account | None:
    # As it is before it is sealed, as well.
    known = [blind_email(db.personal, email_key), email_key]
    return await db.fetchrow_as(Account, BY_EMAIL, known)


async def list_keys(db: Queries) -> list[KeyRow]:
    """Those that count, the latest first; the first active one signs."""
    return await db.fetch_as(KeyRow, KEYS)


async def find_account(db: Queries, user_id: str) -> Account | None:
    return await db.fetchrow_as(Account, BY_ID, user_id)


async def find_linked(db: Queries, *, issuer: str, subject: str) -> Account | None:
    """Whose account a provider's account opens."""
    key = blind_subject(db.personal, issuer, subject)
    return await db.fetchrow_as(Account, LINKED, issuer, key, subject)


async def find_by_phone(db: Queries, phone_key: bytes) -> Account | None:
    return await db.fetchrow_as(Account, BY_PHONE, phone_key)


async def is_current(db: Queries, user_id: str, session_id: str, *, version: int) -> bool:
    """Whether a token of this session still stands."""
    return bool(await db.fetchval(IS_CURRENT, user_id, session_id, version))


async def list_sessions(
    db: Queries, user_id: str, *, current: str, token_seconds: int, ended: bool
) -> tuple[Session, ...]:
    """Open ones, or those that `ended` and are not forgotten yet."""
    return tuple(
        await db.fetch_as(Session, SESSIONS, user_id, current, float(token_seconds), ended)
    )


async def list_ended_access(db: Queries, since: datetime) -> tuple[EndedAccess, ...]:
    return tuple(await db.fetch_as(EndedAccess, ENDED, since))


async def list_addresses(
    db: Queries, user_id: str, *, limit: int, offset: int
) -> tuple[UserAddress, ...]:
    return tuple(await db.fetch_as(UserAddress, ADDRESSES, user_id, limit, offset))


async def get_address(db: Queries, *, user_id: str, address_id: str) -> UserAddress:
    found = await db.fetchrow_as(UserAddress, ONE_ADDRESS, user_id, address_id)
    if found is None:
        raise AddressNotFound()
    return found


async def list_contacts(db: Queries, user_ids: Sequence[str]) -> tuple[Contact, ...]:
    return tuple(await db.fetch_as(Contact, CONTACTS, user_ids))
