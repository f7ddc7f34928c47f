"""Staff correct what an account says of somebody."""

from __future__ import annotations

from souk.contracts.api import Role
from souk.contracts.users import NotYourRank, UpdateProfileRequest
from souk.kernel.context import Caller
from souk.kernel.database import Transaction
from souk.services.users import queries, store
from souk.services.users.model import Account


async def correct_account(
    tx: Transaction, user_id: str, changes: UpdateProfileRequest, *, by: Caller
) -> Account:
    """Raises UserNotFound, NotYourRank."""
    account = await queries.get_account(tx, user_id)
    if account.is_of_staff and Role.ADMIN not in by.roles and account.id != by.user_id:
        raise NotYourRank()
    tx.audit("users.account_corrected", subject=f"user_id:{user_id}", owner_id=user_id)
    return await store.update_profile(tx, user_id, changes)
