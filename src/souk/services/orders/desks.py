"""Where requests that take several steps are handed in, and their outcomes handed out."""

from __future__ import annotations

from msgspec import Struct, structs

from souk.contracts.common import Address
from souk.contracts.orders import (
    CancelOrderRequest,
    CheckoutStatus,
    EmptyCart,
    FulfillOrderRequest,
    OrderPreview,
    PlacedOrders,
    PlaceOrderRequest,
    PreviewOrderRequest,
)
from souk.contracts.pricing import PricingServiceClient, QuoteRequest
from souk.kernel.clock import Clock
from souk.kernel.context import acting, call, caller, within
from souk.kernel.database import Database
from souk.kernel.refusals import DeadlineExceeded, IdempotencyKeyRequired, Refusal, Unavailable
from souk.kernel.saga import Saga
from souk.services.orders import queries
from souk.services.orders.model.checkout import CheckoutState, destination_of, preview_of
from souk.services.orders.model.shopper import Standing, shopper_of
from souk.services.orders.queries import StoredCheckout
from souk.services.orders.sagas.cancellation import CancellationState
from souk.services.orders.sagas.checkout import reason_of
from souk.services.orders.sagas.fulfillment import FulfillmentState
from souk.services.orders.use_cases.cancel_order import cancel_order
from souk.services.orders.use_cases.fulfill_order import begin_fulfillment
from souk.services.orders.use_cases.gather_purchase import Intake, lines_of
from souk.services.orders.use_cases.place_order import (
    claim_checkout,
    hash_of_request,
    must_be_the_same,
)

# A look at how far a saga is; and how long a cancelled order's answer waits for its aftermath.
LOOK_SECONDS, AFTERMATH_SECONDS = 0.3, 1.0
RETRY_SECONDS = 1


class CheckoutDesk(Struct, frozen=True, kw_only=True, eq=False):
    """Takes a shopper's purchase, and tells every copy of the request the same outcome."""

    database: Database
    saga: Saga[CheckoutState]
    intake: Intake
    pricing: PricingServiceClient
    clock: Clock

    async def place(self, request: PlaceOrderRequest) -> PlacedOrders:
        key = call().idempotency_key
        if not key:
            raise IdempotencyKeyRequired()
        checkout_id, address = await self._begin(request, key)
        outcome = await self.saga.run(checkout_id)
        match outcome.status:
            case "undone":
                raise reason_of(outcome.refusal)
            case "running":
                raise Unavailable(service="orders", retry_seconds=RETRY_SECONDS)
            case "parked":
                return outcome.state.answer(CheckoutStatus.REQUIRES_ACTION, address)
            case _:
                return outcome.state.answer(CheckoutStatus.CONFIRMED, address)

    async def look_up(self, checkout: StoredCheckout, standing: Standing) -> PlacedOrders:
        """As it is now, its orders included; without waiting for it."""
        with acting(structs.replace(call(), deadline=within(LOOK_SECONDS))):
            outcome = await self.saga.run(checkout.id)
        state = outcome.state
        match outcome.status:
            case "undone":
                return state.ended(reason_of(outcome.refusal).name)
            case "running":
                return state.answer(CheckoutStatus.RUNNING, None)
            case "parked":
                seen = checkout.shipping_address if standing.sees_address else None
                return state.answer(CheckoutStatus.REQUIRES_ACTION, seen)
        orders = await queries.list_checkout_orders(self.database, checkout.id)
        return state.as_it_is_now(tuple(order.view(standing) for order in orders))

    async def preview(self, request: PreviewOrderRequest) -> OrderPreview:
        shopper = shopper_of(caller(), request.cart_token)
        if not shopper.is_somebody:
            raise EmptyCart()
        cart = await self.intake.cart_of(shopper, request.cart_token)
        address = request.shipping_address
        quote = await self.pricing.quote(
            QuoteRequest(
                lines=lines_of(cart),
                coupon_code=cart.coupon_code,
                destination=destination_of(address).address() if address else None,
                shipping_method=request.shipping_method,
                buyer_id=shopper.buyer_id,
            )
        )
        return preview_of(quote)

    async def _begin(self, request: PlaceOrderRequest, key: str) -> tuple[str, Address | None]:
        """The checkout that this key stands for from now on, and where it goes."""
        shopper = shopper_of(caller(), request.cart_token)
        request_hash = hash_of_request(request)
        try:
            purchase = await self.intake.gather(request, shopper)
        except Refusal:
            # A copy may come when the cart is empty by then, or cannot be asked.
            known = await queries.find_checkout(self.database, owner=shopper.owner, key=key)
            if known is None:
                raise
        else:
            known = await claim_checkout(
                self.database,
                self.saga,
                purchase,
                key=key,
                request_hash=request_hash,
                now=self.clock.now(),
            )
            if known is None:
                return purchase.state.checkout_id, purchase.address
        must_be_the_same(known, request_hash)
        return known.id, known.shipping_address


class OrderDesk(Struct, frozen=True, kw_only=True, eq=False):
    """Takes what shoppers and shops decide about an order."""

    database: Database
    cancellation: Saga[CancellationState]
    fulfillment: Saga[FulfillmentState]
    clock: Clock

    async def cancel(self, request: CancelOrderRequest) -> None:
        cancellation_id = await self.database.transact(
            cancel_order,
            self.cancellation,
            request.order_id,
            reason=request.reason,
            now=self.clock.now(),
        )
        if cancellation_id:
            # It is cancelled; goods and money follow, whether anybody waits for them or not.
            with acting(structs.replace(call(), deadline=within(AFTERMATH_SECONDS))):
                await self.cancellation.run(cancellation_id)

    async def fulfill(self, request: FulfillOrderRequest) -> None:
        shipment_id = await self.database.transact(
            begin_fulfillment,
            self.fulfillment,
            request,
            key=call().idempotency_key,
            now=self.clock.now(),
        )
        outcome = await self.fulfillment.run(shipment_id)
        if outcome.status == "running" or isinstance(outcome.refusal, DeadlineExceeded):
            raise Unavailable(service="shipping", retry_seconds=RETRY_SECONDS)
        if outcome.refusal is not None:
            raise outcome.refusal
