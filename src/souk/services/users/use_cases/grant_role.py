"""An account is given a role."""

from __future__ import annotations

from souk.contracts.api import Role
from souk.contracts.users import RoleGranted
from souk.kernel.database import Transaction
from souk.services.users import queries, store
from souk.services.users.model import Account


async def grant_role(tx: Transaction, user_id: str, role: Role) -> Account:
    """Giving it twice changes nothing."""
    if await store.has_role(tx, user_id, role):
        return await queries.get_account(tx, user_id)
    account = await store.grant_role(tx, user_id, role)
    tx.audit(
        "users.role_granted",
        subject=f"user_id:{user_id}",
        owner_id=user_id,
        after={"role": role.value, "roles": sorted(account.roles)},
    )
    tx.publish(RoleGranted(user_id=user_id, role=role))
    return account
