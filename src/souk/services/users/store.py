"""Accounts, sessions and keys as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from souk.contracts.api import Role
from souk.contracts.users import UpdateProfileRequest, UserNotFound
from souk.kernel.database import Transaction
from souk.services.users.model import Account
from souk.services.users.queries import ACCOUNT, KeyRow, list_keys

ADD_USER = """
insert into users (id, email, email_key, password_hash, first_name, last_name, created_at,
                   updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (email_key) do nothing returning 1
"""
# Column names are the only thing put into these texts.
UPDATE_PROFILE = f"""
update users set first_name = coalesce($2, first_name), last_name = coalesce($3, last_name),
                 phone_number = coalesce($4, phone_number), updated_at = now()
where id = $1 returning {ACCOUNT}
"""  # noqa: S608
GRANT = f"""
update users set roles = case when $2 = any(roles) then roles else roles || $2 end,
                 updated_at = now()
where id = $1 returning {ACCOUNT}
"""  # noqa: S608
HAS_ROLE = "select $2 = any(roles) from users where id = $1 for no key update"
SET_PASSWORD = "update users set password_hash = $2, updated_at = now() where id = $1"
END_ALL = "update sessions set ended_at = $2 where user_id = $1 and ended_at is null and id <> $3"
NEW_VERSION = "update users set version = version + 1 where id = $1"
END_ONE = "update sessions set ended_at = $2 where id = $1 and ended_at is null"
OPEN_SESSION = """
with opened as (
    insert into sessions (id, user_id, created_at, last_used_at) values ($1, $2, $3, $3)
)
insert into refresh_tokens (hash, session_id, expires_at) values ($4, $1, $5)
"""
LOCK_TOKEN = """
select session_id, user_id, expires_at <= $2 as is_expired, used_at is not null as is_used,
       ended_at is not null as is_ended
from refresh_tokens join sessions on sessions.id = session_id
where hash = $1 for update of refresh_tokens
"""
ROTATE = """
with used as (update refresh_tokens set used_at = $4 where hash = $1),
     seen as (update sessions set last_used_at = $4 where id = $3)
insert into refresh_tokens (hash, session_id, expires_at) values ($2, $3, $5)
"""
ONE_MAKES_THE_FIRST_KEY = (
    "select pg_advisory_xact_lock(hashtextextended('the first signing key', 0))"
)
ADD_KEY = "insert into signing_keys (kid, public_key, sealed_private_key) values ($1, $2, $3)"
DROP_OLD_TOKENS = """
delete from refresh_tokens where hash in (
    select hash from refresh_tokens where expires_at < now() - interval '1 day'
    order by expires_at limit $1
)
"""


class TokenRow(Struct, frozen=True, kw_only=True):
    """A refresh token with its session."""

    session_id: str
    user_id: str
    is_expired: bool
    is_used: bool
    is_ended: bool


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


async def end_sessions(tx: Transaction, user_id: str, *, but: str, now: datetime) -> None:
    await tx.execute(END_ALL, user_id, now, but or user_id)


async def end_session(tx: Transaction, session_id: str, *, now: datetime) -> None:
    await tx.execute(END_ONE, session_id, now)


async def raise_version(tx: Transaction, user_id: str) -> None:
    await tx.execute(NEW_VERSION, user_id)


async def open_session(
    tx: Transaction,
    session_id: str,
    *,
    user_id: str,
    token_hash: bytes,
    now: datetime,
    token_seconds: int,
) -> None:
    until = now + timedelta(seconds=token_seconds)
    await tx.execute(OPEN_SESSION, session_id, user_id, now, token_hash, until)


async def lock_token(tx: Transaction, token_hash: bytes, *, now: datetime) -> TokenRow | None:
    return await tx.fetchrow_as(TokenRow, LOCK_TOKEN, token_hash, now)


async def rotate_token(
    tx: Transaction,
    *,
    old_hash: bytes,
    new_hash: bytes,
    session_id: str,
    now: datetime,
    token_seconds: int,
) -> None:
    until = now + timedelta(seconds=token_seconds)
    await tx.execute(ROTATE, old_hash, new_hash, session_id, now, until)


async def add_first_key(tx: Transaction, key: KeyRow) -> KeyRow:
    """The first key there is: this one, or that of whoever was faster."""
    await tx.execute(ONE_MAKES_THE_FIRST_KEY)
    if keys := await list_keys(tx):
        return keys[0]
    await tx.execute(ADD_KEY, key.kid, key.public_key, key.sealed_private_key)
    return key


async def drop_old_tokens(tx: Transaction, *, limit: int) -> None:
    await tx.execute(DROP_OLD_TOKENS, limit)
