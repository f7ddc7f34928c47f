"""After an order was cancelled: its goods return to stock and its money to the buyer."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from souk.contracts.inventory import InventoryServiceClient, RestockRequest, StockLine
from souk.contracts.payments import PaymentServiceClient, RefundPaymentRequest, RefundTooLarge
from souk.kernel.database import Database
from souk.kernel.money import Money
from souk.kernel.refusals import Unavailable
from souk.kernel.saga import Saga, Step
from souk.services.orders.model.checkout import CheckoutState

# It is never undone: the order is cancelled, and what follows is owed.
TRIED_FOR = timedelta(days=3650)
REASON = "The order was cancelled."


class CancellationState(Struct, frozen=True, kw_only=True):
    """What a cancelled order took: goods, and money."""

    cancellation_id: str
    order_id: str
    checkout_id: str
    lines: tuple[StockLine, ...]
    total: Money


class CancellationSteps(Struct, frozen=True, kw_only=True, eq=False):
    """Each may be repeated: restock and refund bear the cancellation's id."""

    checkout: Saga[CheckoutState]
    inventory: InventoryServiceClient
    payments: PaymentServiceClient

    async def finish_checkout(self, state: CancellationState) -> CancellationState:
        """Goods not yet sold cannot be restocked, nor money not yet captured be refunded."""
        outcome = await self.checkout.run(state.checkout_id)
        if outcome.status != "done":
            raise Unavailable(service="orders")
        return state

    async def restock(self, state: CancellationState) -> CancellationState:
        await self.inventory.restock(
            RestockRequest(restock_id=state.cancellation_id, lines=state.lines, reason=REASON)
        )
        return state

    async def give_money_back(self, state: CancellationState) -> CancellationState:
        if not state.total:
            return state
        try:
            await self._refund(state, state.total)
        except RefundTooLarge:
            await self._refund_what_is_left(state)
        return state

    async def _refund_what_is_left(self, state: CancellationState) -> None:
        """Support has given some of it back before."""
        try:
            await self._refund(state, None)
        except RefundTooLarge:
            return  # or all of it

    async def _refund(self, state: CancellationState, amount: Money | None) -> None:
        await self.payments.refund_payment(
            RefundPaymentRequest(
                checkout_id=state.checkout_id,
                order_id=state.order_id,
                refund_id=state.cancellation_id,
                amount=amount,
                reason=REASON,
            )
        )


def cancellation_saga(database: Database, steps: CancellationSteps) -> Saga[CancellationState]:
    return Saga(
        "cancellation",
        (
            Step(steps.finish_checkout, pivot=True),
            Step(steps.restock),
            Step(steps.give_money_back),
        ),
        state=CancellationState,
        database=database,
    )
