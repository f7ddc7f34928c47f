"""Accounts, sessions and addresses, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.contracts.users import AddressNotFound, Contact, UserAddress, UserNotFound
from souk.kernel.database import Queries
from souk.services.users.model import Account

# Column names are the only thing put into these texts.
ACCOUNT = """id, email, password_hash, first_name, last_name, phone_number, roles, is_active,
       email_verified, version, created_at"""
BY_ID = f"select {ACCOUNT} from users where id = $1"  # noqa: S608
BY_EMAIL = f"select {ACCOUNT} from users where email_key = $1"  # noqa: S608
ADDRESS = """id, type, name, street_1, street_2, city, state, postal_code, country, phone,
       is_default"""
ADDRESSES = f"""
select {ADDRESS} from addresses where user_id = $1
order by is_default desc, created_at limit $2 offset $3
"""  # noqa: S608
ONE_ADDRESS = f"select {ADDRESS} from addresses where user_id = $1 and id = $2"  # noqa: S608
KEYS = """
select kid, public_key, sealed_private_key from signing_keys
where retired_at is null or retired_at > now() - interval '1 hour'
order by retired_at is not null, created_at desc limit 20
"""
CONTACTS = """
select id as user_id, email, first_name from users
where id = any($1::uuid[]) and is_active limit 100
"""


class KeyRow(Struct, frozen=True, kw_only=True):
    """A signing key as it is kept: the private half sealed."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes


async def get_account(db: Queries, user_id: str) -> Account:
    found = await db.fetchrow_as(Account, BY_ID, user_id)
    if found is None:
        raise UserNotFound()
    return found


async def find_by_email(db: Queries, email_key: str) -> Account | None:
    return await db.fetchrow_as(Account, BY_EMAIL, email_key)


async def list_keys(db: Queries) -> list[KeyRow]:
    """The one to sign with first; a retired key counts for as long as its tokens may live."""
    return await db.fetch_as(KeyRow, KEYS)


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
