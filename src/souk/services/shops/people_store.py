"""A shop's people, what they may do and who is invited, as rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

import asyncpg

from souk.contracts.shops import (
    CustomShopRole,
    InvitationNotFound,
    InvitationView,
    Member,
    MemberNotFound,
    OpenInvitation,
    ShopPlace,
    ShopRoleInUse,
    ShopRoleNameTaken,
    ShopRoleNotFound,
    TooManyMembers,
    TooManyShopRoles,
)
from souk.kernel.database import Queries, Transaction
from souk.kernel.mailboxes import plain_text

ROLES_MAX, MEMBERS_MAX = 50, 100
INVITED_DAYS = 7
ROLE = """id, name, permissions,
    (select count(*)::int from members where shop_role_id = shop_roles.id) as member_count"""
LIST_ROLES = f"""
select {ROLE} from shop_roles where shop_id = $1 order by name_key limit {ROLES_MAX}
"""  # noqa: S608 - names of ours
LOCK_ROLE = f"""
select {ROLE} from shop_roles where shop_id = $1 and id = $2 for no key update
"""  # noqa: S608 - names of ours
COUNT_ROLES = "select count(*) from shop_roles where shop_id = $1"
ADD_ROLE = f"""
insert into shop_roles (id, shop_id, name, name_key, permissions, created_at)
values ($1, $2, $3, $4, $5, $6) returning {ROLE}
"""  # noqa: S608 - names of ours
SAVE_ROLE = f"""
update shop_roles set name = $2, name_key = $3, permissions = $4 where id = $1 returning {ROLE}
"""  # noqa: S608 - names of ours
DROP_ROLE = "delete from shop_roles where id = $1"
MEMBER = "user_id, role, coalesce(shop_role_id::text, '') as shop_role_id, joined_at"
LIST_MEMBERS = f"""
select {MEMBER} from members where shop_id = $1
order by role = 'owner' desc, joined_at, user_id limit {MEMBERS_MAX}
"""  # noqa: S608 - names of ours
LOCK_MEMBER = f"""
select {MEMBER} from members where shop_id = $1 and user_id = $2 for update
"""  # noqa: S608 - names of ours
SET_MEMBER = f"""
update members set shop_role_id = $3 where shop_id = $1 and user_id = $2 returning {MEMBER}
"""  # noqa: S608 - names of ours
DROP_MEMBER = "delete from members where shop_id = $1 and user_id = $2"
COUNT_MEMBERS = "select count(*) from members where shop_id = $1"
INVITE = """
insert into invitations (id, shop_id, shop_role_id, hash, expires_at)
values ($1, $2, $3, $4, now() + make_interval(days => $5)) returning expires_at
"""
LIST_INVITATIONS = """
select id, shop_role_id, expires_at from invitations where shop_id = $1 and expires_at > now()
order by expires_at desc, id limit 100
"""
WITHDRAW = "delete from invitations where shop_id = $1 and id = $2 returning true"
INVITED = """
select shops.id as shop_id, shops.name as shop_name, shop_roles.name as shop_role_name, expires_at
from invitations join shops on shops.id = invitations.shop_id
join shop_roles on shop_roles.id = shop_role_id
where hash = $1 and expires_at > now()
"""
PLACES = """
select members.shop_id, role, coalesce(shop_role_id::text, '') as shop_role_id,
       coalesce(shop_roles.name, '') as shop_role_name,
       coalesce(permissions, '{}') as permissions
from members left join shop_roles on shop_roles.id = shop_role_id
where user_id = $1 and members.shop_id = any ($2::uuid[]) limit 100
"""
# Whoever is a member already stays what they are, and the invitation is for somebody else.
ACCEPT = """
delete from invitations where hash = $1 and expires_at > now()
and not exists (select from members where members.shop_id = invitations.shop_id and user_id = $2)
returning shop_id, shop_role_id
"""
DROP_OLD = "delete from invitations where expires_at <= now()"
JOIN = """
insert into members (shop_id, user_id, role, shop_role_id, joined_at)
values ($1, $2, 'staff', $3, $4) on conflict do nothing returning true
"""


async def list_roles(db: Queries, shop_id: str) -> tuple[CustomShopRole, ...]:
    return tuple(await db.fetch_as(CustomShopRole, LIST_ROLES, shop_id))


async def lock_role(tx: Transaction, shop_id: str, role_id: str) -> CustomShopRole:
    found = await tx.fetchrow_as(CustomShopRole, LOCK_ROLE, shop_id, role_id)
    if found is None:
        raise ShopRoleNotFound()
    return found


async def add_role(
    tx: Transaction, role: CustomShopRole, *, shop_id: str, now: datetime
) -> CustomShopRole:
    """The shop is locked, so that counting holds."""
    if await tx.fetchval(COUNT_ROLES, shop_id) >= ROLES_MAX:
        raise TooManyShopRoles(max=ROLES_MAX)
    key = plain_text(role.name)
    return await _saved(tx, ADD_ROLE, role.id, shop_id, role.name, key, role.permissions, now)


async def save_role(tx: Transaction, role: CustomShopRole) -> CustomShopRole:
    key = plain_text(role.name)
    return await _saved(tx, SAVE_ROLE, role.id, role.name, key, role.permissions)


async def _saved(tx: Transaction, sql: str, *args: object) -> CustomShopRole:
    try:
        saved = await tx.fetchrow_as(CustomShopRole, sql, *args)
    except asyncpg.UniqueViolationError:
        raise ShopRoleNameTaken() from None
    assert saved is not None, "it was locked or is new"
    return saved


async def drop_role(tx: Transaction, role: CustomShopRole) -> None:
    if role.member_count:
        raise ShopRoleInUse()
    await tx.execute(DROP_ROLE, role.id)


async def list_members(db: Queries, shop_id: str) -> tuple[Member, ...]:
    return tuple(await db.fetch_as(Member, LIST_MEMBERS, shop_id))


async def lock_member(tx: Transaction, shop_id: str, user_id: str) -> Member:
    found = await tx.fetchrow_as(Member, LOCK_MEMBER, shop_id, user_id)
    if found is None:
        raise MemberNotFound()
    return found


async def set_member(tx: Transaction, shop_id: str, user_id: str, *, role_id: str) -> Member:
    saved = await tx.fetchrow_as(Member, SET_MEMBER, shop_id, user_id, role_id)
    assert saved is not None, "it was locked"
    return saved


async def drop_member(tx: Transaction, shop_id: str, user_id: str) -> None:
    await tx.execute(DROP_MEMBER, shop_id, user_id)


async def must_have_room(tx: Transaction, shop_id: str) -> None:
    """The shop is locked, so that counting holds."""
    if await tx.fetchval(COUNT_MEMBERS, shop_id) >= MEMBERS_MAX:
        raise TooManyMembers(max=MEMBERS_MAX)


async def list_places(db: Queries, user_id: str, shop_ids: Iterable[str]) -> tuple[ShopPlace, ...]:
    return tuple(await db.fetch_as(ShopPlace, PLACES, user_id, list(shop_ids)))


async def list_invitations(db: Queries, shop_id: str) -> tuple[OpenInvitation, ...]:
    return tuple(await db.fetch_as(OpenInvitation, LIST_INVITATIONS, shop_id))


async def get_invitation(db: Queries, token: str) -> InvitationView:
    found = await db.fetchrow_as(InvitationView, INVITED, _hash_of(token))
    if found is None:
        raise InvitationNotFound()
    return found


async def withdraw(tx: Transaction, shop_id: str, invitation_id: str) -> bool:
    """Whether it was there."""
    return bool(await tx.fetchval(WITHDRAW, shop_id, invitation_id))


async def invite(
    tx: Transaction, invitation_id: str, *, shop_id: str, role_id: str, token: str
) -> datetime:
    """Until when."""
    await tx.execute(DROP_OLD)
    until: datetime = await tx.fetchval(
        INVITE, invitation_id, shop_id, role_id, _hash_of(token), INVITED_DAYS
    )
    return until


async def accept(tx: Transaction, token: str, *, user_id: str) -> tuple[str, str]:
    """The shop and the role; once."""
    row = await tx.fetchrow(ACCEPT, _hash_of(token), user_id)
    if row is None:
        raise InvitationNotFound()
    return row["shop_id"], row["shop_role_id"]


async def join(tx: Transaction, shop_id: str, user_id: str, *, role_id: str, now: datetime) -> None:
    """Who joined by another invitation meanwhile leaves this one for somebody else."""
    if not await tx.fetchval(JOIN, shop_id, user_id, role_id, now):
        raise InvitationNotFound()


def _hash_of(token: str) -> bytes:
    """It is random, so a fast hash will do."""
    return hashlib.sha256(token.encode()).digest()
