"""The sagas of orders under everything that can happen to a saga."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from souk.contracts.orders import OrderStatus
from souk.kernel import failpoints
from souk.kernel.ids import new_id
from souk.kernel.money import Money
from souk.kernel.saga import Saga
from souk.services.orders.model.shopper import Shopper
from souk.services.orders.sagas.cancellation import CancellationState
from souk.services.orders.sagas.checkout import CheckoutState
from souk.services.orders.use_cases.cancel_order import cancel_order
from souk.services.orders.use_cases.gather_purchase import Intake
from souk.services.orders.use_cases.place_order import claim_checkout
from tests.services.orders.market import Market, order_request
from tests.support.people import customer
from tests.support.sagas import Trial


async def test_a_checkout_stands_every_trial(market: Market) -> None:
    market.pricing.coupons["TEN"] = 10
    bought: dict[str, tuple[Any, str]] = {}

    async def begin(saga: Saga[CheckoutState]) -> str:
        shopper = customer()
        (article,) = market.fill_cart(by=shopper, quantity=2, coupon_code="TEN")
        intake = Intake(
            carts=market.carts,
            users=market.users,
            pricing=market.pricing,
            clock=market.clock,
            checkout_minutes=15,
        )
        purchase = await intake.gather(order_request(), Shopper(buyer_id=shopper.user_id))
        await claim_checkout(
            market.database,
            saga,
            purchase,
            key=new_id(),
            request_hash=b"",
            now=market.clock.now(),
        )
        bought[purchase.state.checkout_id] = article, shopper.user_id
        return purchase.state.checkout_id

    async def world(checkout_id: str) -> Any:
        article, user_id = bought[checkout_id]
        payment = market.payments.payments.get(checkout_id)
        orders = await market.database.fetch(
            "select status, total_amount, item_count from orders where checkout_id = $1",
            checkout_id,
        )
        told = await market.count(
            "outbox where convert_from(payload, 'utf8')::jsonb->>'checkout_id' = $1", checkout_id
        )
        return {
            "on hand": article.on_hand,
            "available": market.inventory.available(article),
            "coupon": checkout_id in market.pricing.redeemed,
            "money": payment.amount.amount if payment and payment.status == "captured" else 0,
            "is authorized": bool(payment and payment.status == "authorized"),
            "orders": [tuple(row) for row in orders],
            "events": told,
            "cart": len(market.carts.carts[user_id].lines),
        }

    await Trial(market.sagas[0], begin=begin, world=world).run_everything()


async def test_a_cancellation_ends_the_same_wherever_it_crashes(market: Market) -> None:
    await cancellation_trial(market).crash_at_each_line()


async def test_a_cancellation_may_repeat_each_step(market: Market) -> None:
    trial = cancellation_trial(market)
    steps: Counter[str] = Counter()
    for fake, calls in ((market.inventory, ["restock"]), (market.payments, ["refund_payment"])):
        for name in calls:
            fake.answers_lost[name] = 1
            steps[name] += 1
    saga_id = await trial.begin(trial.saga)
    while (await trial.saga.run(saga_id)).status != "done":
        await market.finished()

    assert await trial.world(saga_id) == {"on hand": 10, "in hand": 0, "status": "cancelled"}
    assert market.inventory.calls["restock"] == market.payments.calls["refund_payment"] == 2


def cancellation_trial(market: Market) -> Trial[CancellationState]:
    cancelled: dict[str, tuple[Any, str]] = {}

    async def begin(saga: Saga[CancellationState]) -> str:
        article = market.article()
        order = await market.bought(article, quantity=3)
        saga_id = await market.database.transact(
            cancel_order, saga, order.id, reason="", now=market.clock.now()
        )
        cancelled[saga_id] = article, order.id
        return saga_id

    async def world(saga_id: str) -> Any:
        article, order_id = cancelled[saga_id]
        order = await market.database.fetchrow(
            "select status, checkout_id from orders where id = $1", order_id
        )
        return {
            "on hand": article.on_hand,
            "in hand": market.payments.parts[order["checkout_id"]][order_id],
            "status": order["status"],
        }

    return Trial(market.sagas[1], begin=begin, world=world)


async def test_a_shipment_that_crashed_half_way_is_made_once(market: Market) -> None:
    for line in ("before", "between", "after"):
        order = await market.bought()
        with failpoints.armed(f"saga.fulfillment.create_shipment.{line}", "error*1"):
            try:
                await market.fulfill(order.id)
            except failpoints.FailpointError:
                assert line != "after"
        await market.at_rest()
        await market.database.execute("update sagas set lease_until = now()")
        await market.finished()

        now = await market.get(order.id)
        assert now.status is OrderStatus.SHIPPED
        made = [one for one in market.shipping.shipments.values() if one.order_id == order.id]
        assert [one.tracking_number for one in made] == [now.tracking_number]


async def test_a_checkout_resumed_by_another_process_within_seconds(market: Market) -> None:
    """A lease that nobody renews runs out by itself; the job does the rest."""
    market.fill_cart()
    placed = await market.place(method="challenge")
    market.payments.answer_challenge(placed.checkout.id, approve=True)
    await market.database.execute(
        "update sagas set status = 'running', resume_at = null, lease_owner = 'dead',"
        " lease_until = now() + $1",
        timedelta(seconds=0.3),
    )

    await market.finished()

    now = await market.get_checkout(placed.checkout.id)
    assert now.checkout.status == "confirmed"
    assert now.checkout.total == Money(2700, "USD")
