"""Payments of one moment are saved by one statement: all of them or none, none the worse for it."""

import asyncio
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from souk.contracts.payments import CapturePaymentRequest, PaymentCaptured, PaymentStatus
from souk.kernel.context import Call, acting, within
from souk.kernel.ids import new_id
from souk.kernel.outbox_rows import outbox_rows
from souk.services.payments.model import ledger
from souk.services.payments.model.payment import news_of
from souk.services.payments.providers import Charge, ChargeState
from souk.services.payments.queries import find_payments
from souk.services.payments.store.changes import Change, save
from tests.services.payments.counter import ADMIN, ORDERS, by, part, purchase, usd
from tests.support.databases import counted_statements
from tests.support.waiting import eventually

AUTHORIZED, CAPTURED = PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED
OVERTAKE = "update payments set reason = 'first', version = version + 1 where id = $1"
TOUCH = "update payments set check_at = now(), checks = checks + 1 where id = $1"
WAITING = "select exists (select from pg_locks where not granted)"
LOCKABLE = "select id from payments where id = any($1) for update nowait"


async def authorized(counter, count):
    return [(await counter.pay(purchase(part(700), part(300)))).id for _ in range(count)]


async def captured(counter, payment_id, trace_id):
    with acting(Call(caller=ORDERS, trace_id=trace_id, deadline=within(30))):
        return await counter.client.capture_payment(CapturePaymentRequest(payment_id=payment_id))


async def changes_of(counter, ids, now):
    """The captures of these payments, ready to be written."""
    changes = []
    for before in await find_payments(counter.database, ids):
        after = before.learn(Charge(state=ChargeState.CAPTURED), now)
        told = outbox_rows(news_of(before, after, is_asked=True))
        changes.append(Change(after=after, transfers=ledger.capture(after), told=told))
    return changes


async def statuses(counter, ids):
    return [payment.status for payment in await find_payments(counter.database, ids)]


async def written(counter):
    """Captured parts, transfers, entries and events."""
    tables = ("allocations where captured_amount > 0", "ledger_transfers", "ledger_entries")
    counts = [await counter.database.fetchval(f"select count(*) from {table}") for table in tables]
    return (*counts, len(await counter.host.published(PaymentCaptured)))


@asynccontextmanager
async def held(counter, change, payment_id):
    """Somebody else has changed that payment, and commits at the end."""
    async with counter.database.transaction() as tx:
        await tx.execute(change, payment_id)
        yield


def saves(asked):
    return [sql for sql in asked if "update payments" in sql]


async def test_captures_of_one_moment_are_one_statement_and_each_is_told_by_itself(counter):
    ids = await authorized(counter, 8)
    traces = {payment_id: new_id() for payment_id in ids}
    async with counted_statements(counter.database) as asked:
        answers = await asyncio.gather(*(captured(counter, *pair) for pair in traces.items()))

    assert len(saves(asked)) < 4
    assert {(answer.status, answer.captured) for answer in answers} == {(CAPTURED, usd(1000))}
    assert await written(counter) == (16, 16, 32, 8)
    rows = await counter.database.fetch("select payload, headers, follows from outbox")
    assert {
        msgspec.json.decode(row["payload"])["payment_id"]: msgspec.json.decode(row["headers"])
        for row in rows
    } == {payment_id: {"trace_id": trace_id} for payment_id, trace_id in traces.items()}
    assert {row["follows"] for row in rows} == {None}
    await counter.must_balance(8000)


async def test_one_that_is_overtaken_holds_all_back_and_then_only_itself(counter):
    ids = await authorized(counter, 3)
    changes = await changes_of(counter, ids, counter.till.clock.now())
    async with held(counter, OVERTAKE, ids[1]):
        saving = asyncio.create_task(save(counter.database, changes))
        await eventually(lambda: counter.database.fetchval(WAITING))

    assert await saving == [False] * 3
    assert await statuses(counter, ids) == [AUTHORIZED] * 3
    assert await written(counter) == (0, 0, 0, 0)
    assert [await save(counter.database, [one]) for one in changes] == [[True], [False], [True]]
    assert await statuses(counter, ids) == [CAPTURED, AUTHORIZED, CAPTURED]
    assert await written(counter) == (4, 4, 8, 2)


async def test_one_that_was_only_touched_meanwhile_holds_nobody_back(counter):
    ids = sorted(await authorized(counter, 3))
    changes = await changes_of(counter, ids, counter.till.clock.now())
    async with held(counter, TOUCH, ids[0]):
        saving = asyncio.create_task(save(counter.database, changes[::-1]))
        await eventually(lambda: counter.database.fetchval(WAITING))
        # Locks are taken in key order: whoever waits for the first has none of the others.
        assert len(await counter.database.fetch(LOCKABLE, ids[1:])) == 2

    assert await saving == [True] * 3
    assert await statuses(counter, ids) == [CAPTURED] * 3
    assert await written(counter) == (6, 6, 12, 3)


async def test_of_two_changes_of_one_payment_one_is_written(counter):
    ids = await authorized(counter, 2)
    now = counter.till.clock.now()
    changes = [await changes_of(counter, [payment_id], now) for payment_id in (*ids, ids[0])]
    assert sum(await save(counter.database, [change for (change,) in changes])) == 2
    assert await written(counter) == (4, 4, 8, 2)


async def test_whoever_is_overtaken_is_read_again_and_the_others_go_on_alone(counter):
    ids = await authorized(counter, 3)
    async with held(counter, OVERTAKE, ids[1]):
        capturing = asyncio.gather(*map(counter.capture, ids))
        await eventually(lambda: counter.database.fetchval(WAITING))
        assert await statuses(counter, ids) == [AUTHORIZED] * 3

    assert [payment.status for payment in await capturing] == [CAPTURED] * 3
    assert await counter.database.fetchval("select reason from payments where id = $1", ids[1])
    assert await written(counter) == (6, 6, 12, 3)
    await counter.must_balance(3000)


async def test_one_that_cannot_be_written_fails_alone(counter):
    ids = await authorized(counter, 3)
    await counter.database.execute(
        "insert into ledger_transfers (id, kind, reference, payment_id, order_id)"
        " select gen_random_uuid(), 'capture', order_id, payment_id, order_id"
        "   from allocations where payment_id = $1 limit 1",
        ids[1],
    )
    ends = await asyncio.gather(*map(counter.capture, ids), return_exceptions=True)

    assert [end.status for end in ends[::2]] == [CAPTURED] * 2
    assert isinstance(ends[1], asyncpg.UniqueViolationError)
    assert await statuses(counter, ids) == [CAPTURED, AUTHORIZED, CAPTURED]
    assert await written(counter) == (4, 5, 8, 2)
    assert sum((await counter.balances()).values()) == 0


async def test_what_staff_capture_is_recorded_each_by_itself(counter):
    ids = await authorized(counter, 3)
    requests = [CapturePaymentRequest(payment_id=payment_id) for payment_id in ids]
    with by(ADMIN):
        await asyncio.gather(*map(counter.client.capture_payment, requests))
    recorded = "select count(*) from audit where actor_id = $1"
    assert await counter.database.fetchval(recorded, ADMIN.user_id) == 3
