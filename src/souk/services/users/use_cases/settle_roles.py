"""A provider says in which groups somebody is, and their roles follow."""

from __future__ import annotations

from collections.abc import Set

from souk.contracts.api import Role
from souk.contracts.users import RoleMustStay
from souk.kernel.database import Transaction
from souk.services.users import queries
from souk.services.users.model import Account
from souk.services.users.use_cases.grant_role import grant_role
from souk.services.users.use_cases.staff_roles import revoke_role


async def settle_roles(
    tx: Transaction, user_id: str, held: Set[Role], *, governed: Set[Role]
) -> Account:
    """Of the roles that groups stand for (`governed`), they have those that are `held` now. Roles
    that no group stands for are left alone, and the last admin stays one."""
    account = await queries.get_account(tx, user_id)
    for role in sorted(held - set(account.roles)):
        await grant_role(tx, user_id, role)
    for role in sorted((governed - held) & set(account.roles)):
        try:
            await revoke_role(tx, user_id, role)
        except RoleMustStay:
            continue
    return await queries.get_account(tx, user_id)
