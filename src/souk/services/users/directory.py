"""All accounts, as operators look through them."""

from __future__ import annotations

from souk.contracts.users import FindUsersRequest, UserPage
from souk.kernel.database import Queries
from souk.services.users.identity import looked_for
from souk.services.users.model import Account
from souk.services.users.queries import ACCOUNT

MATCHES = """
search @> $1::bigint[]
and ($2::text is null or $2 = any(roles))
"""
# Column names and the condition are the only things put into these texts.
FIND = f"""
select {ACCOUNT} from users where {MATCHES} order by created_at desc, id desc limit $3 offset $4
"""  # noqa: S608
COUNT = f"select count(*) from users where {MATCHES}"  # noqa: S608


async def find_users(db: Queries, request: FindUsersRequest) -> UserPage:
    page, size = request.page or 1, request.page_size or 20
    text = looked_for(db.personal, request.q)
    role = request.role.value if request.role else None
    found = await db.fetch_as(Account, FIND, text, role, size, (page - 1) * size)
    total = await db.fetchval(COUNT, text, role)
    items = tuple(account.view() for account in found)
    return UserPage(items=items, page=page, page_size=size, total=total)
