"""Accounts, sessions and keys as rows: everything that writes or locks them."""

from __future__ import annotations

import asyncpg
from msgspec import structs

from souk.contracts.api import Role
from souk.contracts.media import Media
from souk.contracts.users import EmailTaken, PhoneTaken, UpdateProfileRequest, UserNotFound
from souk.kernel.database import Transaction
from souk.kernel.personal_data import key_of
from souk.services.users.identity import (
    Identity,
    Vouched,
    blind_email,
    blind_subject,
    findable,
)
from souk.services.users.model import Account
from souk.services.users.queries import ACCOUNT, KeyRow, list_keys

# An e-mail that is not sealed yet stands there as it is ($9).
ADD_USER = """
with added as (
    insert into users (id, sealed, search, email_key, password_hash, email_verified, created_at,
                       updated_at)
    select $1::uuid, $2, $3, $4, $5, $6, $7, $7
    where not exists (select from users where email_key = $9)
    on conflict (email_key) do nothing returning id
)
insert into person_keys (person, sealed_key) select id, $8 from added returning 1
"""
# Column names are the only thing put into these texts.
LOCK_ACCOUNT = f"select {ACCOUNT} from users where id = $1 for no key update"  # noqa: S608
SAVE_IDENTITY = f"""
update users set sealed = $2, search = $3, updated_at = now(), locale = $4, time_zone = $5,
                 -- A number that is no longer shown opens the account no longer.
                 phone_key = case when $6 then phone_key end
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
update users set email_key = $2, email_verified = true
where id = $1 and not exists (select from users where email_key = $3 and id <> $1)
"""
SET_PHONE = "update users set phone_key = $2 where id = $1"
AVATAR = "select avatar_media_id from users where id = $1"
SET_AVATAR = f"""
update users set avatar_url = $2, avatar_media_id = $3, updated_at = now()
where id = $1 returning {ACCOUNT}
"""  # noqa: S608
DROP_AVATAR = """
update users set avatar_url = '', avatar_media_id = null, updated_at = now()
where avatar_media_id = $1
"""
SET_ACTIVE = f"""
update users set is_active = $2, updated_at = now() where id = $1 returning {ACCOUNT}
"""  # noqa: S608
LINK_PROVIDER = """
insert into provider_accounts (issuer, subject, user_id, provider, sealed, linked_at)
values ($1, $2, $3, $4, $5, now()) on conflict (issuer, subject) do nothing
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
    assert account.key is not None, "a new account comes with its key"
    who = identity_of(account)
    return bool(
        await tx.fetchval(
            ADD_USER,
            account.id,
            tx.personal.seal(account.key, who),
            findable(tx.personal, who),
            blind_email(tx.personal, email_key),
            account.password_hash,
            account.email_verified,
            account.created_at,
            account.key,
            email_key,
        )
    )


async def update_profile(tx: Transaction, user_id: str, request: UpdateProfileRequest) -> Account:
    account = await lock_account(tx, user_id)
    given = {
        name: value
        for name in ("first_name", "last_name", "phone_number", "locale", "time_zone")
        if (value := getattr(request, name)) is not None
    }
    return await save_identity(tx, account, **given)


async def lock_account(tx: Transaction, user_id: str) -> Account:
    found = await tx.fetchrow_as(Account, LOCK_ACCOUNT, user_id)
    if found is None:
        raise UserNotFound()
    return found


async def save_identity(tx: Transaction, account: Account, **changes: str) -> Account:
    """What has changed of who they are; the account must be locked."""
    changed = structs.replace(account, **changes)
    who = identity_of(changed)
    key = account.key or await key_of(tx, account.id)
    saved = await tx.fetchrow_as(
        Account,
        SAVE_IDENTITY,
        account.id,
        tx.personal.seal(key, who),
        findable(tx.personal, who),
        changed.locale,
        changed.time_zone,
        changed.phone_number == account.phone_number,
    )
    assert saved is not None, "the account is locked"
    return saved


async def set_avatar(
    tx: Transaction, user_id: str, picture: Media | None
) -> tuple[Account, str | None]:
    """The account, which must be locked, and the id of the picture that it showed before."""
    old = await tx.fetchval(AVATAR, user_id)
    shown = (picture.url, picture.id) if picture else ("", None)
    account = await tx.fetchrow_as(Account, SET_AVATAR, user_id, *shown)
    assert account is not None, "the account is locked"
    return account, old


def identity_of(account: Account) -> Identity:
    return Identity(
        email=account.email,
        first_name=account.first_name,
        last_name=account.last_name,
        phone_number=account.phone_number,
    )


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
    account = await lock_account(tx, user_id)
    try:
        blind = blind_email(tx.personal, email_key)
        tag = await tx.execute(SET_EMAIL, user_id, blind, email_key)
    except asyncpg.UniqueViolationError:
        raise EmailTaken() from None
    if tag == "UPDATE 0":
        raise EmailTaken()
    await save_identity(tx, account, email=email)


async def set_phone(tx: Transaction, user_id: str, number: str, *, phone_key: bytes) -> None:
    """A verified one; raises PhoneTaken."""
    await save_identity(tx, await lock_account(tx, user_id), phone_number=number)
    try:
        await tx.execute(SET_PHONE, user_id, phone_key)
    except asyncpg.UniqueViolationError:
        raise PhoneTaken() from None


async def drop_avatar(tx: Transaction, media_id: str) -> None:
    """Of whoever shows this picture."""
    await tx.execute(DROP_AVATAR, media_id)


async def set_active(tx: Transaction, user_id: str, *, is_active: bool) -> Account:
    saved = await tx.fetchrow_as(Account, SET_ACTIVE, user_id, is_active)
    if saved is None:
        raise UserNotFound()
    return saved


async def link_provider(
    tx: Transaction, user_id: str, *, issuer: str, subject: str, provider: str
) -> None:
    sealed = tx.personal.seal(await key_of(tx, user_id), Vouched(subject=subject))
    key = blind_subject(tx.personal, issuer, subject)
    await tx.execute(LINK_PROVIDER, issuer, key, user_id, provider, sealed)
