"""Shops and memberships, as they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from souk.contracts.shops import (
    ListShopsRequest,
    ListShopsToApproveRequest,
    Membership,
    Shop,
    ShopApproval,
    ShopNotFound,
    ShopPage,
    ShopRole,
)
from souk.kernel.cursors import read_cursor, write_cursor
from souk.kernel.database import Queries
from souk.services.shops.model import UUID
from souk.services.shops.rows import COLUMNS, ShopRow

# Column names are the only thing put into these texts.
BY_ID = f"select {COLUMNS} from shops where id = $1"  # noqa: S608
BY_SLUG = f"select {COLUMNS} from shops where slug = $1"  # noqa: S608
SEVERAL = f"select {COLUMNS} from shops where id = any($1::uuid[]) limit 200"  # noqa: S608
MINE = f"""
select {COLUMNS} from shops
where id in (select shop_id from members where user_id = $1)
order by created_at limit $2
"""  # noqa: S608
OPEN = f"""
select {COLUMNS} from shops
where status <> 'closed' and ($1 = '' or lower(name) like '%' || lower($1) || '%' escape '\\')
  and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
order by created_at desc, id desc limit $4 offset $5
"""  # noqa: S608
COUNT_OPEN = """
select count(*) from shops
where status <> 'closed' and ($1 = '' or lower(name) like '%' || lower($1) || '%' escape '\\')
"""
TO_APPROVE = f"""
select {COLUMNS} from shops where approval = $1 order by created_at, id limit $2 offset $3
"""  # noqa: S608
COUNT_TO_APPROVE = "select count(*) from shops where approval = $1"
NAMED = f"select {COLUMNS} from shops where shops.id = any($1::uuid[]) order by shops.id limit 100"  # noqa: S608 - names of ours
# Whoever has a role of the shop's is a member for what it lists.
MEMBER = """
select true as is_member, members.role, shops.currency, shops.name as shop_name,
       shops.status as shop_status
from members join shops on shops.id = members.shop_id
where members.shop_id = $1 and members.user_id = $2
  and (shop_role_id is null
       or $3 = any (select unnest(permissions) from shop_roles where shop_roles.id = shop_role_id))
"""
ROLE_OF = "select role from members where shop_id = $1 and user_id = $2"
OWNER = "select user_id from members where shop_id = $1 and role = 'owner'"
OWNED = "select shop_id from members where user_id = $1 and role = 'owner' limit 1000"


async def get_shop(db: Queries, id_or_slug: str) -> Shop:
    sql = BY_ID if UUID.fullmatch(id_or_slug) else BY_SLUG
    found = await db.fetchrow_as(ShopRow, sql, id_or_slug)
    if found is None:
        raise ShopNotFound(shop_id=id_or_slug)
    return found.view()


async def list_shops(db: Queries, request: ListShopsRequest) -> ShopPage:
    page, size = request.page or 1, request.page_size or 20
    text = request.q.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    after = read_cursor(request.cursor)
    rows = await db.fetch_as(
        ShopRow,
        OPEN,
        text,
        after.at if after else None,
        after.id if after else None,
        size + 1,  # one more than shown tells whether there is a next page
        0 if after else (page - 1) * size,
    )
    return ShopPage(
        items=tuple(row.view() for row in rows[:size]),
        page=page,
        page_size=size,
        total=await db.fetchval(COUNT_OPEN, text),
        next_cursor=write_cursor(rows[size - 1].place) if len(rows) > size else "",
    )


async def list_several(db: Queries, shop_ids: Sequence[str]) -> tuple[Shop, ...]:
    ids = [shop_id for shop_id in shop_ids if UUID.fullmatch(shop_id)]
    return tuple(row.view() for row in await db.fetch_as(ShopRow, SEVERAL, ids))


async def list_to_approve(db: Queries, request: ListShopsToApproveRequest) -> ShopPage:
    page, size = request.page or 1, request.page_size or 20
    if request.shop_ids:
        named = await db.fetch_as(ShopRow, NAMED, request.shop_ids)
        items = tuple(row.view(is_public=False) for row in named)
        return ShopPage(items=items, page=1, page_size=size, total=len(items))
    approval = request.approval or ShopApproval.AWAITING
    rows = await db.fetch_as(ShopRow, TO_APPROVE, approval, size, (page - 1) * size)
    return ShopPage(
        items=tuple(row.view(is_public=False) for row in rows),
        page=page,
        page_size=size,
        total=await db.fetchval(COUNT_TO_APPROVE, approval),
    )


async def list_mine(db: Queries, user_id: str, *, limit: int) -> tuple[Shop, ...]:
    return tuple(
        row.view(is_public=False) for row in await db.fetch_as(ShopRow, MINE, user_id, limit)
    )


async def get_membership(db: Queries, *, shop_id: str, user_id: str, permission: str) -> Membership:
    """What somebody is to a shop; a stranger is no member, and learns no more."""
    found = await db.fetchrow_as(Membership, MEMBER, shop_id, user_id, permission)
    return found or Membership()


async def find_role(db: Queries, *, shop_id: str, user_id: str) -> ShopRole | None:
    """As what somebody works in a shop, whatever they may do there."""
    found = await db.fetchval(ROLE_OF, shop_id, user_id)
    return ShopRole(found) if found else None


async def list_owned(db: Queries, user_id: str) -> tuple[str, ...]:
    return tuple(row["shop_id"] for row in await db.fetch(OWNED, user_id))


async def get_owner(db: Queries, shop_id: str) -> str:
    found = await db.fetchval(OWNER, shop_id)
    if found is None:
        raise ShopNotFound(shop_id=shop_id)
    return str(found)
