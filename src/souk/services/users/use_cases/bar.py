"""Staff bar an account, or let it back in."""

from __future__ import annotations

from souk.contracts.api import Role
from souk.contracts.users import NotYourRank
from souk.kernel.context import Caller
from souk.kernel.database import Transaction
from souk.services.users import queries, store
from souk.services.users.model import Account
from souk.services.users.use_cases.end_access import end_access


async def bar(tx: Transaction, user_id: str, *, by: Caller, is_active: bool) -> Account:
    """Raises UserNotFound, NotYourRank. Doing it twice changes nothing."""
    account = await queries.get_account(tx, user_id)
    if account.id == by.user_id or (account.is_of_staff and Role.ADMIN not in by.roles):
        raise NotYourRank()
    if account.is_active is is_active:
        return account
    changed = await store.set_active(tx, user_id, is_active=is_active)
    if not is_active:
        await end_access(tx, user_id)
    return changed
