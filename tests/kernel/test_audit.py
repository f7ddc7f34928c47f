"""What was done is recorded with the deed, and whoever changes the record is found out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from souk.kernel.audit.anchors import Anchors
from souk.kernel.audit.chain import Proof, head_of, prove
from souk.kernel.audit.entries import audit_key
from souk.kernel.audit.reading import list_entries
from souk.kernel.audit.sealing import seal, sealing
from souk.kernel.context import Call, Caller, Deed, acting
from souk.kernel.database import Database
from souk.kernel.ids import new_id
from tests.support.waiting import eventually

KEY = audit_key("the master key of these tests")
ADA, OLGA = new_id(), new_id()
BY_OLGA = Caller(OLGA, frozenset({"support"}), "s-1", address="203.0.113.9")
TAMPERINGS = 1000


@pytest.fixture
async def database(service_url) -> AsyncIterator[Database]:
    database = await Database.connect(await service_url("kernel_only"), "things", audit_key=KEY)
    yield database
    await database.close()


@pytest.fixture
def anchors(tmp_path: Path) -> Anchors:
    return Anchors(tmp_path / "audit")


async def record(database: Database, count: int = 1) -> None:
    with acting(Call(caller=BY_OLGA, trace_id="0af7651916cd43dd8448eb211c80319c")):
        for amount in range(count):
            async with database.transaction() as tx:
                tx.audit(
                    "orders.refunded", subject=f"order_id:{new_id()}", owner_id=ADA,
                    before={"status": "paid"}, after={"status": "refunded", "amount": amount},
                )  # fmt: skip


async def test_an_entry_says_who_what_whose_when_from_where_before_and_after(database: Database):
    await record(database)

    (entry,) = await list_entries(database, ADA, limit=10)

    assert (entry.action, entry.actor_id, entry.owner_id) == ("orders.refunded", OLGA, ADA)
    assert (entry.roles, entry.session_id, entry.address) == (("support",), "s-1", "203.0.113.9")
    assert entry.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert (entry.before, entry.after) == ({"status": "paid"}, {"status": "refunded", "amount": 0})
    assert await list_entries(database, OLGA, limit=10) == [entry]


async def test_what_did_not_happen_is_not_recorded(database: Database):
    with pytest.raises(ZeroDivisionError):
        async with database.transaction() as tx:
            tx.audit("orders.refunded")
            raise ZeroDivisionError
    assert await list_entries(database, limit=10) == []


@pytest.mark.parametrize("text", ["Ada Lovelace", "ada@example.com", "зеленый", "x" * 65])
async def test_what_people_write_does_not_get_into_the_record(database: Database, text: str):
    async with database.transaction() as tx:
        with pytest.raises(ValueError, match="note does not belong"):
            tx.audit("orders.refunded", after={"note": [text]})


async def test_whatever_staff_write_is_recorded_even_where_nobody_thought_of_it(database: Database):
    deed = Deed("orders.cancel_order", "order_id:1", ADA)
    with acting(Call(caller=BY_OLGA, deed=deed)):
        async with database.transaction() as tx:
            await tx.execute("select 1")

    (entry,) = await list_entries(database, limit=10)
    assert (entry.action, entry.subject) == ("orders.cancel_order", "order_id:1")
    assert (entry.actor_id, entry.owner_id) == (OLGA, ADA)


@pytest.mark.parametrize(
    "sql",
    [
        "update audit set action = 'other'",
        "update audit set number = 1, hash = '', action = 'other'",
        "update audit set number = number, hash = hash",
        "delete from audit",
        "truncate audit",
    ],
)
async def test_souks_own_role_can_neither_change_nor_delete(
    database: Database, anchors: Anchors, sql: str
):
    await record(database)
    if "number = number" in sql:
        await seal(database, anchors)
    with pytest.raises(asyncpg.RestrictViolationError):
        await database.execute(sql)


async def test_many_at_once_make_one_chain_without_waiting_for_one_another(
    database: Database, anchors: Anchors
):
    async def writing() -> None:
        await record(database, 25)

    async def chaining() -> None:
        for _ in range(5):
            await seal(database, anchors)

    await asyncio.gather(*(writing() for _ in range(8)), chaining(), chaining())
    await seal(database, anchors)

    proof = await prove(database, anchors.read("things"))
    assert proof == Proof(head=await head_of(database), waiting=0, findings=())
    assert proof.head.number == 200


async def test_a_commit_wakes_the_job_that_chains(database: Database, anchors: Anchors):
    job = sealing(database, anchors)
    running = asyncio.create_task(job.run(database))
    try:
        await record(database, 3)

        async def is_chained() -> bool:
            return anchors.read("things").number == 3

        await eventually(is_chained)
    finally:
        job.stop()
        await running


async def test_an_anchor_that_the_chain_does_not_go_on_from_stays_as_evidence(
    database: Database, anchors: Anchors
):
    await record(database, 5)
    await seal(database, anchors)
    written_down = anchors.read("things")
    await as_superuser(database, "delete from audit where number > 3")
    await record(database, 4)

    await seal(database, anchors)

    assert anchors.read("things") == written_down
    assert not (await prove(database, written_down)).holds


async def as_superuser(database: Database, sql: str, *args: object) -> None:
    """Past the triggers, as somebody with the server in hand could."""
    async with database.transaction() as tx:
        await tx.execute("set local session_replication_role = replica")
        await tx.execute(sql, *args)


CHANGES = {
    "id": "gen_random_uuid()",
    "at": "at + interval '1 microsecond'",
    "action": "action || 'x'",
    "actor_id": f"'{ADA}'",
    "roles": "roles || array['admin']",
    "service": "'orders'",
    "session_id": "''",
    "address": "'198.51.100.1'",
    "trace_id": "''",
    "subject": "'order_id:other'",
    "owner_id": f"'{OLGA}'",
    "before": "null",
    "after": "'{\"amount\": 1000000}'",
    "mac": "sha256(mac)",
    "hash": "sha256(hash)",
    "number": "number + 100000",
}
COPY = """
insert into audit (id, at, action, actor_id, roles, service, session_id, address, trace_id,
                   subject, owner_id, before, after, mac, number, hash)
select gen_random_uuid(), at, action, actor_id, roles, service, session_id, address, trace_id,
       subject, owner_id, before, after, mac, {number}, {hash} from audit where number = $1
"""


class Tamperer:
    """Does one thing to the record, past the triggers."""

    def __init__(self, database: Database, dice: random.Random, size: int) -> None:
        self.database, self.dice, self.size = database, dice, size

    async def tamper(self) -> str:
        ways = (self.change, self.delete, self.swap, self.insert, self.truncate)
        return await self.dice.choice(ways)()

    async def change(self) -> str:
        column, number = self.dice.choice(list(CHANGES)), self.any()
        sql = f"update audit set {column} = {CHANGES[column]} where number = $1"
        await as_superuser(self.database, sql, number)
        return f"changed {column} of {number}"

    async def delete(self) -> str:
        number = self.any()
        await as_superuser(self.database, "delete from audit where number = $1", number)
        return f"deleted {number}"

    async def swap(self) -> str:
        """Two entries change places; what each of them says stays as it was."""
        one, other = self.dice.sample(range(1, self.size + 1), 2)
        hashes_stay = self.dice.random() < 0.5
        async with self.database.transaction() as tx:
            await tx.execute("set local session_replication_role = replica")
            pair = f"select * from audit where number in ({one}, {other})"
            await tx.execute(f"create temp table pair on commit drop as {pair}")
            await tx.execute("delete from audit where number in ($1, $2)", one, other)
            await tx.execute(f"update pair set number = {one + other} - number")
            if hashes_stay:
                await tx.execute(
                    "update pair set hash = twin.hash from pair as twin where twin.id <> pair.id"
                )
            await tx.execute("insert into audit overriding system value table pair")
        return f"swapped {one} and {other}, hashes stay: {hashes_stay}"

    async def insert(self) -> str:
        number, place = self.any(), self.dice.choice(["waiting", "at the end"])
        values = {"number": "null", "hash": "null"}
        if place == "at the end":
            values = {"number": f"{self.size + 1}::bigint", "hash": "sha256(hash)"}
        await as_superuser(self.database, COPY.format(**values), number)
        return f"inserted a copy of {number}, {place}"

    async def truncate(self) -> str:
        number = self.any()
        await as_superuser(self.database, "delete from audit where number >= $1", number)
        return f"cut off at {number}"

    def any(self) -> int:
        return self.dice.randint(1, self.size)


async def test_a_thousand_random_tamperings_are_a_thousand_found(
    database: Database, anchors: Anchors
):
    size = 30
    await record(database, size)
    await seal(database, anchors)
    anchor = anchors.read("things")
    await database.execute("create table safe as select * from audit order by seq")
    tamperer = Tamperer(database, random.Random(7), size)
    missed = []
    for _ in range(TAMPERINGS):
        assert (await prove(database, anchor)).holds
        what = await tamperer.tamper()
        if (await prove(database, anchor)).holds:
            missed.append(what)
        await as_superuser(database, "delete from audit")
        await as_superuser(database, "insert into audit overriding system value table safe")
    assert missed == []
