"""Staff roles and who holds them, as rows."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from souk.contracts.api import Role
from souk.contracts.users import (
    StaffRole,
    StaffRoleNameTaken,
    StaffRoleNotFound,
    TooManyStaffRoles,
    UserNotFound,
)
from souk.kernel.database import Transaction
from souk.kernel.mailboxes import plain_text
from souk.kernel.statements import Queries
from souk.services.users.model import Account
from souk.services.users.queries import ACCOUNT

STAFF_ROLES_MAX = 100
ROLE = """id, name, permissions, created_at,
       (select count(*) from staff_members where staff_role_id = staff_roles.id) as member_count"""
# Column names are the only thing put into these texts.
LIST = f"select {ROLE} from staff_roles order by name_key limit {STAFF_ROLES_MAX}"  # noqa: S608
ONE = f"select {ROLE} from staff_roles where id = $1 for no key update"  # noqa: S608
# One at a time, so that counting them holds.
LOCK = "lock table staff_roles in share row exclusive mode"
COUNT = "select count(*) from staff_roles"
ADD = f"""
insert into staff_roles (id, name, name_key, permissions, created_at)
values ($1, $2, $3, $4, $5) returning {ROLE}
"""  # noqa: S608
UPDATE = f"""
update staff_roles set name = $2, name_key = $3, permissions = $4 where id = $1 returning {ROLE}
"""  # noqa: S608
DROP_MEMBERS = "delete from staff_members where staff_role_id = $1 returning user_id"
DROP = "delete from staff_roles where id = $1"
JOIN = """
insert into staff_members (user_id, staff_role_id) values ($1, $2) on conflict do nothing
"""
LEAVE = "delete from staff_members where user_id = $1 and staff_role_id = $2"
PERMISSIONS = """
select coalesce(array_agg(distinct permission order by permission), '{}')
  from staff_members
  join staff_roles on staff_roles.id = staff_role_id
  join users on users.id = user_id and is_active,
       unnest(permissions) as permission
 where user_id = $1
"""
LOCK_USER = "select 1 from users where id = $1 for no key update"
# Whoever has none of them left is staff no more.
IS_STAFF = f"""
update users set updated_at = now(),
       roles = case when exists (select from staff_members where user_id = users.id)
                    then array_append(array_remove(roles, 'staff'), 'staff')
                    else array_remove(roles, 'staff') end
 where id = any($1::uuid[]) returning {ACCOUNT}
"""  # noqa: S608
OTHER_ADMINS = "select count(*) from users where 'admin' = any(roles) and is_active and id <> $1"
ADMINS_ONE_BY_ONE = "select pg_advisory_xact_lock(hashtextextended('who is an admin', 0))"
TAKE = f"""
update users set roles = array_remove(roles, $2), updated_at = now()
where id = $1 returning {ACCOUNT}
"""  # noqa: S608


async def list_staff_roles(db: Queries) -> tuple[StaffRole, ...]:
    return tuple(await db.fetch_as(StaffRole, LIST))


async def lock_staff_role(tx: Transaction, role_id: str) -> StaffRole:
    found = await tx.fetchrow_as(StaffRole, ONE, role_id)
    if found is None:
        raise StaffRoleNotFound()
    return found


async def add_staff_role(
    tx: Transaction, role_id: str, name: str, permissions: tuple[str, ...], *, now: datetime
) -> StaffRole:
    await tx.execute(LOCK)
    if await tx.fetchval(COUNT) >= STAFF_ROLES_MAX:
        raise TooManyStaffRoles(max=STAFF_ROLES_MAX)
    return await _saved(tx, ADD, role_id, name, plain_text(name), permissions, now)


async def save_staff_role(
    tx: Transaction, role_id: str, name: str, permissions: tuple[str, ...]
) -> StaffRole:
    return await _saved(tx, UPDATE, role_id, name, plain_text(name), permissions)


async def _saved(tx: Transaction, sql: str, *args: object) -> StaffRole:
    try:
        saved = await tx.fetchrow_as(StaffRole, sql, *args)
    except asyncpg.UniqueViolationError:
        raise StaffRoleNameTaken() from None
    assert saved is not None, "it was locked or is new"
    return saved


async def drop_staff_role(tx: Transaction, role_id: str) -> list[str]:
    """Who held it."""
    members = [row["user_id"] for row in await tx.fetch(DROP_MEMBERS, role_id)]
    await tx.execute(DROP, role_id)
    await tx.fetch(IS_STAFF, members)
    return members


async def join(tx: Transaction, user_id: str, role_id: str) -> bool:
    """Whether they did not hold it before."""
    await lock_user(tx, user_id)
    return await tx.execute(JOIN, user_id, role_id) == "INSERT 0 1"


async def leave(tx: Transaction, user_id: str, role_id: str) -> bool:
    """Whether they held it."""
    await lock_user(tx, user_id)
    return await tx.execute(LEAVE, user_id, role_id) == "DELETE 1"


async def settle_staff(tx: Transaction, user_id: str) -> Account:
    """The role `staff` goes with holding any of them."""
    saved = await tx.fetchrow_as(Account, IS_STAFF, [user_id])
    assert saved is not None, "the account is locked"
    return saved


async def lock_user(tx: Transaction, user_id: str) -> None:
    if await tx.fetchval(LOCK_USER, user_id) is None:
        raise UserNotFound()


async def list_permissions_of(db: Queries, user_id: str) -> tuple[str, ...]:
    return tuple(await db.fetchval(PERMISSIONS, user_id))


async def has_other_admins(tx: Transaction, user_id: str) -> bool:
    """Holds until the transaction ends, so no two admins each count on the other to stay."""
    await tx.execute(ADMINS_ONE_BY_ONE)
    return bool(await tx.fetchval(OTHER_ADMINS, user_id))


async def take_role(tx: Transaction, user_id: str, role: Role) -> Account:
    saved = await tx.fetchrow_as(Account, TAKE, user_id, role)
    assert saved is not None, "the account is locked"
    return saved
