"""Shops and their people as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from souk.contracts.shops import Shop, ShopNotFound
from souk.kernel.database import Transaction
from souk.services.shops.rows import COLUMNS, ShopRow

ADD = """
insert into shops (id, slug, name, description, currency, status, address, latitude, longitude,
                   created_at, updated_at, logo_url, banner_url)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11, $12)
on conflict (slug) do nothing
returning 1
"""
ADD_OWNER = "insert into members (shop_id, user_id, role, joined_at) values ($1, $2, 'owner', $3)"
COUNT_OWNED = "select count(*) from members where user_id = $1 and role = 'owner'"
# One person's shops are opened one after another, so that counting them holds.
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
LOCK = f"select {COLUMNS} from shops where id = $1 for no key update"  # noqa: S608 - column names
SAVE = """
update shops set name = $2, description = $3, status = $4, address = $5, latitude = $6,
                 longitude = $7, logo_url = $8, banner_url = $9, updated_at = now()
where id = $1
"""
DECIDE = """
update shops set approval = $2, approval_note = $3, status = $4, decided_by = $5, decided_at = $6,
                 updated_at = now()
where id = $1
"""


async def count_owned(tx: Transaction, user_id: str) -> int:
    await tx.execute(ONE_AT_A_TIME, f"shops of {user_id}")
    return int(await tx.fetchval(COUNT_OWNED, user_id))


async def add_shop(tx: Transaction, shop: Shop, *, owner_id: str) -> bool:
    """False when the slug is taken; nothing is written then."""
    place = shop.location
    added = await tx.fetchval(
        ADD,
        shop.id,
        shop.slug,
        shop.name,
        shop.description,
        shop.currency,
        shop.status,
        msgspec.json.encode(shop.address).decode() if shop.address else None,
        place.latitude if place else None,
        place.longitude if place else None,
        shop.created_at,
        shop.logo_url,
        shop.banner_url,
    )
    if added:
        await tx.execute(ADD_OWNER, shop.id, owner_id, shop.created_at)
    return bool(added)


async def lock_shop(tx: Transaction, shop_id: str) -> Shop:
    found = await tx.fetchrow_as(ShopRow, LOCK, shop_id)
    if found is None:
        raise ShopNotFound(shop_id=shop_id)
    return found.view(is_public=False)


async def decide_shop(tx: Transaction, shop: Shop, *, by: str | None, now: datetime) -> None:
    await tx.execute(DECIDE, shop.id, shop.approval, shop.approval_note, shop.status, by, now)


async def save_shop(tx: Transaction, shop: Shop) -> None:
    place = shop.location
    await tx.execute(
        SAVE,
        shop.id,
        shop.name,
        shop.description,
        shop.status,
        msgspec.json.encode(shop.address).decode() if shop.address else None,
        place.latitude if place else None,
        place.longitude if place else None,
        shop.logo_url,
        shop.banner_url,
    )
