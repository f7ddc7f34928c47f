"""Erasures as rows: asked for, and what each service answered."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from souk.contracts.common import ErasedPart
from souk.contracts.users import Erasure, ErasureNotFound, ErasureStatus
from souk.kernel.database import Queries, Transaction
from souk.services.users.erasure_journal import Erased

BEGIN = """
insert into erasures (id, user_id, status) values ($1, $2, 'waiting')
on conflict (user_id) where status in ('waiting', 'erasing') do nothing
"""
# Column names are the only thing put into these texts.
ERASURE = """
select id, user_id, status, requested_at, ended_at,
       (select jsonb_agg(jsonb_build_object('service', service, 'parts', parts) order by service)
        from erasure_receipts where erasure_id = erasures.id) as receipts
from erasures
"""
BY_ID = f"{ERASURE} where id = $1"
UNDER_WAY = f"{ERASURE} where user_id = $1 and status in ('waiting', 'erasing')"
MOVE = """
update erasures set status = $2,
                    ended_at = case when $2 in ('done', 'refused') then now() end
where id = $1
"""
REMEMBER = """
insert into erasures (id, user_id, status, requested_at, ended_at)
values ($1, $2, 'done', $3::text::timestamptz, now())
on conflict (id) do update set status = 'done', ended_at = now()
"""
SHUT = "update users set is_active = $2 where id = $1 and erased_at is null"
KNOWN = "select erased_at is null from users where id = $1 for update"
ADD_RECEIPT = """
insert into erasure_receipts (erasure_id, service, parts) values ($1, $2, $3)
on conflict do nothing
"""
ANSWERED = "select service from erasure_receipts where erasure_id = $1"


async def begin_erasure(tx: Transaction, erasure_id: str, *, user_id: str) -> Erasure:
    """The one that is under way already, where there is one."""
    await tx.execute(BEGIN, erasure_id, user_id)
    found = await tx.fetchrow_as(Erasure, UNDER_WAY, user_id)
    assert found is not None, "it was just begun"
    return found


async def get_erasure(db: Queries, erasure_id: str) -> Erasure:
    found = await db.fetchrow_as(Erasure, BY_ID, erasure_id)
    if found is None:
        raise ErasureNotFound()
    return found


async def move_erasure(tx: Transaction, erasure_id: str, status: ErasureStatus) -> None:
    await tx.execute(MOVE, erasure_id, status.value)


async def remember(tx: Transaction, line: Erased) -> None:
    """One that a restored backup knows nothing of, or not the end."""
    await tx.execute(REMEMBER, line.erasure_id, line.user_id, line.at)


async def is_here(tx: Transaction, user_id: str) -> bool | None:
    """Whether somebody is yet to be erased; None: nobody has this id. Locks the account."""
    found: bool | None = await tx.fetchval(KNOWN, user_id)
    return found


async def shut(tx: Transaction, user_id: str, *, is_shut: bool) -> None:
    await tx.execute(SHUT, user_id, not is_shut)


async def add_receipt(
    tx: Transaction, erasure_id: str, service: str, parts: Sequence[ErasedPart]
) -> None:
    await tx.execute(ADD_RECEIPT, erasure_id, service, msgspec.json.encode(parts).decode())


async def services_that_answered(db: Queries, erasure_id: str) -> set[str]:
    return {row["service"] for row in await db.fetch(ANSWERED, erasure_id)}
