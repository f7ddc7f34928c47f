"""A shopper buys what is in the cart: once for each Idempotency-Key, whatever is repeated."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from msgspec import structs

from souk.contracts.orders import CheckoutInProgress, PlaceOrderRequest
from souk.kernel.database import Queries
from souk.kernel.refusals import IdempotencyKeyReused, Unavailable
from souk.kernel.saga import Saga
from souk.services.orders import queries
from souk.services.orders.model.checkout import CheckoutState
from souk.services.orders.personal_store import Contact
from souk.services.orders.queries import StoredCheckout
from souk.services.orders.store import checkouts
from souk.services.orders.use_cases.gather_purchase import Purchase

LAST_ASKING = timedelta(minutes=1)
_packed = msgspec.msgpack.Encoder(order="deterministic")


async def claim_checkout(
    db: Queries,
    saga: Saga[CheckoutState],
    purchase: Purchase,
    *,
    key: str,
    request_hash: bytes,
    now: datetime,
) -> StoredCheckout | None:
    """None when the checkout begins now; else the one that this key stands for.

    Raises CheckoutInProgress when another checkout of the cart runs or waits for its shopper.
    """
    state = purchase.state
    claim = checkouts.claimed_checkout(
        db.personal,
        state,
        key=key,
        request_hash=request_hash,
        contact=Contact(email=purchase.email, shipping_address=purchase.address),
        now=now,
    )
    # At `expires_at` payments are asked for the last time, so the saga's own end is later.
    end = state.expires_at + LAST_ASKING
    # Copies of a request, and checkouts of one cart, are in each other's way.
    if await saga.start_with(claim, state.checkout_id, state, end, sort_key=state.cart_id):
        return None
    known = await queries.find_checkout(db, owner=state.shopper.owner, key=key)
    if known is not None:
        return known
    other = await queries.find_checkout_of_cart(db, state.cart_id, version=state.cart_version)
    if other is None:
        raise Unavailable(
            service="orders"
        )  # it ended just now: the next request finds the way free
    raise CheckoutInProgress(checkout_id=other)


def must_be_the_same(known: StoredCheckout, request_hash: bytes) -> None:
    if known.request_hash != request_hash:
        raise IdempotencyKeyReused()


def hash_of_request(request: PlaceOrderRequest) -> bytes:
    """Without the guest's token, which says who asks and not what for."""
    return hashlib.sha256(_packed.encode(structs.replace(request, cart_token=""))).digest()
