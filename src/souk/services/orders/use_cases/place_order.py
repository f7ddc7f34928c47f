"""A shopper buys what is in the cart: once for each Idempotency-Key, whatever is repeated."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct, structs

from souk.contracts.carts import CartServiceClient, CheckoutCart, GetCartForCheckoutRequest
from souk.contracts.common import Address
from souk.contracts.orders import (
    AddressMissing,
    CartChanged,
    CheckoutInProgress,
    EmailMissing,
    EmptyCart,
    PlaceOrderRequest,
)
from souk.contracts.pricing import QuoteLine
from souk.contracts.users import AddressNotFound, GetAddressRequest, UserServiceClient
from souk.kernel.clock import Clock
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.kernel.refusals import IdempotencyKeyReused
from souk.kernel.saga import Saga
from souk.services.orders import queries
from souk.services.orders.model.checkout import CheckoutState, Destination
from souk.services.orders.model.shopper import Shopper
from souk.services.orders.queries import StoredCheckout
from souk.services.orders.store import checkouts

_packed = msgspec.msgpack.Encoder(order="deterministic")


class Intent(Struct, frozen=True, kw_only=True):
    """What somebody wants to buy, complete with what others know about it."""

    state: CheckoutState
    email: str
    address: Address


class Intake(Struct, frozen=True, kw_only=True, eq=False):
    """Gathers what a checkout needs to know before it begins."""

    carts: CartServiceClient
    users: UserServiceClient
    clock: Clock
    checkout_minutes: int

    async def gather(self, request: PlaceOrderRequest, shopper: Shopper) -> Intent:
        if not shopper.is_somebody:
            raise EmptyCart()
        if not (shopper.buyer_id or request.email):
            raise EmailMissing()
        cart = await self.cart_of(shopper, request.cart_token)
        if request.cart_version not in (None, cart.version):
            raise CartChanged(version=cart.version)
        address = await self._address(request, shopper)
        state = self._state(request, shopper, cart, address)
        return Intent(state=state, email=request.email, address=address)

    async def cart_of(self, shopper: Shopper, cart_token: str) -> CheckoutCart:
        cart = await self.carts.get_cart_for_checkout(
            GetCartForCheckoutRequest(
                user_id=shopper.buyer_id, cart_token="" if shopper.buyer_id else cart_token
            )
        )
        if not cart.lines:
            raise EmptyCart()
        return cart

    async def _address(self, request: PlaceOrderRequest, shopper: Shopper) -> Address:
        if request.shipping_address is not None:
            return request.shipping_address
        if not request.shipping_address_id:
            raise AddressMissing()
        if not shopper.buyer_id:
            raise AddressNotFound()
        saved = await self.users.get_address(
            GetAddressRequest(address_id=request.shipping_address_id)
        )
        return Address(
            name=saved.name,
            street_1=saved.street_1,
            street_2=saved.street_2,
            city=saved.city,
            state=saved.state,
            postal_code=saved.postal_code,
            country=saved.country,
            phone=saved.phone,
        )

    def _state(
        self, request: PlaceOrderRequest, shopper: Shopper, cart: CheckoutCart, address: Address
    ) -> CheckoutState:
        return CheckoutState(
            checkout_id=new_id(),
            spare_hold_id=new_id(),
            shopper=shopper,
            cart_id=cart.cart_id,
            cart_version=cart.version,
            lines=tuple(
                QuoteLine(variant_id=line.variant_id, quantity=line.quantity) for line in cart.lines
            ),
            coupon_code=cart.coupon_code,
            destination=Destination(
                country=address.country, state=address.state, postal_code=address.postal_code
            ),
            shipping_method=request.shipping_method,
            choice=request.payment,
            expires_at=self.clock.now() + timedelta(minutes=self.checkout_minutes),
        )


async def claim_checkout(
    tx: Transaction,
    saga: Saga[CheckoutState],
    intent: Intent,
    *,
    key: str,
    request_hash: bytes,
    now: datetime,
) -> StoredCheckout | None:
    """None when the checkout begins now; else the one that this key stands for.

    Raises CheckoutInProgress when another checkout of the cart runs or waits for its shopper.
    """
    state = intent.state
    is_first = await checkouts.claim_checkout(
        tx,
        state,
        key=key,
        request_hash=request_hash,
        email=intent.email,
        address=intent.address,
        now=now,
    )
    if is_first:
        await saga.start(tx, state.checkout_id, state, state.expires_at)
        return None
    known = await queries.find_checkout(tx, owner=state.shopper.owner, key=key)
    if known is not None:
        return known
    running = await queries.find_live_checkout(tx, state.cart_id)
    raise CheckoutInProgress(checkout_id=running or "")


def must_be_the_same(known: StoredCheckout, request_hash: bytes) -> None:
    if known.request_hash != request_hash:
        raise IdempotencyKeyReused()


def hash_of_request(request: PlaceOrderRequest) -> bytes:
    """The guest's token says who asks, not what for; it is kept nowhere, not even hashed in here."""
    return hashlib.sha256(_packed.encode(structs.replace(request, cart_token=""))).digest()
