"""Sessions and their refresh tokens as rows: everything that writes or locks them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from souk.kernel.database import Transaction
from souk.kernel.personal_data import key_of
from souk.services.users.identity import Place

# The account's version is compared under a lock: whoever is banned meanwhile opens no session.
OPEN = """
with owner as (
    select id from users where id = $2 and is_active and version = $3 for share
), opened as (
    insert into sessions (id, user_id, created_at, last_used_at, confirmed_at, device, sealed)
    select $1, id, now(), now(), now(), $4, $5 from owner returning id
)
insert into refresh_tokens (hash, session_id, expires_at)
select $6, id, now() + make_interval(secs => $7) from opened returning true
"""
LOCK_TOKEN = """
select session_id, user_id, confirmed_at, expires_at <= now() as is_expired,
       ended_at is not null as is_ended, used_at is not null as is_used,
       coalesce(used_at > now() - make_interval(secs => $2), false) as is_fresh
from refresh_tokens join sessions on sessions.id = session_id
where hash = $1 for update of refresh_tokens
"""
IS_UNUSED = "select used_at is null and expires_at > now() from refresh_tokens where hash = $1"
ROTATE = """
with used as (update refresh_tokens set used_at = now() where hash = $1),
     seen as (update sessions set last_used_at = now(), sealed = $5 where id = $3)
insert into refresh_tokens (hash, session_id, expires_at)
values ($2, $3, now() + make_interval(secs => $4))
"""
END_ONE = """
update sessions set ended_at = now() where id = $1 and user_id = $2 and ended_at is null
returning true
"""
END_OTHERS = """
update sessions set ended_at = now() where user_id = $1 and ended_at is null
and id <> all($2::uuid[]) returning id
"""
CONFIRM = """
update sessions set confirmed_at = now() where id = $1 and user_id = $2 and ended_at is null
returning confirmed_at
"""
NEW_VERSION = """
update users set version = version + 1, updated_at = now() where id = $1 returning version
"""
ADD_ENDED = """
insert into ended_access (user_id, session_id, version)
select $1, session_id, $3 from unnest($2::uuid[]) as given (session_id)
"""
DROP_OLD = """
with sessions_gone as (
    select id from sessions where ended_at < now() - interval '30 days'
    or last_used_at < now() - make_interval(secs => $1) - interval '30 days' limit $2
), tokens_gone as (
    delete from refresh_tokens where hash in (
        select hash from refresh_tokens where expires_at < now() - interval '1 day'
        order by expires_at limit $2) or session_id in (select id from sessions_gone)
), access_gone as (
    delete from ended_access where ended_at < now() - interval '1 day'
)
delete from challenges where id in (
    select id from challenges where expires_at < now() - interval '1 hour'
    order by expires_at limit $2)
"""
DROP_SESSIONS = """
delete from sessions where id in (
    select id from sessions where (ended_at < now() - interval '30 days'
    or last_used_at < now() - make_interval(secs => $1) - interval '30 days')
    and not exists (select from refresh_tokens where session_id = sessions.id) limit $2)
"""


class TokenRow(Struct, frozen=True, kw_only=True):
    """A refresh token with its session."""

    session_id: str
    user_id: str
    confirmed_at: datetime
    is_expired: bool
    is_ended: bool
    is_used: bool
    is_fresh: bool  # used a moment ago, as tabs of one browser do


class NewSession(Struct, frozen=True, kw_only=True):
    """A session to be."""

    id: str
    user_id: str
    version: int  # of the account, as the sign-in found it
    device: str
    place: Place
    key: bytes | None  # the account's
    token_hash: bytes
    token_seconds: int


async def open_session(tx: Transaction, session: NewSession) -> bool:
    """False when the account was barred, or all its access ended, a moment ago."""
    key = session.key or await key_of(tx, session.user_id)
    opened = await tx.fetchval(
        OPEN,
        session.id,
        session.user_id,
        session.version,
        session.device,
        tx.personal.seal(key, session.place),
        session.token_hash,
        float(session.token_seconds),
    )
    return bool(opened)


async def lock_token(tx: Transaction, token_hash: bytes, *, grace_seconds: int) -> TokenRow | None:
    return await tx.fetchrow_as(TokenRow, LOCK_TOKEN, token_hash, float(grace_seconds))


async def is_unused(tx: Transaction, token_hash: bytes) -> bool:
    return bool(await tx.fetchval(IS_UNUSED, token_hash))


async def rotate(tx: Transaction, old_hash: bytes, session: NewSession) -> None:
    """`session` says what is to be known of it from now on."""
    key = session.key or await key_of(tx, session.user_id)
    await tx.execute(
        ROTATE,
        old_hash,
        session.token_hash,
        session.id,
        float(session.token_seconds),
        tx.personal.seal(key, session.place),
    )


async def end_session(tx: Transaction, session_id: str, *, user_id: str) -> bool:
    return bool(await tx.fetchval(END_ONE, session_id, user_id))


async def end_sessions(tx: Transaction, user_id: str, *, but: str = "") -> list[str]:
    """Those that ended."""
    rows = await tx.fetch(END_OTHERS, user_id, [but] if but else [])
    return [row["id"] for row in rows]


async def confirm(tx: Transaction, session_id: str, *, user_id: str) -> datetime | None:
    """Whoever holds the session has just proved who they are; when that was."""
    moment: datetime | None = await tx.fetchval(CONFIRM, session_id, user_id)
    return moment


async def raise_version(tx: Transaction, user_id: str) -> int:
    """0 where there is no such account."""
    return int(await tx.fetchval(NEW_VERSION, user_id) or 0)


async def record_ended(
    tx: Transaction, user_id: str, session_ids: Sequence[str | None], *, version: int
) -> None:
    await tx.execute(ADD_ENDED, user_id, list(session_ids), version)


async def drop_old(tx: Transaction, *, token_seconds: int, limit: int) -> None:
    """What is long over: sessions, tokens, endings, challenges."""
    await tx.execute(DROP_OLD, float(token_seconds), limit)
    await tx.execute(DROP_SESSIONS, float(token_seconds), limit)
