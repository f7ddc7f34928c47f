"""How orders are put together."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.carts import CartServiceClient
from souk.contracts.inventory import InventoryServiceClient
from souk.contracts.payments import PaymentServiceClient
from souk.contracts.pricing import PricingServiceClient
from souk.contracts.shipping import ShippingServiceClient
from souk.contracts.shops import ShopServiceClient
from souk.contracts.users import UserServiceClient
from souk.kernel.database import Database
from souk.kernel.events.consumers import collect
from souk.kernel.jobs import Job, every
from souk.kernel.platform import Parts, Platform
from souk.kernel.saga import Saga
from souk.services.orders import consumers, personal_store
from souk.services.orders.access import Doorkeeper
from souk.services.orders.desks import CheckoutDesk, OrderDesk
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.rpc import OrderParts, OrdersRpc
from souk.services.orders.sagas.cancellation import (
    CancellationState,
    CancellationSteps,
    cancellation_saga,
)
from souk.services.orders.sagas.checkout import CheckoutSteps, checkout_saga
from souk.services.orders.sagas.fulfillment import (
    FulfillmentState,
    FulfillmentSteps,
    fulfillment_saga,
)
from souk.services.orders.store.contacts import move_notes
from souk.services.orders.store.guests import hash_guests
from souk.services.orders.takeover import TakeoverDesk
from souk.services.orders.use_cases.count_sold import count_sold
from souk.services.orders.use_cases.forget_guests import forget_guests
from souk.services.orders.use_cases.gather_purchase import Intake

SEALED_AT_ONCE = 500
COUNT_SECONDS = 300  # what sold in a month is read each time: a second where that is a million


def build(platform: Platform) -> Parts:
    database, clock = platform.database("orders"), platform.clock
    sagas = built_sagas(platform, database)

    async def seal_old_contacts() -> None:
        for batch in (personal_store.seal_contacts, hash_guests, move_notes):
            while await database.transact(batch, limit=SEALED_AT_ONCE):
                pass

    async def forget_old_guests() -> None:
        users, days = platform.client(UserServiceClient), platform.settings.guest_contact_days
        await forget_guests(database, users, clock, days=days)

    async def count_what_sold() -> None:
        while await database.transact(count_sold, now=clock.now()):
            pass

    counting = every(seconds=COUNT_SECONDS, do=count_what_sold)

    async def stop() -> None:
        # The others may wait for checkouts, so these end last.
        for saga in (sagas.fulfillment, sagas.cancellation, sagas.checkout):
            await saga.stop()

    return Parts(
        rpc=OrdersRpc(built_desks(platform, database, sagas, counting)),
        consumers=collect(consumers, clock=clock, checkout=sagas.checkout),
        jobs=(
            sagas.checkout.job(),
            sagas.cancellation.job(),
            sagas.fulfillment.job(),
            counting,
            every(seconds=3600, do=seal_old_contacts),
            every(seconds=6 * 3600, do=forget_old_guests),
        ),
        stop=stop,
    )


class Sagas(Struct, frozen=True, kw_only=True, eq=False):
    """What crosses services."""

    checkout: Saga[CheckoutState]
    cancellation: Saga[CancellationState]
    fulfillment: Saga[FulfillmentState]


def built_sagas(platform: Platform, database: Database) -> Sagas:
    inventory = platform.client(InventoryServiceClient)
    payments = platform.client(PaymentServiceClient)
    steps = CheckoutSteps(
        pricing=platform.client(PricingServiceClient),
        inventory=inventory,
        payments=payments,
        carts=platform.client(CartServiceClient),
        settings=platform.settings,
        clock=platform.clock,
    )
    checkout = checkout_saga(database, steps)
    undoing = CancellationSteps(checkout=checkout, inventory=inventory, payments=payments)
    sending = FulfillmentSteps(shipping=platform.client(ShippingServiceClient))
    return Sagas(
        checkout=checkout,
        cancellation=cancellation_saga(database, undoing),
        fulfillment=fulfillment_saga(database, sending, platform.clock),
    )


def built_desks(platform: Platform, database: Database, sagas: Sagas, counting: Job) -> OrderParts:
    clock = platform.clock
    intake = Intake(
        carts=platform.client(CartServiceClient),
        users=platform.client(UserServiceClient),
        pricing=platform.client(PricingServiceClient),
        clock=clock,
        checkout_minutes=platform.settings.checkout_minutes,
    )
    return OrderParts(
        database=database,
        clock=clock,
        live=platform.live,
        door=Doorkeeper(database, platform.client(ShopServiceClient)),
        checkouts=CheckoutDesk(
            database=database,
            saga=sagas.checkout,
            intake=intake,
            pricing=platform.client(PricingServiceClient),
            clock=clock,
        ),
        orders=OrderDesk(
            database=database,
            cancellation=sagas.cancellation,
            fulfillment=sagas.fulfillment,
            clock=clock,
        ),
        takeover=TakeoverDesk(
            database=database,
            saga=sagas.checkout,
            pricing=platform.client(PricingServiceClient),
            inventory=platform.client(InventoryServiceClient),
            payments=platform.client(PaymentServiceClient),
            shipping=platform.client(ShippingServiceClient),
            counting=counting,
        ),
    )
