"""What payments do when orders say something happened."""

from __future__ import annotations

from souk.contracts.orders import OrderDelivered
from souk.kernel.database import Transaction
from souk.kernel.events.consumers import on
from souk.services.payments.till import Till
from souk.services.payments.use_cases.release_escrow import order_delivered


@on(OrderDelivered)
async def delivered_order_starts_release(
    tx: Transaction, event: OrderDelivered, till: Till
) -> None:
    await order_delivered(
        tx,
        event.order_id,
        escrow_days=till.escrow_days,
        commission_basis_points=till.commission_basis_points,
    )
