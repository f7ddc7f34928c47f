"""Admins say who may do what: staff roles, who holds them, and roles taken back."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.api import Role
from souk.contracts.users import RoleMustStay, RoleRevoked, StaffRole, UpdateStaffRoleRequest
from souk.kernel.database import Transaction
from souk.services.users import role_store, store
from souk.services.users.model import Account
from souk.services.users.use_cases.end_access import void_tokens


async def create_staff_role(
    tx: Transaction, role_id: str, name: str, permissions: tuple[str, ...], *, now: datetime
) -> StaffRole:
    role = await role_store.add_staff_role(tx, role_id, name, permissions, now=now)
    tx.audit("users.staff_role_made", subject=about(role), after=facts(role))
    return role


async def update_staff_role(
    tx: Transaction, request: UpdateStaffRoleRequest, permissions: tuple[str, ...]
) -> StaffRole:
    before = await role_store.lock_staff_role(tx, request.role_id)
    role = await role_store.save_staff_role(tx, before.id, request.name.strip(), permissions)
    tx.audit(
        "users.staff_role_changed", subject=about(role), before=facts(before), after=facts(role)
    )
    return role


async def delete_staff_role(tx: Transaction, role_id: str) -> None:
    before = await role_store.lock_staff_role(tx, role_id)
    members = await role_store.drop_staff_role(tx, role_id)
    for member in members:
        await void_tokens(tx, member)
    tx.audit("users.staff_role_deleted", subject=about(before), before=facts(before))


async def assign_staff_role(tx: Transaction, user_id: str, role_id: str) -> Account:
    role = await role_store.lock_staff_role(tx, role_id)
    is_new = await role_store.join(tx, user_id, role_id)
    account = await role_store.settle_staff(tx, user_id)
    if is_new:
        tx.audit("users.staff_role_assigned", subject=about(role), owner_id=user_id)
    return account


async def withdraw_staff_role(tx: Transaction, user_id: str, role_id: str) -> Account:
    was_theirs = await role_store.leave(tx, user_id, role_id)
    account = await role_store.settle_staff(tx, user_id)
    if was_theirs:
        await void_tokens(tx, user_id)
        tx.audit("users.staff_role_withdrawn", subject=f"staff_role_id:{role_id}", owner_id=user_id)
    return account


async def revoke_role(tx: Transaction, user_id: str, role: Role) -> Account:
    """Tokens that still say so end with the account's version."""
    if role in (Role.CUSTOMER, Role.STAFF):  # staff goes with the last staff role
        raise RoleMustStay()
    if role is Role.ADMIN and not await role_store.has_other_admins(tx, user_id):
        raise RoleMustStay()
    if not await store.has_role(tx, user_id, role):
        return await role_store.take_role(tx, user_id, role)
    account = await role_store.take_role(tx, user_id, role)
    await void_tokens(tx, user_id)
    tx.audit(
        "users.role_revoked",
        subject=f"user_id:{user_id}",
        owner_id=user_id,
        after={"role": role.value, "roles": sorted(account.roles)},
    )
    tx.publish(RoleRevoked(user_id=user_id, role=role))
    return account


def about(role: StaffRole) -> str:
    return f"staff_role_id:{role.id}"


def facts(role: StaffRole) -> dict[str, object]:
    """Its name was written by a person, so it is left out."""
    return {"permissions": list(role.permissions)}
