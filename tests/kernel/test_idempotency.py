"""One effect and one answer for each key, however often and wherever it arrives."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from msgspec import Struct

from souk.kernel import idempotency
from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.database import Database, Transaction
from souk.kernel.failpoints import EXIT_STATUS, FailpointError, armed
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.refusals import IdempotencyKeyInFlight, IdempotencyKeyReused, Refusal

MakeUrl = Callable[[str], Awaitable[str]]
PAY_AND_DIE = """
import asyncio, sys
from tests.kernel.test_idempotency import pay_in_this_process
asyncio.run(pay_in_this_process(sys.argv[1]))
"""
TABLE = "create table payments (id uuid primary key, order_id text not null, amount bigint)"


class Pay(Struct, frozen=True, kw_only=True):
    order_id: str
    amount: int = 100


class Paid(Struct, frozen=True, kw_only=True):
    payment_id: str
    order_id: str
    total: Money
    paid_at: datetime


class Broke(Refusal):
    pass


class Payments:
    """What `once` is asked to do; says how often it was done."""

    def __init__(self) -> None:
        self.begun = 0
        self._begins = asyncio.Queue[None]()

    async def under_way(self, times: int = 1) -> None:
        async with asyncio.timeout(10):
            for _ in range(times):
                await self._begins.get()

    async def pay(self, tx: Transaction, request: Pay) -> Paid:
        self.begun += 1
        self._begins.put_nowait(None)
        payment_id = new_id()
        await tx.execute(
            "insert into payments values ($1, $2, $3)",
            *(payment_id, request.order_id, request.amount),
        )
        return Paid(
            payment_id=payment_id,
            order_id=request.order_id,
            total=Money(request.amount, "USD"),
            paid_at=datetime(2026, 5, 1, 12, 30, 15, 123456, tzinfo=UTC),
        )

    async def pay_slowly(self, tx: Transaction, request: Pay) -> Paid:
        paid = await self.pay(tx, request)
        await asyncio.sleep(0.3)
        return paid


@pytest.fixture
async def url(service_url: MakeUrl) -> str:
    return await service_url("kernel_only")


@pytest.fixture
async def two(url: str):
    """Two Databases on one database, as two processes have them, with small pools."""
    first = await Database.connect(url, "first", size_max=5)
    second = await Database.connect(url, "second", size_max=5)
    await first.execute(TABLE)
    yield first, second
    await first.close()
    await second.close()


@pytest.fixture
def payments() -> Payments:
    return Payments()


def sent(key: str, *, by: str = "ann", seconds: float = 30) -> acting:
    return acting(Call(caller=Caller(user_id=by), idempotency_key=key, deadline=within(seconds)))


async def number_paid(database: Database) -> int:
    number: int = await database.fetchval("select count(*) from payments")
    return number


async def test_fifty_copies_of_a_hundred_keys_have_a_hundred_effects(two, payments: Payments):
    async def send(database: Database, key: int) -> Paid:
        request = Pay(order_id=f"order-{key}")
        with sent(f"key-{key}"):
            return await database.once(Paid, request, payments.pay, request)

    answers = await asyncio.gather(
        *(send(two[copy % 2], key) for copy in range(50) for key in range(100))
    )

    assert len(answers) == 5000
    assert await number_paid(two[0]) == 100
    assert len(set(answers)) == 100
    rows = await two[0].fetch("select id, order_id from payments")
    assert {(a.payment_id, a.order_id) for a in answers} == {tuple(row) for row in rows}


async def test_a_copy_that_comes_later_gets_the_first_answer(two, payments: Payments):
    request = Pay(order_id="1")
    with sent("key"):
        first = await two[0].once(Paid, request, payments.pay, request)

        assert await two[0].once(Paid, request, payments.pay, request) == first
        assert await two[1].once(Paid, request, payments.pay, request) == first

    assert payments.begun == 1


async def test_a_changed_request_under_the_same_key_is_refused(two, payments: Payments):
    request, changed = Pay(order_id="1"), Pay(order_id="1", amount=99)
    with sent("key"):
        await two[0].once(Paid, request, payments.pay, request)

        for database in two:
            with pytest.raises(IdempotencyKeyReused):
                await database.once(Paid, changed, payments.pay, changed)

    assert await number_paid(two[0]) == 1


async def test_a_changed_request_is_refused_while_the_first_still_runs(two, payments: Payments):
    request, changed = Pay(order_id="1"), Pay(order_id="1", amount=99)
    with sent("key"):
        outcomes = await asyncio.gather(
            two[0].once(Paid, request, payments.pay_slowly, request),
            two[0].once(Paid, changed, payments.pay_slowly, changed),
            return_exceptions=True,
        )

    assert [type(outcome) for outcome in outcomes] == [Paid, IdempotencyKeyReused]
    assert await number_paid(two[0]) == 1


async def test_without_a_key_every_request_has_its_effect(two, payments: Payments):
    request = Pay(order_id="1")
    first = await two[0].once(Paid, request, payments.pay, request)
    second = await two[0].once(Paid, request, payments.pay, request)

    assert first.payment_id != second.payment_id
    assert await two[0].fetchval("select count(*) from idempotency_keys") == 0


async def test_the_same_key_of_another_caller_is_another_key(two, payments: Payments):
    request = Pay(order_id="1")
    with sent("key", by="ann"):
        hers = await two[0].once(Paid, request, payments.pay, request)
    with sent("key", by="bob"):
        his = await two[0].once(Paid, request, payments.pay, request)

    assert hers != his
    assert await number_paid(two[0]) == 2


async def test_a_refusal_is_not_stored_and_frees_the_key(two, payments: Payments):
    request = Pay(order_id="1")

    async def refuse(tx: Transaction) -> Paid:
        await payments.pay(tx, request)
        raise Broke

    with sent("key"):
        with pytest.raises(Broke):
            await two[0].once(Paid, request, refuse)
        assert await number_paid(two[0]) == 0

        assert await two[1].once(Paid, request, payments.pay, request)

    assert await number_paid(two[0]) == 1


async def test_copies_of_a_refused_request_are_each_refused(two):
    request = Pay(order_id="1")
    begun: list[int] = []

    async def refuse(_tx: Transaction) -> Paid:
        begun.append(1)
        await asyncio.sleep(0)
        raise Broke

    with sent("key"):
        outcomes = await asyncio.gather(
            *(two[copy % 2].once(Paid, request, refuse) for copy in range(10)),
            return_exceptions=True,
        )

    assert {type(outcome) for outcome in outcomes} == {Broke}
    assert len(begun) == 10


@pytest.mark.parametrize("other", [0, 1], ids=["in this process", "in another one"])
async def test_a_copy_that_may_not_wait_any_longer_is_told_so(two, payments: Payments, other: int):
    request = Pay(order_id="1")
    with sent("key"):
        first = asyncio.create_task(two[0].once(Paid, request, payments.pay_slowly, request))
        await payments.under_way()
    with sent("key", seconds=0.1), pytest.raises(IdempotencyKeyInFlight):
        await two[other].once(Paid, request, payments.pay_slowly, request)

    paid = await first
    with sent("key"):
        assert await two[other].once(Paid, request, payments.pay_slowly, request) == paid
    assert payments.begun == 1


async def test_copies_that_wait_for_another_process_leave_the_pool_to_others(
    two, payments: Payments
):
    requests = [Pay(order_id=str(number)) for number in range(5)]

    async def send(database: Database, request: Pay) -> Paid:
        with sent(f"key-{request.order_id}"):
            return await database.once(Paid, request, payments.pay_slowly, request)

    first = [asyncio.create_task(send(two[0], request)) for request in requests]
    await payments.under_way(5)
    copies = [asyncio.create_task(send(two[1], request)) for request in requests * 10]
    await asyncio.sleep(0.05)
    with acting(Call(deadline=within(0.15))):
        assert await two[1].fetchval("select 1") == 1
    assert two[1].pool_use.waiting == 0

    answers = await asyncio.gather(*copies)
    assert set(answers) == set(await asyncio.gather(*first))
    assert payments.begun == 5


async def test_a_claim_that_looked_too_early_is_made_again(
    two, payments: Payments, monkeypatch: pytest.MonkeyPatch
):
    # As if every copy got the lock just after the one before it, having looked just before.
    unlocked = idempotency.CLAIM.replace("pg_try_advisory_xact_lock", "always_granted")
    await two[0].execute("create function always_granted(bigint) returns boolean return true")
    monkeypatch.setattr(idempotency, "CLAIM", unlocked)
    request = Pay(order_id="1")

    with sent("key"):
        answers = await asyncio.gather(
            *(database.once(Paid, request, payments.pay_slowly, request) for database in two)
        )

    assert payments.begun == 2
    assert answers[0] == answers[1]
    assert await two[0].fetch("select id from payments") == [(answers[0].payment_id,)]


async def test_copies_of_a_request_whose_sender_left_are_still_answered(two, payments: Payments):
    request = Pay(order_id="1")
    with sent("key"):
        first = asyncio.create_task(two[0].once(Paid, request, payments.pay_slowly, request))
        copies = [
            asyncio.create_task(two[copy % 2].once(Paid, request, payments.pay_slowly, request))
            for copy in range(6)
        ]
        await payments.under_way()
        first.cancel()

    answers = await asyncio.gather(*copies)

    assert len(set(answers)) == 1
    assert await number_paid(two[0]) == 1


async def test_a_failure_between_effect_and_commit_leaves_nothing(two, payments: Payments):
    request = Pay(order_id="1")
    with sent("key"):
        with armed(f"database.{two[0].name}.commit.before", "error"), pytest.raises(FailpointError):
            await two[0].once(Paid, request, payments.pay, request)
        assert await number_paid(two[0]) == 0

        await two[1].once(Paid, request, payments.pay, request)

    assert await number_paid(two[0]) == 1


@pytest.mark.parametrize(("place", "left"), [("before", 0), ("after", 1)])
async def test_a_killed_process_leaves_all_or_nothing(
    url: str, two, payments: Payments, place: str, left: int
):
    died = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PAY_AND_DIE, url),
        env={**os.environ, "SOUK_FAILPOINTS": f"database.dying.commit.{place}=exit"},
    )
    assert await died.wait() == EXIT_STATUS
    assert await number_paid(two[0]) == left

    request = Pay(order_id="1")
    with sent("key"):
        paid = await two[0].once(Paid, request, payments.pay, request)

    assert await two[0].fetch("select id from payments") == [(paid.payment_id,)]
    assert payments.begun == 1 - left


async def pay_in_this_process(url: str) -> None:
    database = await Database.connect(url, "dying", size_max=1)
    request = Pay(order_id="1")
    with sent("key"):
        await database.once(Paid, request, Payments().pay, request)
