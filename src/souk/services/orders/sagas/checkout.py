"""A checkout, step by step: priced, held, paid, confirmed; or undone without a trace."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct, structs

from souk.contracts.carts import CartServiceClient, CloseCartRequest
from souk.contracts.inventory import (
    CommitStockRequest,
    HoldWasReleased,
    InventoryServiceClient,
    ReleaseStockRequest,
    ReserveStockRequest,
)
from souk.contracts.orders import CheckoutEnded, CheckoutExpired, Order, OrderConfirmed
from souk.contracts.payments import (
    CapturePaymentRequest,
    Payment,
    PaymentDeclined,
    PaymentOutcomeUnknown,
    PaymentServiceClient,
    PaymentStatus,
    PaymentWasVoided,
    ProcessPaymentRequest,
    VoidPaymentRequest,
)
from souk.contracts.pricing import (
    GiveBackPromoCodeRequest,
    PricingServiceClient,
    RedeemPromoCodeRequest,
)
from souk.kernel.clock import Clock
from souk.kernel.contract import Event
from souk.kernel.database import Database, Transaction
from souk.kernel.ids import new_code
from souk.kernel.refusals import DeadlineExceeded, Refusal
from souk.kernel.saga import AtOnce, Parked, Saga, Step
from souk.kernel.settings import Settings
from souk.kernel.writes import Write
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.store import checkouts

# Between the last moment a shopper may pay and the sale of the goods: a resume after a crash.
HOLD_SECONDS_BEYOND = 300


def checkout_saga(database: Database, steps: CheckoutSteps) -> Saga[CheckoutState]:
    """The order of the steps is what makes it safe: nothing is sold before it is held and paid."""

    async def undone(
        tx: Transaction, state: CheckoutState, _status: str, refusal: Refusal | None
    ) -> None:
        await refuse_checkout(tx, state, reason_of(refusal).name, now=steps.clock.now())

    return Saga(
        "checkout",
        (
            # Priced when it begins, so that each of these comes to the same when it is repeated.
            Step(steps.hold_stock, undo=steps.release_stock, recorded=False),
            Step(steps.redeem_coupon, undo=steps.give_coupon_back, recorded=False),
            Step(steps.authorize_money, undo=steps.void_or_refund, recorded=False),
            Step(steps.confirm_orders, pivot=True),
            Step(steps.commit_stock, recorded=False),
            Step(steps.capture_money, recorded=False),
            Step(steps.close_cart),
        ),
        state=CheckoutState,
        database=database,
        # Rows and events follow the journal, in the transaction that records the outcome.
        settle={"confirmed": AtOnce(confirmation), "undone": undone},
    )


def confirmation(state: CheckoutState) -> tuple[Sequence[Write], Sequence[Event]]:
    told = [confirmation_of(order, state) for order in state.orders]
    return [checkouts.confirmed_checkout(state)], told


async def refuse_checkout(
    tx: Transaction, state: CheckoutState, reason: str, *, now: datetime
) -> None:
    await checkouts.refuse_checkout(tx, state.checkout_id, refusal=reason, now=now)
    if state.has_waited:
        tx.publish(CheckoutEnded(checkout_id=state.checkout_id, reason=reason))


def reason_of(refusal: Refusal | None) -> Refusal:
    """Why it was undone: what a step answered, or that its time ran out."""
    if refusal is None or isinstance(refusal, DeadlineExceeded):
        return CheckoutExpired()
    return refusal


def confirmation_of(order: Order, state: CheckoutState) -> OrderConfirmed:
    assert order.total is not None
    return OrderConfirmed(
        order_id=order.id,
        checkout_id=state.checkout_id,
        shop_id=order.shop_id,
        buyer_id=state.shopper.buyer_id,
        total=order.total,
        at=order.placed_at,
    )


class CheckoutSteps(Struct, frozen=True, kw_only=True, eq=False):
    """What each step asks of whom; every step may be repeated, and so may its undoing."""

    pricing: PricingServiceClient
    inventory: InventoryServiceClient
    payments: PaymentServiceClient
    carts: CartServiceClient
    settings: Settings
    clock: Clock

    async def hold_stock(self, state: CheckoutState) -> CheckoutState:
        await self._hold(state, state.checkout_id)
        return state

    async def release_stock(self, state: CheckoutState) -> None:
        await self.inventory.release_stock(ReleaseStockRequest(hold_id=state.checkout_id))

    async def redeem_coupon(self, state: CheckoutState) -> CheckoutState:
        if state.coupon_code and state.discount is not None:
            await self.pricing.redeem_promo_code(
                RedeemPromoCodeRequest(
                    checkout_id=state.checkout_id,
                    code=state.coupon_code,
                    buyer_id=state.shopper.buyer_id,
                    discount=state.discount,
                )
            )
        return state

    async def give_coupon_back(self, state: CheckoutState) -> None:
        if state.coupon_code:
            await self.pricing.give_back_promo_code(
                GiveBackPromoCodeRequest(checkout_id=state.checkout_id)
            )

    async def authorize_money(self, state: CheckoutState) -> CheckoutState | Parked[CheckoutState]:
        assert state.total is not None  # it was priced
        payment = await self.payments.process_payment(
            ProcessPaymentRequest(
                checkout_id=state.checkout_id,
                amount=state.total,
                provider=state.choice.provider,
                method=state.choice.method,
                payer_id=state.shopper.buyer_id,
                allocations=state.allocations,
                guest_token_hash=state.shopper.guest_token_hash,
            )
        )
        return self._judge(payment, state.paid(payment))

    async def void_or_refund(self, state: CheckoutState) -> None:
        await self.payments.void_payment(VoidPaymentRequest(checkout_id=state.checkout_id))

    async def confirm_orders(self, state: CheckoutState) -> CheckoutState:
        # The rows are written where this step is recorded: see `confirmation`.
        return state.confirmed(new_code, self.clock.now())

    async def commit_stock(self, state: CheckoutState) -> CheckoutState:
        try:
            await self.inventory.commit_stock(CommitStockRequest(hold_id=state.checkout_id))
        except HoldWasReleased:
            # Nobody could be reached until the hold ran out. The goods are sold: they are held
            # anew, under an id of their own because a released hold stays released.
            await self._hold(state, state.spare_hold_id)
            await self.inventory.commit_stock(CommitStockRequest(hold_id=state.spare_hold_id))
        return state

    async def capture_money(self, state: CheckoutState) -> CheckoutState:
        assert state.payment is not None  # it was authorized
        await self.payments.capture_payment(CapturePaymentRequest(payment_id=state.payment.id))
        return structs.replace(state, is_captured=True)

    async def close_cart(self, state: CheckoutState) -> CheckoutState:
        await self.carts.close_cart(
            CloseCartRequest(cart_id=state.cart_id, version=state.cart_version)
        )
        return state

    async def _hold(self, state: CheckoutState, hold_id: str) -> None:
        waits_seconds = self.settings.checkout_minutes * 60 + HOLD_SECONDS_BEYOND
        await self.inventory.reserve_stock(
            ReserveStockRequest(
                hold_id=hold_id,
                lines=state.stock_lines,
                hold_seconds=max(self.settings.hold_minutes * 60, waits_seconds),
            )
        )

    def _judge(
        self, payment: Payment, state: CheckoutState
    ) -> CheckoutState | Parked[CheckoutState]:
        """Only an authorization lets the checkout go on; not knowing is no answer."""
        match payment.status:
            case PaymentStatus.AUTHORIZED | PaymentStatus.CAPTURED:
                return state
            case PaymentStatus.REQUIRES_ACTION:
                if self.clock.now() >= state.expires_at:
                    raise CheckoutExpired()
                return Parked(structs.replace(state, has_waited=True), state.expires_at)
            case PaymentStatus.DECLINED:
                raise PaymentDeclined(reason="declined")
            case PaymentStatus.PENDING | None:
                raise PaymentOutcomeUnknown(retry_seconds=1)
            case _:
                raise PaymentWasVoided()
