"""People let programs act for them, within limits."""

from __future__ import annotations

from datetime import datetime, timedelta

from souk.contracts.users import ApiKey, CreateApiKeyRequest
from souk.kernel.credentials import new_api_key
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.services.users import api_key_store
from souk.services.users.model import hash_of

PREFIX_CHARACTERS = 12


def drafted(
    request: CreateApiKeyRequest, scopes: tuple[str, ...], *, now: datetime
) -> tuple[ApiKey, str]:
    """The key to be, and its secret."""
    secret = new_api_key()
    key = ApiKey(
        id=new_id(),
        name=request.name.strip(),
        prefix=secret[:PREFIX_CHARACTERS],
        scopes=scopes,
        created_at=now,
        expires_at=now + timedelta(days=request.days) if request.days else None,
    )
    return key, secret


async def create_api_key(tx: Transaction, key: ApiKey, secret: str, *, user_id: str) -> ApiKey:
    saved = await api_key_store.add_api_key(tx, key, user_id=user_id, secret_hash=hash_of(secret))
    tx.audit(
        "users.api_key_made",
        subject=f"key_id:{key.id}",
        owner_id=user_id,
        after={"scopes": list(key.scopes)},
    )
    return saved


async def revoke_api_key(tx: Transaction, key_id: str, *, user_id: str, now: datetime) -> None:
    await api_key_store.revoke_api_key(tx, key_id, user_id=user_id, now=now)
    tx.audit("users.api_key_revoked", subject=f"key_id:{key_id}", owner_id=user_id)
