"""The ledger: escrow filled, released and returned, every transfer balanced, nothing rewritten."""

from contextlib import suppress

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.contracts.orders import OrderDelivered
from souk.contracts.payments import (
    EscrowReleased,
    EscrowStatus,
    GetLedgerRequest,
    ListTransfersRequest,
    PaymentNotCapturable,
    RefundTooLarge,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed
from tests.services.payments.counter import ADMIN, by, part, purchase, shopper, usd


async def deliver(counter, request, order=0):
    allocation = request.allocations[order]
    await counter.host.deliver(
        OrderDelivered(
            order_id=allocation.order_id,
            shop_id=allocation.shop_id,
            checkout_id=request.checkout_id,
        )
    )


async def test_a_delivered_order_is_shared_out_between_seller_platform_and_tax_office(instant):
    _, request = await instant.paid(part(1300, shipping=200, tax=100))
    (allocation,) = request.allocations

    await deliver(instant, request)
    await deliver(instant, request)

    assert await instant.balances() == {
        "provider:sandbox": -1300,
        f"escrow:{allocation.order_id}": 0,
        f"seller:{allocation.shop_id}": 900,
        "platform:commission": 100,
        "platform:shipping": 200,
        "tax:collected": 100,
    }
    (told,) = await instant.host.published(EscrowReleased)
    assert (told.order_id, told.shop_id) == (allocation.order_id, allocation.shop_id)
    assert (await instant.look(request)).escrow is EscrowStatus.RELEASED


async def test_the_window_is_waited_for_and_then_the_job_releases(counter):
    _, request = await counter.paid(part(1000), part(500))
    await deliver(counter, request)

    await counter.host.run_job("payments.escrow")
    assert (await counter.look(request)).escrow is EscrowStatus.HELD
    await counter.database.execute(
        "update allocations set release_at = release_at - interval '7 days'"
    )
    await counter.host.run_job("payments.escrow")
    await counter.host.run_job("payments.escrow")

    assert (await counter.look(request)).escrow is EscrowStatus.PARTIALLY_RELEASED
    assert len(await counter.host.published(EscrowReleased)) == 1
    await counter.must_balance(1500)


async def test_an_order_delivered_before_its_capture_is_released_after_it(instant):
    request = purchase()
    payment = await instant.pay(request)
    await deliver(instant, request)
    assert (await instant.look(request)).escrow is EscrowStatus.NONE

    await instant.capture(payment.id)
    await instant.host.run_job("payments.escrow")

    assert (await instant.look(request)).escrow is EscrowStatus.RELEASED


async def test_what_was_refunded_before_is_not_shared_out(instant):
    _, request = await instant.paid(part(1300, shipping=200, tax=100))
    await instant.refund(request, 650)

    await deliver(instant, request)

    balances = await instant.balances()
    assert balances[f"seller:{request.allocations[0].shop_id}"] == 450
    assert balances["platform:commission"] == 50
    assert balances["platform:shipping"] == 100
    assert balances["tax:collected"] == 50
    await instant.must_balance(650)


async def test_an_order_refunded_in_full_is_never_released(instant):
    _, request = await instant.paid()
    await instant.refund(request, None)
    await deliver(instant, request)
    assert (await instant.look(request)).escrow is EscrowStatus.REFUNDED
    assert await instant.host.published(EscrowReleased) == []


async def test_a_refund_after_the_release_is_borne_in_proportion_and_in_full_by_all(instant):
    _, request = await instant.paid(part(1300, shipping=200, tax=100))
    await deliver(instant, request)

    await instant.refund(request, 130)
    partly = await instant.balances()
    await instant.refund(request, None)
    fully = await instant.balances()

    assert partly[f"seller:{request.allocations[0].shop_id}"] == 810
    assert partly["platform:commission"] == 90
    assert partly["tax:collected"] == 90
    assert set(fully.values()) == {0}
    await instant.must_balance(0)


steps = st.lists(
    st.tuples(
        st.sampled_from(["capture", "refund", "refund", "refund", "release", "void"]),
        st.integers(0, 1),
        st.one_of(st.none(), st.integers(1, 900)),
    ),
    max_size=12,
)
amounts = st.tuples(st.integers(0, 997), st.integers(0, 331), st.integers(0, 113))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(goods=st.lists(amounts, min_size=2, max_size=2), steps=steps)
async def test_whatever_happens_in_whatever_order_the_books_agree(instant, goods, steps):
    parts = [part(g + s + t, shipping=s, tax=t) for g, s, t in goods]
    request = purchase(*parts)
    await instant.pay(request)
    before = (await instant.books()).provider

    for step, order, amount in steps:
        await _do(instant, request, step, order, amount)

        books = await instant.books()
        taken = books.provider - before
        await instant.must_balance(books.provider)
        held = await instant.balances()
        for each in parts:
            shares = held.get(f"seller:{each.shop_id}", 0), held.get(f"escrow:{each.order_id}", 0)
            assert all(0 <= share <= each.total.amount for share in shares)
        assert 0 <= taken <= request.amount.amount


async def _do(counter, request, step, order, amount):
    if step == "capture":
        with suppress(PaymentNotCapturable):
            await counter.capture((await counter.look(request)).id)
    elif step == "refund":
        with suppress(RefundTooLarge):
            await counter.refund(request, amount, order=order)
    elif step == "release":
        await deliver(counter, request, order)
        await counter.host.run_job("payments.escrow")
    else:
        await counter.void(request.checkout_id)


async def test_a_transfer_that_does_not_sum_to_zero_is_refused_by_the_database(counter):
    await counter.paid()
    insert = """
        with t as (insert into ledger_transfers (id, kind, reference, payment_id, order_id)
                   values ($1, 'capture', $2, $2, $2) returning id)
        insert into ledger_entries (transfer_id, account, currency, amount)
        select id, account, 'USD', amount from t, (values ('provider:sandbox', -5),
               ('platform:commission', $3::int)) as e (account, amount)
    """
    await counter.database.execute(
        "insert into ledger_accounts (name, currency) values ('platform:commission', 'USD')"
    )
    await counter.database.execute(insert, new_id(), new_id(), 5)
    with pytest.raises(asyncpg.CheckViolationError, match="sum to zero"):
        await counter.database.execute(insert, new_id(), new_id(), 4)


@pytest.mark.parametrize("table", ["ledger_accounts", "ledger_transfers", "ledger_entries"])
async def test_nothing_in_the_ledger_is_rewritten(counter, table):
    await counter.paid()
    for statement in (f"delete from {table}", f"truncate {table} cascade"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await counter.database.execute(statement)
    column = {"ledger_accounts": "name", "ledger_transfers": "kind"}.get(table, "amount")
    with pytest.raises(asyncpg.RestrictViolationError):
        await counter.database.execute(f"update {table} set {column} = {column}")


async def test_operators_read_balances_and_transfers(instant):
    payment, request = await instant.paid(part(1300, shipping=200, tax=100))
    await deliver(instant, request)
    await instant.refund(request, 130)
    await instant.paid(part(999))

    with by(ADMIN):
        ledger = await instant.client.get_ledger(GetLedgerRequest())
        escrow = await instant.client.get_ledger(GetLedgerRequest(kind="escrow"))
        page = await instant.client.list_transfers(ListTransfersRequest(payment_id=payment.id))
        newest = await instant.client.list_transfers(ListTransfersRequest(page_size=1))

    assert ledger.sums == (usd(0),)
    assert ledger.items[0].account == "provider:sandbox"
    assert ledger.items[0].balance == usd(-2169)
    assert [item.balance for item in escrow.items] == [usd(999), usd(0)]
    assert escrow.sums == (usd(0),)
    assert [item.kind for item in page.items] == ["payback", "refund", "release", "capture"]
    assert all(sum(e.amount.amount for e in item.entries) == 0 for item in page.items)
    assert newest.items[0].payment_id != payment.id


async def test_nobody_else_reads_the_ledger(counter):
    with by(shopper()), pytest.raises(NotAllowed):
        await counter.client.get_ledger(GetLedgerRequest())
    with by(shopper()), pytest.raises(NotAllowed):
        await counter.client.list_transfers(ListTransfersRequest())
