"""Webhooks: signed, recent, counted once, in any order; and sent until they are heard."""

import asyncio
import random

import msgspec
import pytest

from souk.contracts.payments import (
    AnswerChallengeRequest,
    HandleWebhookRequest,
    PaymentAuthorized,
    PaymentFailed,
    PaymentStatus,
    ProviderUnknown,
    WebhookRefused,
)
from souk.kernel.clock import FixedClock, SystemClock
from souk.kernel.failpoints import FailpointError, armed
from souk.kernel.ids import new_id
from souk.services.payments.providers.sandbox.signatures import Signer, WebhookBody, derived_key
from tests.services.payments.counter import NOBODY, Counter, by, purchase
from tests.support.hosting import SECRET, hosted
from tests.support.waiting import eventually

KEY = derived_key(SECRET, "webhooks")


def told(key, *, kind="charge.authorized", id_=""):
    return msgspec.json.encode(
        WebhookBody(
            id=id_ or new_id(), type=kind, key=key, reference=new_id(), created_at="2026-01-01"
        )
    )


def signed(body, clock=None, key=KEY):
    return Signer(key, clock or SystemClock()).headers_for(body)


async def answer(counter, payment, *, approve):
    with by(NOBODY):
        challenge_id = payment.next_action.url.rpartition("/")[2]
        return await counter.client.answer_challenge(
            AnswerChallengeRequest(challenge_id=challenge_id, approve=approve)
        )


async def send(counter):
    await counter.database.execute("update sandbox.webhooks set send_at = now()")
    await counter.host.run_job("sandbox.webhooks")


async def waiting(counter):
    return await counter.database.fetchval(
        "select count(*) from sandbox.webhooks where delivered_at is null"
    )


@pytest.mark.parametrize(
    ("approve", "status", "event"),
    [
        (True, PaymentStatus.AUTHORIZED, PaymentAuthorized),
        (False, PaymentStatus.DECLINED, PaymentFailed),
    ],
)
async def test_the_shoppers_decision_arrives_by_webhook_and_is_told(street, approve, status, event):
    counter, _ = street
    request = purchase(method="challenge")
    payment = await counter.pay(request)

    await answer(counter, payment, approve=approve)
    await send(counter)

    found = await counter.database.fetchval("select status from payments")
    assert found == status
    (heard,) = await counter.host.published(event)
    assert (heard.payment_id, heard.checkout_id) == (payment.id, request.checkout_id)
    assert await waiting(counter) == 0


async def test_a_webhook_that_was_not_heard_is_sent_again(street):
    counter, entrance = street
    payment = await counter.pay(purchase(method="challenge"))
    await answer(counter, payment, approve=True)
    entrance.refuses = 2

    for left in (1, 1, 0):
        await send(counter)
        assert await waiting(counter) == left

    assert len(entrance.taken) == 1
    assert len(await counter.host.published(PaymentAuthorized)) == 1


async def test_a_shop_that_is_away_loses_nothing(servers):
    async with hosted("payments", servers, public_url="http://127.0.0.1:9") as host:
        counter = Counter(host)
        payment = await counter.pay(purchase(method="challenge"))
        await answer(counter, payment, approve=True)
        await send(counter)
        assert await waiting(counter) == 1


async def test_the_same_webhook_again_and_again_counts_once(street):
    counter, entrance = street
    payment = await counter.pay(purchase(method="challenge"))
    await answer(counter, payment, approve=True)
    await send(counter)
    ((body, headers),) = entrance.taken

    await asyncio.gather(*(counter.webhook(body, headers) for _ in range(20)))

    assert await counter.database.fetchval("select count(*) from webhooks") == 1
    assert len(await counter.host.published(PaymentAuthorized)) == 1


async def test_shuffled_and_lying_webhooks_change_nothing_that_is_not_so(counter):
    request = purchase(method="challenge")
    payment = await counter.pay(request)
    await answer(counter, payment, approve=True)
    kinds = ["charge.declined", "charge.authorized", "charge.captured", "charge.voided"] * 5
    random.Random(7).shuffle(kinds)

    for kind in kinds:
        body = told(payment.id, kind=kind)
        await counter.webhook(body, signed(body))

    assert (await counter.look(request)).status is PaymentStatus.AUTHORIZED
    assert len(await counter.host.published(PaymentAuthorized)) == 1
    assert await counter.host.published(PaymentFailed) == []


async def test_a_webhook_for_a_checkout_that_has_ended_lets_the_money_go(counter):
    request = purchase()
    with (
        armed("payments.authorize.before", "sleep:0.3"),
        armed("payments.authorize.between", "error*1"),
    ):
        asking = asyncio.create_task(counter.pay(request))
        await eventually(counter.is_open)
        await counter.void(request.checkout_id)
        with pytest.raises(FailpointError):
            await asking
    payment_id = await counter.database.fetchval("select id from payments")
    body = told(payment_id)

    await counter.webhook(body, signed(body))

    assert await counter.charges() == [("voided", 0, 0)]


async def test_a_crash_between_the_inbox_and_the_look_is_made_good_by_the_job(counter):
    payment = await counter.pay(purchase(method="challenge"))
    await answer(counter, payment, approve=True)
    body = told(payment.id)
    with armed("payments.webhook.between", "error*1"), pytest.raises(FailpointError):
        await counter.webhook(body, signed(body))

    await counter.host.run_job("payments.check")

    assert len(await counter.host.published(PaymentAuthorized)) == 1


async def test_a_webhook_about_nothing_of_ours_is_taken_and_forgotten(counter):
    for key in (new_id(), "another-shops-order-7"):
        body = told(key)
        await counter.webhook(body, signed(body))
    assert await counter.database.fetchval("select count(*) from webhooks") == 2


def _stale(body):
    return signed(body, FixedClock(SystemClock().now().replace(year=2020)))


def _of_the_future(body):
    return signed(body, FixedClock(SystemClock().now().replace(year=2099)))


def _moved(body):
    moment, _, mark = signed(body)["souk-signature"].partition(",")
    return {"souk-signature": f"t={int(moment[2:]) + 1},{mark}"}


@pytest.mark.parametrize(
    "forge",
    [
        lambda body: {},
        lambda body: {"souk-signature": "t=1,v1=00"},
        lambda body: {"souk-signature": signed(body)["souk-signature"][:-1] + "g"},
        lambda body: signed(body + b" "),
        lambda body: signed(body, key=derived_key("another secret", "webhooks")),
        lambda body: signed(body, key=derived_key(SECRET, "challenges")),
        _stale,
        _of_the_future,
        _moved,
    ],
    ids=["none", "short", "malformed", "other body", "other secret", "other purpose", "stale",
         "future", "time changed"],
)  # fmt: skip
async def test_a_forged_or_stale_webhook_is_refused_and_leaves_no_trace(counter, forge):
    body = told(new_id())
    with pytest.raises(WebhookRefused):
        await counter.webhook(body, forge(body))
    assert await counter.database.fetchval("select count(*) from webhooks") == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"id": 7}', b"\xff\xfe"], ids=repr)
async def test_a_signed_body_that_is_none_is_refused(counter, body):
    with pytest.raises(WebhookRefused):
        await counter.webhook(body, signed(body))


async def test_a_provider_that_does_not_exist_is_named(counter):
    with by(NOBODY), pytest.raises(ProviderUnknown):
        await counter.client.handle_webhook(HandleWebhookRequest(provider="nobody", body=b"{}"))


async def test_old_webhooks_are_forgotten(counter):
    body = told(new_id())
    await counter.webhook(body, signed(body))
    await counter.host.run_job("payments.webhooks")
    assert await counter.database.fetchval("select count(*) from webhooks") == 1
    await counter.database.execute("update webhooks set received_at = now() - interval '31 days'")
    await counter.host.run_job("payments.webhooks")
    assert await counter.database.fetchval("select count(*) from webhooks") == 0
