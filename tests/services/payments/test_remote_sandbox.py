"""A provider outside Souk: whatever its line does, its book, payments and the ledger agree."""

import httpx
import pytest

from souk.contracts.payments import (
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentStatus,
    RefundStatus,
)
from tests.faults.bank import banking
from tests.services.payments.counter import ORDERS, Counter, by, door, purchase, usd
from tests.support.hosting import SECRET, hosted
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
async def far(servers, tmp_path_factory):
    """Payments with their provider in another process; the bank, and where its webhooks arrive."""
    book = tmp_path_factory.mktemp("bank") / "book.sqlite"
    async with (
        door() as entrance,
        banking(book, secret=SECRET, shop=entrance.url) as bank,
        hosted("payments", servers, sandbox_url=bank.url) as host,
    ):
        entrance.counter = Counter(host)
        yield entrance.counter, bank, entrance


@pytest.fixture
async def counter(far):
    counter, bank, entrance = far
    entrance.reset()
    await bank.mood()
    return counter


@pytest.fixture
def bank(far):
    return far[1]


def charged(bank, payment_id):
    return [charge for charge in bank.charges() if charge.key == payment_id]


async def must_agree(counter, bank, payment_id):
    kept = await counter.database.fetchval(
        "select captured_amount - refunded_amount from payments where id = $1", payment_id
    )
    held = await counter.database.fetchval(
        "select -sum(amount)::bigint from ledger_entries join ledger_transfers t"
        " on t.id = transfer_id where account like 'provider:%' and payment_id = $1",
        payment_id,
    )
    taken = sum(charge.captured - charge.refunded for charge in charged(bank, payment_id))
    assert (taken, kept) == (kept, held)


async def test_money_is_authorized_captured_and_given_back(counter, bank):
    payment, request = await counter.paid()

    refund = await counter.refund(request, 400)

    assert refund.status is RefundStatus.DONE
    (charge,) = charged(bank, payment.id)
    assert (charge.state, charge.captured, charge.refunded) == ("captured", 1000, 400)
    await must_agree(counter, bank, payment.id)


@pytest.mark.parametrize("mood", ["lose", "fail"])
async def test_an_answer_lost_after_the_deed_is_looked_up_and_never_asked_for_twice(
    counter, bank, mood
):
    request = purchase()
    await bank.mood(**{mood: 1.0})
    with pytest.raises(PaymentOutcomeUnknown):
        await counter.pay(request)
    await bank.mood()
    payment = await counter.pay(request)
    await bank.mood(**{mood: 1.0})
    with pytest.raises(PaymentOutcomeUnknown):
        await counter.capture(payment.id)
    await bank.mood()
    await counter.capture(payment.id)

    assert [charge.captured for charge in charged(bank, payment.id)] == [1000]
    assert (await bank.fired())[mood] >= 2
    await must_agree(counter, bank, payment.id)


async def test_an_answer_that_is_later_than_one_waits_is_found_in_the_book(counter, bank):
    request = purchase()
    await bank.mood(late=1.0, late_seconds=4)
    with by(ORDERS, seconds=0.2), pytest.raises(PaymentOutcomeUnknown):
        await counter.client.process_payment(request)

    await bank.mood()
    payment = await counter.pay(request)

    assert payment.status is PaymentStatus.AUTHORIZED
    assert len(charged(bank, payment.id)) == 1


async def test_a_provider_that_is_away_leaves_the_outcome_open_until_it_is_back(counter, bank, far):
    await bank.kill()
    request = purchase()
    with pytest.raises(PaymentOutcomeUnknown):
        await counter.pay(request)

    await bank.open(shop=far[2].url)

    assert (await counter.pay(request)).status is PaymentStatus.AUTHORIZED


async def test_a_decline_is_an_answer(counter, bank):
    with pytest.raises(PaymentDeclined) as declined:
        await counter.pay(purchase(method="decline"))
    assert declined.value.reason == "the card was declined"


@pytest.mark.parametrize("webhooks", ["once", "thrice", "shuffled"])
async def test_a_challenge_is_decided_there_and_heard_of_once(counter, bank, far, webhooks):
    await bank.mood(webhooks=webhooks)
    request = purchase(method="challenge")
    payment = await counter.pay(request)
    assert payment.status is PaymentStatus.REQUIRES_ACTION

    await bank.answer_challenge(payment.next_action.url, approve=True)

    async def is_known():
        rows = await counter.database.fetch("select status from payments where id = $1", payment.id)
        return rows[0]["status"] == "authorized"

    await eventually(is_known)
    expected = 3 if webhooks == "thrice" else 1

    async def all_told():
        return sum(payment.id.encode() in body for body, _ in far[2].taken) == expected

    await eventually(all_told)


async def test_more_than_was_taken_is_not_given_back(counter, bank):
    payment, _ = await counter.paid()
    async with httpx.AsyncClient(base_url=bank.url) as asked:
        body = {"refund_key": "a", "amount": 600}
        answers = [await asked.post(f"/charges/{payment.id}/refunds", json=body) for _ in "12"]
        more = await asked.post(
            f"/charges/{payment.id}/refunds", json={"refund_key": "b", "amount": 401}
        )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert more.status_code == 409
    assert [charge.refunded for charge in charged(bank, payment.id)] == [600]
    assert usd(1000) == payment.captured
