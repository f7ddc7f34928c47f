"""What users hold of people: all that says who somebody is."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from souk.contracts.users import ApiKey, Passkey, Session, User, UserAddress, Wishlist
from souk.kernel.database import Transaction
from souk.kernel.mailboxes import email_key
from souk.kernel.personal_data import Holding, seal_rows
from souk.services.users.identity import (
    Identity,
    Noted,
    Vouched,
    blind_email,
    blind_subject,
    findable,
)
from souk.services.users.queries import ADDRESS

ERASE_ACCOUNT = """
with key as (
    delete from person_keys where person = $1
)
update users set sealed = null, search = '{}', email_key = 'erased:' || id, password_hash = '',
                 locale = '', time_zone = '', avatar_url = '', avatar_media_id = null,
                 phone_key = null, roles = '{}',
                 is_active = false, email_verified = false, has_second_factor = false,
                 version = version + 1, erased_at = now(), updated_at = now()
where id = $1 and erased_at is null
"""
ERASE_SESSIONS = """
with tokens as (
    delete from refresh_tokens
    where session_id in (select id from sessions where user_id = $1)
)
delete from sessions where user_id = $1
"""
FIND_BY = "update users set email_key = $2, search = $3 where id = $1"
KEY = "(select sealed_key from person_keys where person = user_id) as _key"
HASH_SUBJECT = "update provider_accounts set subject = $3 where id = $1 and issuer = $2"
ISSUERS = "select id, issuer from provider_accounts where id = any($1::uuid[])"
KEPT_CONSENTS = """
select count(*)::int as kept, max(at) + interval '3 years' as kept_until
from consents where user_id = $1
"""


def owned(part: str, table: str, columns: str, *, by: str = "id") -> Holding:
    """Rows that are somebody's alone."""
    return Holding(
        part=part,
        # Names of ours are all that is put into these texts.
        export=f"select {columns} from {table} where user_id = $1 order by {by}",  # noqa: S608
        erase=f"delete from {table} where user_id = $1",  # noqa: S608
    )


def sealed(table: str, columns: str, *, shape: type[Struct]) -> Holding:
    """Rows that are somebody's alone, with a part that their key opens."""
    return Holding(
        part=table,
        export=f"select id, sealed, {columns}, {KEY} from {table}"  # noqa: S608 - names of ours
        " where user_id = $1 order by id",
        shape=shape,
        erase=f"delete from {table} where user_id = $1",  # noqa: S608 - names of ours
    )


class ProviderAccount(Vouched, frozen=True, kw_only=True):
    provider: str
    issuer: str
    linked_at: datetime


class HeldApiKey(ApiKey, frozen=True, kw_only=True):
    revoked_at: datetime | None = None


class Wish(Noted, frozen=True, kw_only=True):
    wishlist_id: str
    product_id: str
    variant_id: str | None
    added_at: datetime


HOLDINGS = (
    Holding(
        part="account",
        export="select id, sealed, (select sealed_key from person_keys where person = id) as _key,"
        " roles, is_active, email_verified, locale, time_zone, avatar_url, created_at"
        " from users where id = $1 order by id",
        shape=User,
        erase=ERASE_ACCOUNT,
        under_way="select count(*) from users"
        " where id = $1 and roles && array['support', 'admin', 'staff', 'courier']",
        obstacle="They hold rights of staff",
        advice="Have them taken back first.",
    ),
    Holding(
        part="addresses",
        export=f"select {ADDRESS} from addresses where user_id = $1 order by id",  # noqa: S608
        shape=UserAddress,
        erase="delete from addresses where user_id = $1",
    ),
    Holding(
        part="sessions",
        export="select id, device, created_at, last_used_at, sealed,"
        " (select sealed_key from person_keys where person = user_id) as _key"
        " from sessions where user_id = $1 order by id",
        shape=Session,
        erase=ERASE_SESSIONS,
    ),
    sealed("passkeys", "created_at, last_used_at", shape=Passkey),
    Holding(
        part="providers",
        export=f"select provider, issuer, sealed, linked_at, {KEY} from provider_accounts"  # noqa: S608 - names of ours
        " where user_id = $1 order by issuer, subject",
        shape=ProviderAccount,
        erase="delete from provider_accounts where user_id = $1",
    ),
    sealed(
        "api_keys",
        "prefix, scopes, created_at, expires_at, last_used_at, revoked_at",
        shape=HeldApiKey,
    ),
    owned("challenges", "challenges", "id, purpose, created_at, expires_at, used_at"),
    owned("authenticator", "totp_secrets", "confirmed_at", by="confirmed_at"),
    owned("authenticator_proposals", "totp_proposals", "proposed_at", by="proposed_at"),
    owned("recovery_codes", "recovery_codes", "used_at", by="used_at"),
    owned("staff_roles", "staff_members", "staff_role_id", by="staff_role_id"),
    owned("exports", "exports", "id, requested_at, ready_at, expires_at"),
    Holding(
        part="wishlist_items",
        export=f"select wishlist_id, product_id, variant_id, item.sealed, added_at, {KEY}"  # noqa: S608 - names of ours
        " from wishlist_items as item join wishlists on wishlists.id = wishlist_id"
        " where user_id = $1 order by item.id",
        shape=Wish,
    ),
    sealed("wishlists", "is_default, created_at", shape=Wishlist),
    Holding(
        part="consents",
        export="select kind, version, is_given, at from consents where user_id = $1"
        " order by at, id",
        duty="proof_of_consent",
        kept=KEPT_CONSENTS,
    ),
)


async def seal_accounts(tx: Transaction, *, limit: int) -> int:
    """Those from before there were keys, and how they are found from now on; how many it was."""
    found = await seal_rows(tx, "users", person="id", limit=limit)
    for user_id, plain in found:
        who = msgspec.json.decode(plain, type=Identity)
        email = blind_email(tx.personal, email_key(who.email))
        await tx.execute(FIND_BY, user_id, email, findable(tx.personal, who))
    return len(found)


async def seal_rest(tx: Transaction, *, limit: int) -> int:
    sealed_now = await _seal_providers(tx, limit=limit)
    for table in ("addresses", "sessions", "wishlists", "passkeys", "api_keys"):
        sealed_now += len(await seal_rows(tx, table, limit=limit))
    owner = "(select user_id from wishlists where wishlists.id = wishlist_id)"
    return sealed_now + len(await seal_rows(tx, "wishlist_items", person=owner, limit=limit))


async def _seal_providers(tx: Transaction, *, limit: int) -> int:
    """They are looked up by a hash from then on."""
    found = dict(await seal_rows(tx, "provider_accounts", limit=limit))
    for row in await tx.fetch(ISSUERS, list(found)):
        account = msgspec.json.decode(found[row["id"]], type=Vouched)
        key = blind_subject(tx.personal, row["issuer"], account.subject)
        await tx.execute(HASH_SUBJECT, row["id"], row["issuer"], key)
    return len(found)
