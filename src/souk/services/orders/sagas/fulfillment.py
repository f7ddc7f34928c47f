"""A shop sends lines of an order: the shipment is made once, then the order says so."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct, structs

from souk.contracts.orders import OrderShipped, OrderStatus
from souk.contracts.shipping import CreateShipmentRequest, ShippingServiceClient
from souk.kernel.clock import Clock
from souk.kernel.database import Database, Transaction
from souk.kernel.saga import Saga, Step
from souk.services.orders.store import fulfillments, orders

# A shipment that cannot be made must not keep its order from being sent otherwise, or cancelled.
# Long enough that shipping knows nothing of it then: an outage of an hour is answered by people.
TRIED_FOR = timedelta(hours=1)


class FulfillmentState(Struct, frozen=True, kw_only=True):
    """The shipment's id was chosen before shipping was asked for it."""

    shipment_id: str
    order_id: str
    shop_id: str
    carrier: str
    tracking_number: str


class FulfillmentSteps(Struct, frozen=True, kw_only=True, eq=False):
    """What is asked of shipping."""

    shipping: ShippingServiceClient

    async def create_shipment(self, state: FulfillmentState) -> FulfillmentState:
        shipment = await self.shipping.create_shipment(
            CreateShipmentRequest(
                shipment_id=state.shipment_id,
                order_id=state.order_id,
                shop_id=state.shop_id,
                carrier=state.carrier,
                tracking_number=state.tracking_number,
            )
        )
        return structs.replace(state, tracking_number=shipment.tracking_number)


def fulfillment_saga(
    database: Database, steps: FulfillmentSteps, clock: Clock
) -> Saga[FulfillmentState]:
    async def done(tx: Transaction, state: FulfillmentState, *_: object) -> None:
        await lines_have_left(tx, state, clock)

    async def undone(tx: Transaction, state: FulfillmentState, *_: object) -> None:
        await lines_are_open_again(tx, state)

    return Saga(
        "fulfillment",
        (Step(steps.create_shipment),),
        state=FulfillmentState,
        database=database,
        settle={"done": done, "undone": undone},
    )


async def lines_have_left(tx: Transaction, state: FulfillmentState, clock: Clock) -> None:
    await orders.lock_order(tx, state.order_id)
    await fulfillments.ship_lines(tx, state.shipment_id)
    order = await orders.lock_order(tx, state.order_id)
    await orders.ship_order(
        tx,
        order.id,
        OrderStatus.SHIPPED if order.is_all_sent else OrderStatus.PROCESSING,
        carrier=state.carrier,
        tracking_number=state.tracking_number,
    )
    now = clock.now()
    event = "shipped" if order.is_all_sent else "partially_shipped"
    await orders.tell(tx, order.id, event, at=now)
    tx.publish(
        OrderShipped(
            order_id=order.id,
            shop_id=order.shop_id,
            tracking_number=state.tracking_number,
            at=now,
        )
    )


async def lines_are_open_again(tx: Transaction, state: FulfillmentState) -> None:
    await orders.lock_order(tx, state.order_id)
    await fulfillments.free_lines(tx, state.shipment_id)
    order = await orders.lock_order(tx, state.order_id)
    if not order.has_claims:
        await orders.move_order(tx, order.id, OrderStatus.CONFIRMED)
