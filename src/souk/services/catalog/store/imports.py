"""Imports as rows: begun, getting on, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from souk.contracts.catalog import ImportProblem
from souk.kernel.database import Transaction
from souk.services.catalog.shopify.plan import Progress

ADD = """
insert into imports (id, shop_id, currency, dry_run, file, rows, started_at)
values ($1, $2, $3, $4, $5, $6, $7)
"""
BEGIN = "update imports set attempts = attempts + 1 where id = $1 returning attempts"
LOCK = """
select jsonb_array_length(errors) from imports
where id = $1 and status = 'running' and last_row = $2 for no key update
"""
ADVANCE = """
update imports set last_row = $2, rows_done = rows_done + $3, created = created + $4,
                   updated = updated + $5, failed = failed + $6, errors = errors || $7::jsonb,
                   products = jsonb_path_query_array(products || $8::jsonb, '$[0 to 199]'),
                   attempts = 0
where id = $1
"""
END = """
update imports set status = $2, file = null, finished_at = $3, errors = errors || $4::jsonb
where id = $1 and status = 'running'
"""


async def add_import(
    tx: Transaction,
    import_id: str,
    *,
    shop_id: str,
    currency: str,
    file: bytes,
    rows: int,
    dry_run: bool,
    now: datetime,
) -> None:
    await tx.execute(ADD, import_id, shop_id, currency, dry_run, file, rows, now)


async def begin_attempt(tx: Transaction, import_id: str) -> int:
    """How many there were since the last progress."""
    return int(await tx.fetchval(BEGIN, import_id))


async def lock_import(tx: Transaction, import_id: str, *, at_row: int) -> int | None:
    """How many errors it has; None when it is no longer where we thought it was."""
    errors: int | None = await tx.fetchval(LOCK, import_id, at_row)
    return errors


async def advance(tx: Transaction, import_id: str, progress: Progress, *, errors_max: int) -> None:
    """No more errors are kept than `errors_max`; all are counted."""
    await tx.execute(
        ADVANCE,
        import_id,
        progress.last_row,
        progress.rows,
        progress.created,
        progress.updated,
        progress.failed,
        encoded(progress.errors[:errors_max]),
        encoded(progress.products),
    )


async def end_import(
    tx: Transaction,
    import_id: str,
    status: str,
    *,
    now: datetime,
    errors: Sequence[ImportProblem] = (),
) -> None:
    await tx.execute(END, import_id, status, now, encoded(errors))


def encoded(structs: Sequence[Struct]) -> str:
    return msgspec.json.encode(list(structs)).decode()
