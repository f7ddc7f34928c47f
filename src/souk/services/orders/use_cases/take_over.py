"""Purchases of before are written down, whole: checkout, orders, what became of them, journal."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from souk.contracts.orders import PastPurchase
from souk.contracts.shipping import Shipment
from souk.kernel.database import Transaction
from souk.kernel.saga import Saga
from souk.kernel.writes import ANYWAY
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.personal_store import Contact
from souk.services.orders.store import checkouts, past

HASH = b"taken over"  # no request is like it


class Taken(Struct, frozen=True, kw_only=True):
    """A purchase as it was, priced and paid, with its parcels."""

    past: PastPurchase
    state: CheckoutState
    parcels: tuple[Shipment, ...] = ()


async def take_over(tx: Transaction, saga: Saga[CheckoutState], purchases: Sequence[Taken]) -> None:
    """Nothing is told to anyone: whoever would hear of it, heard of it then."""
    for each in purchases:
        state, placed_at = each.state, each.past.placed_at
        claim = checkouts.claimed_checkout(
            tx.personal,
            state,
            key=state.checkout_id,
            request_hash=HASH,
            contact=Contact(email=each.past.email, shipping_address=each.past.address),
            now=placed_at,
        )
        if await tx.write(claim):
            await tx.write(ANYWAY, checkouts.confirmed_checkout(state))
            await saga.remember(tx, state.checkout_id, state, at=placed_at)
    await past.add_parcels(tx, [parcel for each in purchases for parcel in each.parcels])
