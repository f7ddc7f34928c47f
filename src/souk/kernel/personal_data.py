"""What a service holds of people: declared once, so that it can be handed over and taken away."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from souk.contracts.common import (
    ErasedPart,
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    Obstacle,
    PersonalData,
    PersonalRecord,
)
from souk.kernel.database import Database, Queries, Transaction
from souk.kernel.refusals import FieldError, InvalidRequest

# Answers kept for copies of requests say what was in the requests.
FORGET_ANSWERS = "delete from idempotency_keys where right(scope, 37) = ':' || $1::text"
ADD_KEY = "insert into person_keys (person, sealed_key) values ($1, $2) on conflict do nothing"
ADD_KEYS = """
insert into person_keys (person, sealed_key) select * from unnest($1::uuid[], $2::bytea[])
on conflict do nothing
"""
KEYS = "select person, sealed_key from person_keys where person = any($1::uuid[])"
# Names of ours are all that is put into these texts. 123 is {, with which JSON begins.
TO_SEAL = """
select id, {person} as person, sealed from {table} where get_byte(sealed, 0) = 123
order by id limit $1 for update skip locked
"""
SEAL = """
update {table} set sealed = made.sealed
from unnest($1::uuid[], $2::bytea[]) as made (id, sealed) where {table}.id = made.id
"""
KEY = "select sealed_key from person_keys where person = $1"


class Holding(Struct, frozen=True, kw_only=True):
    """One part of what a service holds of a person, who is $1 in every statement.

    `export` reads it, in an order, as `shape` where it has columns that are sealed. `erase` takes
    the person out of it. What has to stay says why (`duty`) and counts itself: `kept` answers
    `kept` and `kept_until`. While `under_way` counts any, nobody is erased.
    """

    part: str
    export: str
    shape: type[Struct] | None = None
    lock: str = ""  # what `erase` must have seen the latest of
    erase: str = ""
    duty: str = ""
    kept: str = ""
    under_way: str = ""
    obstacle: str = ""  # what is told of it, with {count}
    advice: str = ""


class PersonalDataRpc:
    """Answers for a service what its HOLDINGS say; one that holds nothing of people has none."""

    HOLDINGS: ClassVar[tuple[Holding, ...]] = ()
    PAGE: ClassVar[int] = 500
    database: Database

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        index, offset = read_place(request.cursor)
        records: list[PersonalRecord] = []
        while index < len(self.HOLDINGS) and len(records) < self.PAGE:
            room = self.PAGE - len(records)
            found = await records_of(
                self.database, self.HOLDINGS[index], request.person_id, limit=room, offset=offset
            )
            records += found
            index, offset = (index, offset + room) if len(found) == room else (index + 1, 0)
        is_last = index == len(self.HOLDINGS)
        return PersonalData(
            records=tuple(records), next_cursor="" if is_last else f"{index}:{offset}"
        )

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        if not request.is_replay:
            obstacles = await find_obstacles(self.database, self.HOLDINGS, request.person_id)
            obstacles += await self.obstacles_elsewhere(request.person_id)
            if obstacles or request.is_rehearsal:
                return ErasureReceipt(obstacles=obstacles)
        await self.forget_files(request.person_id)
        return await self.database.transact(erase, self.HOLDINGS, request)

    async def obstacles_elsewhere(self, person_id: str) -> tuple[Obstacle, ...]:
        """What only another service knows to be under way."""
        return ()

    async def forget_files(self, person_id: str) -> None:
        """What lies outside of the database; before its rows, so that a crash repeats it."""


async def find_obstacles(
    db: Queries, holdings: tuple[Holding, ...], person_id: str
) -> tuple[Obstacle, ...]:
    found = []
    for holding in holdings:
        if holding.under_way and (count := await db.fetchval(holding.under_way, person_id)):
            what = holding.obstacle.format(count=count)
            found.append(Obstacle(what=what, advice=holding.advice))
    return tuple(found)


async def erase(
    tx: Transaction, holdings: tuple[Holding, ...], request: ErasePersonRequest
) -> ErasureReceipt:
    """What is under way is looked at again: it may have begun since."""
    person_id = request.person_id
    if not request.is_replay and (obstacles := await find_obstacles(tx, holdings, person_id)):
        return ErasureReceipt(obstacles=obstacles)
    parts = tuple([await _erased(tx, holding, person_id) for holding in holdings])
    await tx.execute(FORGET_ANSWERS, person_id)
    if erased := {part.part: part.erased for part in parts if part.erased}:
        tx.audit("privacy.person_erased", owner_id=person_id, after=erased)
    return ErasureReceipt(parts=parts)


async def records_of(
    db: Queries, holding: Holding, person_id: str, *, limit: int, offset: int
) -> list[PersonalRecord]:
    sql = f"{holding.export} limit $2 offset $3"
    rows: list[Any]
    if holding.shape:
        rows = await db.fetch_as(holding.shape, sql, person_id, limit, offset)
    else:
        rows = [dict(row) for row in await db.fetch(sql, person_id, limit, offset)]
    return [
        PersonalRecord(part=holding.part, json=msgspec.json.encode(row).decode()) for row in rows
    ]


def read_place(cursor: str) -> tuple[int, int]:
    try:
        index, offset = cursor.split(":") if cursor else ("0", "0")
        return int(index), int(offset)
    except ValueError:
        raise InvalidRequest(FieldError("cursor", "is none of ours")) from None


async def _erased(tx: Transaction, holding: Holding, person_id: str) -> ErasedPart:
    erased = 0
    if holding.lock:
        await tx.execute(holding.lock, person_id)
    if holding.erase:
        tag = await tx.execute(holding.erase, person_id)
        erased = int(tag.rpartition(" ")[2])
    kept = await tx.fetchrow(holding.kept, person_id) if holding.kept else None
    if kept is None or not kept["kept"]:
        return ErasedPart(part=holding.part, erased=erased)
    return ErasedPart(
        part=holding.part,
        erased=erased,
        kept=kept["kept"],
        duty=holding.duty,
        kept_until=kept["kept_until"],
    )


async def key_of(tx: Transaction, person_id: str) -> bytes:
    """Somebody's key, made where there is none yet."""
    await tx.execute(ADD_KEY, person_id, tx.personal.new())
    key: bytes = await tx.fetchval(KEY, person_id)
    return key


async def seal_rows(
    tx: Transaction, table: str, *, person: str = "user_id", limit: int
) -> list[tuple[str, bytes]]:
    """Seals what is there from before there were keys: ids, and the JSON that each had.

    `person` is the column of whose the row is. Any number of processes may be at it.
    """
    rows = await tx.fetch(TO_SEAL.format(table=table, person=person), limit)
    if rows:
        people = sorted({row["person"] for row in rows})
        await tx.execute(ADD_KEYS, people, [tx.personal.new() for _ in people])
        keys = {row["person"]: row["sealed_key"] for row in await tx.fetch(KEYS, people)}
        sealed = [tx.personal.seal_bytes(keys[row["person"]], row["sealed"]) for row in rows]
        await tx.execute(SEAL.format(table=table), [row["id"] for row in rows], sealed)
    return [(row["id"], row["sealed"]) for row in rows]
