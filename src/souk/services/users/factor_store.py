"""Second factors, recovery codes and passkeys as rows."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from souk.contracts.users import (
    CodeRefused,
    Passkey,
    PasskeyNotFound,
    PasskeyRefused,
    TooManyPasskeys,
    TotpNotEnrolled,
)
from souk.kernel.database import Database, Queries, Transaction
from souk.kernel.personal_data import key_of
from souk.services.users import guess_store
from souk.services.users.guess_store import Count
from souk.services.users.identity import Named

PASSKEYS_MAX = 20
PROPOSE = """
insert into totp_proposals (user_id, sealed_secret) values ($1, $2)
on conflict (user_id) do update set sealed_secret = excluded.sealed_secret, proposed_at = now()
"""
PROPOSED = """
select sealed_secret from totp_proposals
where user_id = $1 and proposed_at > now() - interval '1 hour'
"""
CONFIRM = """
with proposed as (
    delete from totp_proposals where user_id = $1 and sealed_secret = $2 returning true
)
insert into totp_secrets (user_id, sealed_secret, last_step, confirmed_at)
select $1, $2, $3, now() from proposed
on conflict (user_id) do update set sealed_secret = excluded.sealed_secret,
    last_step = excluded.last_step, confirmed_at = excluded.confirmed_at
returning true
"""
TOTP = "select sealed_secret from totp_secrets where user_id = $1"
USE_TOTP = """
update totp_secrets set last_step = $2 where user_id = $1 and last_step < $2 returning true
"""
REMOVE_TOTP = "delete from totp_secrets where user_id = $1 returning true"
MARK = """
update users set has_second_factor = exists(select from totp_secrets where user_id = $1),
                 updated_at = now() where id = $1
"""
DROP_CODES = "delete from recovery_codes where user_id = $1"
ADD_CODES = "insert into recovery_codes (user_id, hash) select $1, unnest($2::bytea[])"
USE_CODE = """
update recovery_codes set used_at = now() where user_id = $1 and hash = $2 and used_at is null
returning true
"""
METHODS = """
select password_hash <> '' as has_password, has_second_factor as has_totp,
       (select count(*)::int from recovery_codes
        where user_id = users.id and used_at is null) as recovery_codes_left,
       array(select provider from provider_accounts where user_id = users.id
             order by linked_at) as providers
from users where id = $1
"""
PASSKEY = """id, sealed, (select sealed_key from person_keys where person = user_id) as _key,
       created_at, last_used_at"""
# Column names and a number of ours are all that is put into these texts.
PASSKEYS = f"""
select {PASSKEY} from passkeys where user_id = $1 order by created_at limit {PASSKEYS_MAX}
"""  # noqa: S608 - names of ours
CREDENTIALS = f"""
select credential_id from passkeys where user_id = $1 limit {PASSKEYS_MAX}
"""  # noqa: S608 - a number of ours
LOCK_OWNER = """
select (select count(*) from passkeys where user_id = $1) from users where id = $1 for update
"""
ADD_PASSKEY = f"""
insert into passkeys (id, user_id, credential_id, public_key, sign_count, sealed, created_at)
values ($1, $2, $3, $4, $5, $6, now()) returning {PASSKEY}
"""  # noqa: S608 - names of ours
RENAME_PASSKEY = f"""
update passkeys set sealed = $3 where id = $1 and user_id = $2 returning {PASSKEY}
"""  # noqa: S608 - names of ours
REMOVE_PASSKEY = "delete from passkeys where id = $1 and user_id = $2 returning true"
BY_CREDENTIAL = """
select id, user_id, credential_id, public_key, sign_count from passkeys where credential_id = $1
"""
USE_PASSKEY = """
update passkeys set sign_count = $2, last_used_at = now()
where id = $1 and (sign_count < $2 or (sign_count = 0 and $2 = 0)) returning true
"""


class Credential(Struct, frozen=True, kw_only=True):
    """A passkey, as its answers are checked."""

    id: str
    user_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int


class Methods(Struct, frozen=True, kw_only=True):
    has_password: bool
    has_totp: bool
    recovery_codes_left: int
    providers: tuple[str, ...]


async def propose_totp(tx: Transaction, user_id: str, sealed: bytes) -> None:
    await tx.execute(PROPOSE, user_id, sealed)


async def find_proposed(db: Queries, user_id: str) -> bytes | None:
    found: bytes | None = await db.fetchval(PROPOSED, user_id)
    return found


async def confirm_totp(
    tx: Transaction,
    user_id: str,
    sealed: bytes,
    *,
    step: int,
    recovery_hashes: Sequence[bytes],
    guesses: Sequence[Count],
) -> None:
    if not await tx.fetchval(CONFIRM, user_id, sealed, step):
        raise CodeRefused()
    await tx.execute(MARK, user_id)
    await guess_store.take_back(tx, guesses)
    await tx.execute(DROP_CODES, user_id)
    await tx.execute(ADD_CODES, user_id, list(recovery_hashes))


async def remove_totp(tx: Transaction, user_id: str) -> None:
    if not await tx.fetchval(REMOVE_TOTP, user_id):
        raise TotpNotEnrolled()
    await tx.execute(MARK, user_id)
    await tx.execute(DROP_CODES, user_id)


async def replace_recovery_codes(
    tx: Transaction, user_id: str, recovery_hashes: Sequence[bytes]
) -> None:
    if await tx.fetchval(TOTP, user_id) is None:
        raise TotpNotEnrolled()
    await tx.execute(DROP_CODES, user_id)
    await tx.execute(ADD_CODES, user_id, list(recovery_hashes))


async def find_totp(db: Queries, user_id: str) -> bytes | None:
    found: bytes | None = await db.fetchval(TOTP, user_id)
    return found


async def use_totp(db: Database, user_id: str, step: int) -> bool:
    """False when that code, or a later one, has opened before."""
    return bool(await db.fetchval(USE_TOTP, user_id, step))


async def use_recovery_code(db: Database, user_id: str, code_hash: bytes) -> bool:
    return bool(await db.fetchval(USE_CODE, user_id, code_hash))


async def methods(db: Queries, user_id: str) -> Methods | None:
    return await db.fetchrow_as(Methods, METHODS, user_id)


async def list_passkeys(db: Queries, user_id: str) -> tuple[Passkey, ...]:
    return tuple(await db.fetch_as(Passkey, PASSKEYS, user_id))


async def list_credentials(db: Queries, user_id: str) -> list[bytes]:
    return [row["credential_id"] for row in await db.fetch(CREDENTIALS, user_id)]


async def add_passkey(tx: Transaction, credential: Credential, *, name: str) -> Passkey:
    count = await tx.fetchval(LOCK_OWNER, credential.user_id)
    if count is not None and count >= PASSKEYS_MAX:
        raise TooManyPasskeys(max=PASSKEYS_MAX)
    sealed = tx.personal.seal(await key_of(tx, credential.user_id), Named(name=name))
    try:
        added = await tx.fetchrow_as(
            Passkey,
            ADD_PASSKEY,
            credential.id,
            credential.user_id,
            credential.credential_id,
            credential.public_key,
            credential.sign_count,
            sealed,
        )
    except asyncpg.UniqueViolationError:
        raise PasskeyRefused() from None
    assert added is not None
    return added


async def rename_passkey(tx: Transaction, passkey_id: str, *, user_id: str, name: str) -> Passkey:
    sealed = tx.personal.seal(await key_of(tx, user_id), Named(name=name))
    renamed = await tx.fetchrow_as(Passkey, RENAME_PASSKEY, passkey_id, user_id, sealed)
    if renamed is None:
        raise PasskeyNotFound()
    return renamed


async def remove_passkey(tx: Transaction, passkey_id: str, *, user_id: str) -> None:
    if not await tx.fetchval(REMOVE_PASSKEY, passkey_id, user_id):
        raise PasskeyNotFound()


async def find_credential(db: Queries, credential_id: bytes) -> Credential | None:
    return await db.fetchrow_as(Credential, BY_CREDENTIAL, credential_id)


async def use_passkey(tx: Transaction, passkey_id: str, *, sign_count: int) -> bool:
    """False when its counter went back: then there are two of it."""
    return bool(await tx.fetchval(USE_PASSKEY, passkey_id, sign_count))
