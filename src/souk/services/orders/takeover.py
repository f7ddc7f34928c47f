"""Purchases that were made before, elsewhere, become checkouts and orders like any other."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from itertools import count

from msgspec import Struct, structs

from souk.contracts.inventory import InventoryServiceClient, PastSale, RecordSalesRequest
from souk.contracts.orders import PastPurchase, PaymentChoice
from souk.contracts.payments import (
    PastPayment,
    Payment,
    PaymentServiceClient,
    PaymentStatus,
    RecordPaymentsRequest,
)
from souk.contracts.pricing import PricingServiceClient, QuoteRequest, RedeemPromoCodeRequest
from souk.contracts.shipping import (
    PastShipment,
    RecordShipmentsRequest,
    ShippingServiceClient,
)
from souk.kernel.database import Database
from souk.kernel.ids import id_at, new_code
from souk.kernel.jobs import Job
from souk.kernel.refusals import Refusal
from souk.kernel.saga import Saga
from souk.services.orders import queries
from souk.services.orders.model.checkout import CheckoutState, destination_of
from souk.services.orders.model.shopper import Shopper
from souk.services.orders.use_cases.take_over import Taken, take_over

QUOTES_AT_ONCE = 4
RECOUNT_SECONDS = 2.0  # one count for many purchases


class TakeoverDesk(Struct, frozen=True, kw_only=True, eq=False):
    """The others are told first, by ids that follow from the checkout's: whatever is interrupted
    is completed by the next try."""

    database: Database
    saga: Saga[CheckoutState]
    pricing: PricingServiceClient
    inventory: InventoryServiceClient
    payments: PaymentServiceClient
    shipping: ShippingServiceClient
    counting: Job

    async def take_over(self, purchases: Sequence[PastPurchase]) -> int:
        """How many were new."""
        ids = [purchase.checkout_id for purchase in purchases]
        known = await queries.known_checkouts(self.database, ids)
        turns = asyncio.Semaphore(QUOTES_AT_ONCE)
        drafts = await asyncio.gather(
            *(self._priced(each, turns) for each in purchases if each.checkout_id not in known)
        )
        taken = [each for each in drafts if each is not None]
        if not taken:
            return 0
        taken = await self._sent(taken)
        await self._redeemed(taken)
        await self.payments.record_payments(
            RecordPaymentsRequest(payments=tuple(map(payment_of, taken)))
        )
        await self.inventory.record_sales(RecordSalesRequest(sales=tuple(map(sale_of, taken))))
        await self.database.transact(take_over, self.saga, taken)
        self.counting.wake(in_seconds=RECOUNT_SECONDS)
        return len(taken)

    async def _priced(self, past: PastPurchase, turns: asyncio.Semaphore) -> Taken | None:
        state = state_of(past)
        asked = QuoteRequest(
            lines=past.lines,
            coupon_code=past.coupon_code,
            destination=state.destination.address(),
            shipping_method=past.shipping_method,
            buyer_id=past.buyer_id,
        )
        try:
            async with turns:
                quote = await self.pricing.quote(asked)
        except Refusal:
            return None  # not for sale here any more
        state = state.priced(quote, ids_of(past)).paid(
            Payment(
                id=payment_id_of(past),
                status=PaymentStatus.CAPTURED,
                provider=past.provider,
                amount=quote.total,
                captured=quote.total,
            )
        )
        state = structs.replace(state.confirmed(new_code, past.placed_at), is_captured=True)
        return Taken(past=past, state=state)

    async def _sent(self, taken: Sequence[Taken]) -> list[Taken]:
        """With the numbers of their parcels."""
        shipments = tuple(
            PastShipment(
                shipment_id=shipment_id_of(each.past, order.id),
                order_id=order.id,
                shop_id=order.shop_id,
                carrier=each.past.carrier,
                shipped_at=each.past.shipped_at,
                delivered_at=each.past.delivered_at,
            )
            for each in taken
            if each.past.shipped_at
            for order in each.state.orders
        )
        if not shipments:
            return list(taken)
        answer = await self.shipping.record_shipments(RecordShipmentsRequest(shipments=shipments))
        parcels = {shipment.order_id: shipment for shipment in answer.items}
        return [
            structs.replace(
                each,
                parcels=tuple(parcels[o.id] for o in each.state.orders if o.id in parcels),
            )
            for each in taken
        ]

    async def _redeemed(self, taken: Sequence[Taken]) -> None:
        for each in taken:
            if each.state.coupon_code and each.state.discount:
                await self.pricing.redeem_promo_code(
                    RedeemPromoCodeRequest(
                        checkout_id=each.past.checkout_id,
                        code=each.state.coupon_code,
                        buyer_id=each.past.buyer_id,
                        discount=each.state.discount,
                    )
                )


def state_of(past: PastPurchase) -> CheckoutState:
    """A guest of then holds no token: nobody is shown the purchase but shop and operators."""
    guest = hashlib.sha256(f"guest of {past.checkout_id}".encode()).hexdigest()
    return CheckoutState(
        checkout_id=past.checkout_id,
        spare_hold_id=id_at(past.placed_at, f"spare hold of {past.checkout_id}"),
        shopper=Shopper(buyer_id=past.buyer_id, guest_token_hash="" if past.buyer_id else guest),
        cart_id=id_at(past.placed_at, f"cart of {past.checkout_id}"),
        cart_version=1,
        lines=past.lines,
        coupon_code=past.coupon_code,
        destination=destination_of(past.address),
        shipping_method=past.shipping_method,
        choice=PaymentChoice(provider=past.provider),
        expires_at=past.placed_at,
    )


def ids_of(past: PastPurchase) -> Callable[[], str]:
    """The same ones in the same order whenever it is taken over."""
    numbers = count()
    return lambda: id_at(past.placed_at, f"{next(numbers)} of {past.checkout_id}")


def payment_id_of(past: PastPurchase) -> str:
    return id_at(past.placed_at, f"payment of {past.checkout_id}")


def shipment_id_of(past: PastPurchase, order_id: str) -> str:
    return id_at(past.shipped_at or past.placed_at, f"shipment of {order_id}")


def payment_of(taken: Taken) -> PastPayment:
    past, state = taken.past, taken.state
    assert state.payment is not None  # it was priced and paid
    assert state.total is not None
    return PastPayment(
        payment_id=state.payment.id,
        checkout_id=state.checkout_id,
        amount=state.total,
        provider=past.provider,
        payer_id=state.shopper.buyer_id,
        guest_token_hash=state.shopper.guest_token_hash,
        allocations=state.allocations,
        paid_at=past.placed_at,
        delivered_at=past.delivered_at,
    )


def sale_of(taken: Taken) -> PastSale:
    state = taken.state
    return PastSale(
        hold_id=state.checkout_id, lines=state.stock_lines, sold_at=taken.past.placed_at
    )
