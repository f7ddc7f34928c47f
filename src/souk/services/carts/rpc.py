"""Carts, as the gateway and other services see them."""

from __future__ import annotations

from functools import partial

from souk.contracts.carts import (
    AddItemRequest,
    ApplyPromoCodeRequest,
    CalculateTotalRequest,
    Cart,
    CartIsEmpty,
    CartItemNotFound,
    CartService,
    CartTotal,
    CheckoutCart,
    CheckoutLine,
    ClearCartRequest,
    CloseCartRequest,
    GetCartForCheckoutRequest,
    GetCartRequest,
    MoveToCartRequest,
    RemoveItemRequest,
    RemovePromoCodeRequest,
    UpdateQuantityRequest,
)
from souk.contracts.pricing import PricingServiceClient, QuoteLine, QuoteRequest
from souk.kernel.context import call, caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.kernel.personal_data import PersonalDataRpc
from souk.kernel.together import Together
from souk.services.carts import model, store
from souk.services.carts.desk import Desk
from souk.services.carts.model import Owner
from souk.services.carts.personal_store import HOLDINGS
from souk.services.carts.use_cases import change_cart
from souk.services.carts.use_cases.change_cart import Plan
from souk.services.carts.wishes import Wishes


class CartsRpc(PersonalDataRpc, CartService):
    """One cart a shopper; guests hold theirs by its token."""

    HOLDINGS = HOLDINGS

    def __init__(
        self, database: Database, desk: Desk, pricing: PricingServiceClient, wishes: Wishes
    ) -> None:
        self.database, self.desk, self.pricing, self.wishes = database, desk, pricing, wishes
        self._empty = Together(partial(store.empty_carts, database))

    async def add_item(self, request: AddItemRequest) -> Cart:
        async def plan() -> Plan:
            return await self.desk.plan_to_add(
                owner(request.cart_token), request.variant_id, request.quantity
            )

        async def attempt() -> Cart:
            if not call().idempotency_key:
                return await change_cart.put_line(self.database, await plan())
            return await self.database.once_planned(Cart, request, plan, change_cart.put_line)

        return await self.desk.until_written(attempt)

    async def move_to_cart(self, request: MoveToCartRequest) -> Cart:
        variant_id = await self.wishes.variant_of(request)
        cart = await self.add_item(
            AddItemRequest(variant_id=variant_id, quantity=request.quantity or 1)
        )
        await self.wishes.fulfilled(request)
        return cart

    async def update_quantity(self, request: UpdateQuantityRequest) -> Cart:
        async def attempt() -> Cart:
            plan = await self.desk.plan_to_change(
                owner(request.cart_token), request.item_id, request.quantity
            )
            return await change_cart.put_line(self.database, plan)

        return await self.desk.until_written(attempt)

    async def remove_item(self, request: RemoveItemRequest) -> Cart:
        async def attempt() -> None:
            basket = await self.desk.basket(owner(request.cart_token))
            if basket.find(item_id=request.item_id) is None:
                raise CartItemNotFound()
            await change_cart.remove_line(self.database, basket, request.item_id)

        await self.desk.until_written(attempt)
        return await self.desk.look(owner(request.cart_token))

    async def get_cart(self, request: GetCartRequest) -> Cart:
        return await self.desk.look(owner(request.cart_token))

    async def clear_cart(self, request: ClearCartRequest) -> Cart:
        async def attempt() -> None:
            basket = await self.desk.basket(owner(request.cart_token))
            if basket.id:
                await change_cart.clear_cart(self.database, basket)

        await self.desk.until_written(attempt)
        return await self.desk.look(owner(request.cart_token))

    async def apply_promo_code(self, request: ApplyPromoCodeRequest) -> Cart:
        async def attempt() -> None:
            basket = await self.desk.basket(owner(request.cart_token))
            if not basket.lines:
                raise CartIsEmpty()
            lines = [
                QuoteLine(variant_id=line.variant_id, quantity=line.quantity)
                for line in basket.lines
            ]
            asked = QuoteRequest(
                lines=tuple(lines), coupon_code=request.code, buyer_id=caller().user_id
            )
            quote = await self.pricing.quote(asked)
            await change_cart.set_coupon(self.database, basket, quote.coupon_code)

        await self.desk.until_written(attempt)
        return await self.desk.look(owner(request.cart_token))

    async def remove_promo_code(self, request: RemovePromoCodeRequest) -> Cart:
        async def attempt() -> None:
            basket = await self.desk.basket(owner(request.cart_token))
            if basket.coupon_code:
                await change_cart.set_coupon(self.database, basket, "")

        await self.desk.until_written(attempt)
        return await self.desk.look(owner(request.cart_token))

    async def calculate_total(self, request: CalculateTotalRequest) -> CartTotal:
        return model.totals(await self.desk.look(owner(request.cart_token)))

    async def get_cart_for_checkout(self, request: GetCartForCheckoutRequest) -> CheckoutCart:
        shopper = Owner(user_id=request.user_id, token=request.cart_token)
        basket = await self.desk.basket(shopper)
        lines = [
            CheckoutLine(variant_id=line.variant_id, quantity=line.quantity)
            for line in basket.lines
        ]
        return CheckoutCart(
            cart_id=basket.id,
            version=basket.version,
            coupon_code=basket.coupon_code,
            lines=tuple(lines),
        )

    async def close_cart(self, request: CloseCartRequest) -> Empty:
        # One that has changed since it was bought stays as it is.
        await self._empty((request.cart_id, request.version))
        return Empty()


def owner(token: str) -> Owner:
    """Whoever calls, with the token that came along."""
    return Owner(user_id=caller().user_id, token=token)
