"""Archives of what Souk knows of people, as rows: asked for, made, and dropped in time."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.users import ExportNotFound, PersonExport, PersonExportList
from souk.kernel.database import Queries, Transaction
from souk.kernel.personal_data import key_of

EXPORT = """id, case when ready_at is null then 'waiting' else 'ready' end as status, requested_at,
       ready_at, expires_at, coalesce(length(archive), 0) as size_bytes"""
# Column names are the only thing put into these texts.
ASK = """
insert into exports (id, user_id) values ($1, $2)
on conflict (user_id) where ready_at is null do nothing
"""
IN_THE_MAKING = f"""
select {EXPORT} from exports where user_id = $1 and ready_at is null
"""  # noqa: S608
LIST = f"""
select {EXPORT} from exports
where user_id = $1 and (expires_at is null or expires_at > now())
order by requested_at desc limit 10
"""  # noqa: S608
# Claimed for as long as the making of one may take.
CLAIM = """
update exports set due_at = now() + interval '10 minutes'
where id = (select id from exports where ready_at is null and due_at <= now()
            order by due_at limit 1 for update skip locked)
returning id, user_id
"""
FINISH = """
update exports set archive = $2, ready_at = now(), expires_at = now() + make_interval(days => $3)
where id = $1 and ready_at is null
"""
ARCHIVE = """
select archive, (select sealed_key from person_keys where person = user_id) as key
from exports where id = $1 and user_id = $2 and expires_at > now()
"""
DROP_OLD = "delete from exports where expires_at <= now()"


class Waiting(Struct, frozen=True):
    """An archive to be made."""

    id: str
    user_id: str


async def ask_for_export(tx: Transaction, export_id: str, *, user_id: str) -> PersonExport:
    """The one that is being made already, where there is one."""
    await tx.execute(ASK, export_id, user_id)
    found = await tx.fetchrow_as(PersonExport, IN_THE_MAKING, user_id)
    assert found is not None, "it was just asked for"
    tx.audit("users.export_requested", subject=f"export_id:{found.id}", owner_id=user_id)
    return found


async def list_exports(db: Queries, user_id: str) -> PersonExportList:
    return PersonExportList(items=tuple(await db.fetch_as(PersonExport, LIST, user_id)))


async def claim_export(db: Queries) -> Waiting | None:
    return await db.fetchrow_as(Waiting, CLAIM)


async def finish_export(tx: Transaction, export: Waiting, archive: bytes, *, days: int) -> None:
    key = await key_of(tx, export.user_id)
    await tx.execute(FINISH, export.id, tx.personal.seal_bytes(key, archive), days)


async def read_archive(tx: Transaction, export_id: str, *, user_id: str) -> bytes:
    """Opened for its owner; that it was taken stays known."""
    row = await tx.fetchrow(ARCHIVE, export_id, user_id)
    if row is None or row["key"] is None:
        raise ExportNotFound()
    tx.audit("users.export_taken", subject=f"export_id:{export_id}", owner_id=user_id)
    return tx.personal.open(row["archive"], row["key"])


async def drop_old_exports(tx: Transaction) -> None:
    await tx.execute(DROP_OLD)
