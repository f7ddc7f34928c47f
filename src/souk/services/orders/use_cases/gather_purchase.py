"""What somebody wants to buy, complete with what carts, users and pricing know about it."""

from __future__ import annotations

from datetime import timedelta

from msgspec import Struct

from souk.contracts.carts import CartServiceClient, CheckoutCart, GetCartForCheckoutRequest
from souk.contracts.common import Address
from souk.contracts.orders import (
    AddressMissing,
    CartChanged,
    EmailMissing,
    EmptyCart,
    PlaceOrderRequest,
)
from souk.contracts.pricing import PricingServiceClient, QuoteLine, QuoteRequest
from souk.contracts.users import AddressNotFound, GetAddressRequest, UserServiceClient
from souk.kernel.clock import Clock
from souk.kernel.ids import new_id
from souk.services.orders.model.checkout import CheckoutState, destination_of
from souk.services.orders.model.shopper import Shopper


class Purchase(Struct, frozen=True, kw_only=True):
    """A checkout about to begin; address and e-mail go into columns, not into the journal."""

    state: CheckoutState
    email: str
    address: Address


class Intake(Struct, frozen=True, kw_only=True, eq=False):
    """Gathers what a checkout needs to know before it begins."""

    carts: CartServiceClient
    users: UserServiceClient
    pricing: PricingServiceClient
    clock: Clock
    checkout_minutes: int

    async def gather(self, request: PlaceOrderRequest, shopper: Shopper) -> Purchase:
        if not shopper.is_somebody:
            raise EmptyCart()
        if not (shopper.buyer_id or request.email):
            raise EmailMissing()
        cart = await self.cart_of(shopper, request.cart_token)
        if request.cart_version not in (None, cart.version):
            raise CartChanged(version=cart.version)
        address = await self._address(request, shopper)
        state = await self._priced(self._state(request, shopper, cart, address))
        return Purchase(state=state, email=request.email, address=address)

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
            lines=lines_of(cart),
            coupon_code=cart.coupon_code,
            destination=destination_of(address),
            shipping_method=request.shipping_method,
            choice=request.payment,
            expires_at=self.clock.now() + timedelta(minutes=self.checkout_minutes),
        )

    async def _priced(self, state: CheckoutState) -> CheckoutState:
        """Before the checkout begins: its steps are all about one price, however often repeated."""
        quote = await self.pricing.quote(
            QuoteRequest(
                lines=state.lines,
                coupon_code=state.coupon_code,
                destination=state.destination.address(),
                shipping_method=state.shipping_method,
                buyer_id=state.shopper.buyer_id,
            )
        )
        return state.priced(quote, new_id)


def lines_of(cart: CheckoutCart) -> tuple[QuoteLine, ...]:
    return tuple(
        QuoteLine(variant_id=line.variant_id, quantity=line.quantity) for line in cart.lines
    )
