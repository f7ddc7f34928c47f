"""Where checkouts are handed in and their outcomes handed out, the same to every copy."""

from __future__ import annotations

import asyncio

from msgspec import Struct

from souk.contracts.common import Address
from souk.contracts.orders import (
    Checkout,
    CheckoutExpired,
    CheckoutStatus,
    PlacedOrders,
    PlaceOrderRequest,
)
from souk.kernel.clock import Clock
from souk.kernel.context import call, remaining_seconds
from souk.kernel.database import Database
from souk.kernel.refusals import IdempotencyKeyRequired, Refusal, Unavailable
from souk.kernel.saga import Outcome, Saga
from souk.services.orders import queries
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.model.shopper import Shopper, Standing, shopper_of
from souk.services.orders.queries import StoredCheckout
from souk.services.orders.use_cases.gather_purchase import Intake, Purchase
from souk.services.orders.use_cases.place_order import (
    claim_checkout,
    hash_of_request,
    must_be_the_same,
)

# Before the caller's deadline: told to ask again, it joins; cut off, it would not know.
SPARE_SECONDS = 0.5
WAIT_SECONDS_MAX = 30.0
PAUSE_SECONDS_FIRST, PAUSE_SECONDS_MOST = 0.02, 0.3


class CheckoutDesk(Struct, frozen=True, kw_only=True, eq=False):
    """Takes requests for checkouts and waits with them."""

    database: Database
    saga: Saga[CheckoutState]
    intake: Intake
    clock: Clock
