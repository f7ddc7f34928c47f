"""API keys as rows: of the secret only its hash."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.users import ApiKey, ApiKeyNotFound, CheckedApiKey, TooManyApiKeys
from souk.kernel.database import Transaction
from souk.kernel.personal_data import key_of
from souk.kernel.statements import Queries
from souk.services.users.identity import Named

API_KEYS_MAX = 50
KEY = """id, sealed, (select sealed_key from person_keys where person = user_id) as _key,
       prefix, scopes, created_at, expires_at, last_used_at"""
# Column names are the only thing put into these texts.
LIST = f"""
select {KEY} from api_keys where user_id = $1 and revoked_at is null
order by created_at desc limit {API_KEYS_MAX}
"""  # noqa: S608
LOCK = "select 1 from users where id = $1 for no key update"
COUNT = "select count(*) from api_keys where user_id = $1 and revoked_at is null"
ADD = f"""
insert into api_keys (id, user_id, sealed, prefix, hash, scopes, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, $8) returning {KEY}
"""  # noqa: S608
REVOKE = """
update api_keys set revoked_at = $3 where id = $1 and user_id = $2 and revoked_at is null
"""
# Told to the minute: a key in use must not cost a write a request.
USED = """
update api_keys set last_used_at = now()
 where hash = $1 and revoked_at is null
   and (last_used_at is null or last_used_at < now() - interval '1 minute')
"""
CHECK = """
select true as is_valid, api_keys.id as key_id, user_id, roles, scopes, expires_at
  from api_keys join users on users.id = user_id and is_active
 where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())
"""


async def list_api_keys(db: Queries, user_id: str) -> tuple[ApiKey, ...]:
    return tuple(await db.fetch_as(ApiKey, LIST, user_id))


async def add_api_key(tx: Transaction, key: ApiKey, *, user_id: str, secret_hash: bytes) -> ApiKey:
    await tx.execute(LOCK, user_id)
    if await tx.fetchval(COUNT, user_id) >= API_KEYS_MAX:
        raise TooManyApiKeys(max=API_KEYS_MAX)
    saved = await tx.fetchrow_as(
        ApiKey,
        ADD,
        key.id,
        user_id,
        tx.personal.seal(await key_of(tx, user_id), Named(name=key.name)),
        key.prefix,
        secret_hash,
        key.scopes,
        key.created_at,
        key.expires_at,
    )
    assert saved is not None, "an insert returns its row"
    return saved


async def revoke_api_key(tx: Transaction, key_id: str, *, user_id: str, now: datetime) -> None:
    if await tx.execute(REVOKE, key_id, user_id, now) != "UPDATE 1":
        raise ApiKeyNotFound()


async def check_api_key(tx: Transaction, secret_hash: bytes) -> CheckedApiKey:
    found = await tx.fetchrow_as(CheckedApiKey, CHECK, secret_hash)
    if found is None:
        return CheckedApiKey()
    await tx.execute(USED, secret_hash)
    return found
