"""How orders are put together."""

from __future__ import annotations

from souk.contracts.carts import CartServiceClient
from souk.contracts.inventory import InventoryServiceClient
from souk.contracts.payments import PaymentServiceClient
from souk.contracts.pricing import PricingServiceClient
from souk.contracts.shipping import ShippingServiceClient
from souk.contracts.shops import ShopServiceClient
from souk.contracts.users import UserServiceClient
from souk.kernel.events.consumers import collect
from souk.kernel.platform import Parts, Platform
from souk.services.orders import consumers
from souk.services.orders.access import Doorkeeper
from souk.services.orders.desks import CheckoutDesk, OrderDesk
from souk.services.orders.rpc import OrderParts, OrdersRpc
from souk.services.orders.sagas.cancellation import CancellationSteps, cancellation_saga
from souk.services.orders.sagas.checkout import CheckoutSteps, checkout_saga
from souk.services.orders.sagas.fulfillment import FulfillmentSteps, fulfillment_saga
from souk.services.orders.use_cases.gather_purchase import Intake


def build(platform: Platform) -> Parts:
    database, clock, settings = platform.database("orders"), platform.clock, platform.settings
    carts, pricing = platform.client(CartServiceClient), platform.client(PricingServiceClient)
    inventory = platform.client(InventoryServiceClient)
    payments = platform.client(PaymentServiceClient)

    checkout = checkout_saga(
        database,
        CheckoutSteps(
            pricing=pricing,
            inventory=inventory,
            payments=payments,
            carts=carts,
            settings=settings,
            clock=clock,
        ),
    )
    cancellation = cancellation_saga(
        database, CancellationSteps(checkout=checkout, inventory=inventory, payments=payments)
    )
    fulfillment = fulfillment_saga(
        database, FulfillmentSteps(shipping=platform.client(ShippingServiceClient)), clock
    )
    intake = Intake(
        carts=carts,
        users=platform.client(UserServiceClient),
        clock=clock,
        checkout_minutes=settings.checkout_minutes,
    )
    rpc = OrdersRpc(
        OrderParts(
            database=database,
            clock=clock,
            live=platform.live,
            door=Doorkeeper(database, platform.client(ShopServiceClient)),
            checkouts=CheckoutDesk(
                database=database, saga=checkout, intake=intake, pricing=pricing, clock=clock
            ),
            orders=OrderDesk(
                database=database, cancellation=cancellation, fulfillment=fulfillment, clock=clock
            ),
        )
    )

    async def stop() -> None:
        # The others may wait for checkouts, so these end last.
        for saga in (fulfillment, cancellation, checkout):
            await saga.stop()

    return Parts(
        rpc=rpc,
        consumers=collect(consumers, clock=clock, checkout=checkout),
        jobs=(checkout.job(), cancellation.job(), fulfillment.job()),
        stop=stop,
    )
