"""Who sees which payment: its payer, the guest with the token, operators, and nobody else."""

import hashlib

import pytest

from souk.contracts.payments import (
    GetPaymentRequest,
    ListAllPaymentsRequest,
    ListPaymentsRequest,
    ListProvidersRequest,
    LookupPaymentRequest,
    PaymentNotFound,
    PaymentServiceClient,
    PaymentStatus,
    VoidPaymentRequest,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed, Refusal, SignInRequired
from tests.services.payments.counter import ADMIN, NOBODY, SUPPORT, by, purchase, shopper
from tests.support.hosting import Shape, hosted

PAYER, TOKEN = new_id(), "a guest's own secret"
HASH = hashlib.sha256(TOKEN.encode()).hexdigest()
OTHERS = Caller(user_id=new_id(), roles=frozenset({"customer", "seller", "courier"}))

SEEN = [
    ("payer", shopper(PAYER), "", True),
    ("payer", SUPPORT, "", True),
    ("payer", ADMIN, "", True),
    ("payer", OTHERS, "", False),
    ("payer", OTHERS, TOKEN, False),
    ("payer", NOBODY, "", False),
    ("payer", NOBODY, TOKEN, False),
    ("guest", NOBODY, TOKEN, True),
    ("guest", OTHERS, TOKEN, True),
    ("guest", ADMIN, "", True),
    ("guest", NOBODY, "", False),
    ("guest", NOBODY, "another", False),
    ("guest", NOBODY, HASH, False),
    ("guest", OTHERS, "", False),
    ("nobody's", NOBODY, "", False),
    ("nobody's", OTHERS, "", False),
]
OWNERS = {
    "payer": {"payer_id": PAYER},
    "guest": {"payer_id": "", "guest_token_hash": HASH},
    "nobody's": {"payer_id": ""},
}


@pytest.mark.parametrize(("owner", "caller", "token", "sees"), SEEN)
async def test_a_payment_is_seen_by_those_it_concerns(counter, owner, caller, token, sees):
    payment = await counter.pay(purchase(**OWNERS[owner]))
    request = GetPaymentRequest(payment_id=payment.id, cart_token=token)
    with by(caller):
        if sees:
            assert (await counter.client.get_payment(request)).id == payment.id
        else:
            with pytest.raises(PaymentNotFound):
                await counter.client.get_payment(request)


async def test_a_checkout_called_off_before_its_payment_shows_nothing_to_anyone(counter):
    await counter.void(new_id())
    tombstone = await counter.database.fetchval("select id from payments")
    with by(ADMIN), pytest.raises(PaymentNotFound):
        await counter.client.get_payment(GetPaymentRequest(payment_id=tombstone))


async def test_everybody_lists_their_own_payments_newest_first(counter):
    user = new_id()
    mine = [(await counter.pay(purchase(payer_id=user))).id for _ in range(3)]
    await counter.pay(purchase())

    with by(shopper(user)):
        first = await counter.client.list_payments(ListPaymentsRequest(page_size=2))
        second = await counter.client.list_payments(ListPaymentsRequest(page=2, page_size=2))

    assert [item.id for item in (*first.items, *second.items)] == mine[::-1]


@pytest.mark.parametrize(("caller", "refusal"), [(NOBODY, SignInRequired), (ADMIN, NotAllowed)])
async def test_what_services_do_nobody_does_from_outside(counter, caller, refusal):
    inner = [
        counter.client.process_payment(purchase()),
        counter.client.void_payment(VoidPaymentRequest(checkout_id=new_id())),
        counter.client.lookup_payment(LookupPaymentRequest(checkout_id=new_id())),
    ]
    for call in inner:
        with by(caller), pytest.raises(Refusal) as refused:
            await call
        assert isinstance(refused.value, refusal | NotAllowed)


async def test_everybody_sees_what_can_be_chosen(counter):
    with by(NOBODY):
        (sandbox,) = (await counter.client.list_providers(ListProvidersRequest())).items
    assert sandbox.name == "sandbox"
    assert set(sandbox.methods) == {
        "approve",
        "decline",
        "insufficient_funds",
        "challenge",
        "slow",
        "timeout_then_charged",
        "timeout_not_charged",
    }


async def test_the_same_answers_come_over_grpc(servers):
    async with hosted("payments", servers, shape=Shape.REMOTE) as host:
        client = host.client(PaymentServiceClient)
        with by(Caller(service="orders")):
            payment = await client.process_payment(purchase(payer_id=PAYER))
        with by(shopper(PAYER)):
            seen = await client.get_payment(GetPaymentRequest(payment_id=payment.id))
            assert seen == payment
        with by(OTHERS), pytest.raises(PaymentNotFound):
            await client.get_payment(GetPaymentRequest(payment_id=payment.id))


async def test_operators_walk_through_the_payments_of_all(counter):
    approved = [await counter.pay(purchase()) for _ in range(3)]
    waiting = await counter.pay(purchase(method="challenge"))
    called_off = new_id()
    await counter.void(called_off)

    async def listed(**asked):
        with by(SUPPORT):
            found = await counter.client.list_all_payments(ListAllPaymentsRequest(**asked))
        return [each.id for each in found.items]

    newest_first = [waiting.id, *(each.id for each in reversed(approved))]
    assert await listed() == newest_first
    assert await listed(page_size=3) + await listed(page_size=3, page=2) == newest_first
    assert await listed(status=PaymentStatus.REQUIRES_ACTION) == [waiting.id]
    assert await listed(status=PaymentStatus.REFUNDED) == []
    for caller in (shopper(), OTHERS):
        with by(caller), pytest.raises(NotAllowed):
            await counter.client.list_all_payments(ListAllPaymentsRequest())
