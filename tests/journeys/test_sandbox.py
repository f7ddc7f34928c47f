"""Every behaviour of the sandbox provider ends right: money, stock and ledger balanced."""

import httpx
import pytest

from souk.contracts.api import Role
from souk.kernel.ids import new_id
from tests.journeys.people import Person, opened_shop, with_role
from tests.support.stack import running
from tests.support.waiting import eventually

STOCK = 5


async def ready_to_pay(http):
    shop = await opened_shop(http)
    product = await shop.product(STOCK)
    ada = await Person(http).register()
    await ada.add(product["variants"][0]["id"])
    return shop, product, ada


async def settles_at(shop, product, *, sold: int) -> None:
    async def settled():
        stock = await shop.stock(product)
        return (stock["on_hand"], stock["reserved"]) == (STOCK - sold, 0)

    await eventually(settled)


async def ledger_is_balanced(stack, http) -> None:
    admin = await with_role(stack, http, Role.ADMIN)
    ledger = await admin.must(200, "GET", "/payments/ledger")
    assert [balance["amount"] for balance in ledger["sums"]] == [0] * len(ledger["sums"])


PAID = ["approve", "slow", "timeout_then_charged"]
NOT_PAID = ["decline", "insufficient_funds", "timeout_not_charged"]


@pytest.mark.parametrize("method", PAID)
async def test_money_that_was_taken_confirms_the_order(stack, http, method):
    shop, product, ada = await ready_to_pay(http)
    key, body = new_id(), ada.order(method)
    answer = await ada.ask("POST", "/orders", json=body, key=key)
    while answer.status_code in (503, 504):  # not known yet: asking again joins
        answer = await ada.ask("POST", "/orders", json=body, key=key)
    assert answer.status_code == 201, answer.text
    await settles_at(shop, product, sold=1)
    payment_id = answer.json()["checkout"]["payment"]["id"]

    async def captured():
        payment = await ada.must(200, "GET", f"/payments/{payment_id}")
        return payment["captured"] == payment["amount"]

    await eventually(captured)
    await ledger_is_balanced(stack, http)


@pytest.mark.parametrize("method", NOT_PAID)
async def test_money_that_was_not_taken_undoes_everything(stack, http, method):
    shop, product, ada = await ready_to_pay(http)
    key, body = new_id(), ada.order(method)
    answer = await ada.ask("POST", "/orders", json=body, key=key)
    while answer.status_code in (503, 504):
        answer = await ada.ask("POST", "/orders", json=body, key=key)
    assert (answer.status_code, answer.json()["code"]) == (402, "PaymentDeclined")
    await settles_at(shop, product, sold=0)
    assert len((await ada.must(200, "GET", "/cart"))["items"]) == 1
    payments = (await ada.must(200, "GET", "/payments/history"))["items"]
    assert all(payment["captured"]["amount"] == 0 for payment in payments if payment["captured"])
    await ledger_is_balanced(stack, http)


async def parked(http):
    shop, product, ada = await ready_to_pay(http)
    answer = await ada.place("challenge")
    assert answer.status_code == 202, answer.text
    checkout = answer.json()["checkout"]
    assert checkout["status"] == "requires_action"
    action = checkout["payment"]["next_action"]
    assert action["type"] == "redirect"
    return shop, product, ada, checkout["id"], action["url"]


async def ends_as(person, checkout_id, status, seconds=60):
    async def ended():
        found = await person.must(200, "GET", f"/checkouts/{checkout_id}")
        return found["checkout"]["status"] == status

    await eventually(ended, seconds=seconds)


@pytest.mark.parametrize(
    ("approve", "status", "sold"), [(True, "confirmed", 1), (False, "refused", 0)]
)
async def test_a_challenge_ends_as_the_shopper_decides(stack, http, approve, status, sold):
    shop, product, ada, checkout_id, url = await parked(http)
    assert (await shop.stock(product))["reserved"] == 1
    async with httpx.AsyncClient() as browser:
        page = await browser.get(url)
        assert page.headers["content-type"].startswith("text/html")
        assert "Approve" in page.text
        assert "Decline" in page.text
        decided = await browser.post(url, json={"approve": approve})
        assert decided.status_code == 200
    await ends_as(ada, checkout_id, status)
    await settles_at(shop, product, sold=sold)
    await ledger_is_balanced(stack, http)


async def test_a_cart_that_waits_for_payment_is_not_checked_out_twice(http):
    _, _, ada, checkout_id, _ = await parked(http)
    second = await ada.place()
    assert (second.status_code, second.json()["code"]) == (409, "CheckoutInProgress")


async def test_a_forged_webhook_is_refused(http):
    answer = await http.post(
        "/payments/sandbox/webhook", json={"event": "authorized"}, headers={"X-Signature": "no"}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "WebhookRefused")
    assert (await http.post("/payments/nobody/webhook", content=b"{}")).status_code == 422


async def test_a_shopper_who_never_comes_back_loses_the_hold_by_the_deadline():
    """A Souk of its own, where a checkout may wait for a minute only."""
    async with running(checkout_minutes=1, hold_minutes=2) as stack, stack.http() as http:
        shop, product, ada, checkout_id, url = await parked(http)
        await ends_as(ada, checkout_id, "refused", seconds=80)
        await settles_at(shop, product, sold=0)
        async with httpx.AsyncClient() as browser:
            late = await browser.post(url, json={"approve": True})
            assert late.status_code in (200, 404)
            assert late.status_code == 404 or late.json()["status"] != "authorized"
        assert (await ada.place()).status_code == 201
        await ledger_is_balanced(stack, http)
