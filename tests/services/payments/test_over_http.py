"""The doors that strangers use, through the real gateway: challenge page and webhook."""

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from souk.contracts.payments import PaymentAuthorized, PaymentService
from souk.gateway.app import Gateway
from souk.gateway.headers import digest
from souk.kernel.clock import SystemClock
from souk.kernel.ids import new_id
from souk.services.payments.providers.sandbox.page import SCRIPT
from souk.services.payments.providers.sandbox.signatures import Signer, WebhookBody, derived_key
from tests.services.payments.counter import purchase
from tests.support.hosting import SECRET

WEBHOOK = "/api/v1/payments/sandbox/webhook"


@pytest.fixture
async def http(counter) -> AsyncIterator[httpx.AsyncClient]:
    process = counter.host.process
    gateway = Gateway(
        PaymentService.METHODS,
        process.switchboard,
        settings=process.settings,
        verifier=process.verifier,
        limiter=process.limiter,
        ready=process.ready,
    )
    transport = httpx.ASGITransport(gateway, client=("203.0.113.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://souk") as client:
        yield client


def webhook_about(key):
    body = msgspec.json.encode(
        WebhookBody(
            id=new_id(), type="charge.authorized", key=key, reference="r", created_at="2026-01-01"
        )
    )
    signer = Signer(derived_key(SECRET, "webhooks"), SystemClock())
    return body, {"content-type": "application/json", **signer.headers_for(body)}


async def test_a_shopper_approves_on_the_page_and_the_webhook_tells_the_shop(counter, http):
    request = purchase(method="challenge")
    payment = await counter.pay(request)
    path = "/api" + payment.next_action.url.partition("/api")[2]

    page = await http.get(path)
    answer = await http.post(path, json={"approve": True})
    body, headers = webhook_about(payment.id)
    heard = await http.post(WEBHOOK, content=body, headers=headers)

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert digest(SCRIPT.encode()) in page.headers["content-security-policy"]
    assert (answer.status_code, answer.json()) == (200, {"status": "authorized"})
    assert heard.status_code == 204
    (told,) = await counter.host.published(PaymentAuthorized)
    assert told.checkout_id == request.checkout_id


@pytest.mark.parametrize("spoil", [lambda body: body + b"\n", lambda body: body[:-1], bytes.upper])
async def test_a_webhook_changed_by_one_byte_is_refused(counter, http, spoil):
    body, headers = webhook_about(new_id())
    answer = await http.post(WEBHOOK, content=spoil(body), headers=headers)
    assert answer.status_code == 401
    assert answer.json()["code"] == "WebhookRefused"


async def test_an_answer_without_a_decision_is_no_answer(counter, http):
    payment = await counter.pay(purchase(method="challenge"))
    path = "/api" + payment.next_action.url.partition("/api")[2]
    for body in ({}, {"approve": "yes"}, {"approve": True, "tip": 1}):
        assert (await http.post(path, json=body)).status_code == 422
    assert await counter.charges() == [("requires_action", 0, 0)]


async def test_a_challenge_that_does_not_exist_is_a_problem_document(http):
    answer = await http.get("/api/v1/payments/sandbox/challenges/" + "A" * 43)
    assert answer.status_code == 404
    assert answer.json()["code"] == "ChallengeNotFound"
