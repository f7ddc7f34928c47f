"""Carts as of now: what is kept, with prices from pricing and stock from inventory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from msgspec import structs

from souk.contracts.carts import Cart, CartItemNotFound
from souk.contracts.inventory import CheckStockRequest, InventoryServiceClient, Stock
from souk.contracts.pricing import (
    CurrenciesMixed,
    PricingServiceClient,
    QuoteLine,
    QuoteRequest,
    QuoteResponse,
)
from souk.kernel.database import Database
from souk.kernel.ids import new_id, new_secret
from souk.kernel.refusals import Unavailable
from souk.kernel.together import Together
from souk.services.carts import model, queries
from souk.services.carts.model import Basket, Line, Owner
from souk.services.carts.use_cases.change_cart import CartMovedError, Plan
from souk.services.carts.use_cases.merge_carts import cap_quantities, merge_carts

T = TypeVar("T")
ATTEMPTS_MAX = 20


class Desk:
    """Where shoppers ask for their carts."""

    def __init__(
        self, database: Database, pricing: PricingServiceClient, inventory: InventoryServiceClient
    ) -> None:
        self.database, self.pricing, self.inventory = database, pricing, inventory
        # Under load many ask at the same moment.
        self._find_baskets = Together(
            partial(queries.find_baskets, database), at_once_max=queries.OWNERS_MAX
        )

    async def basket(self, owner: Owner) -> Basket:
        """The cart of a shopper; a guest's cart brought along is merged into it."""
        if not (owner.user_id or owner.token):
            return Basket()
        own, guest = await self._find_baskets(owner)
        if not owner.user_id:
            return guest or Basket()
        if guest is None:
            return own or Basket()
        await self.database.transact(
            merge_carts, user_id=owner.user_id, token_hash=owner.token_hash
        )
        own, _ = await self._find_baskets(Owner(user_id=owner.user_id))
        return own or Basket()

    async def look(self, owner: Owner) -> Cart:
        basket = await self.basket(owner)
        quote, stock = await self._as_of_now(basket, owner, lenient=True)
        if basket.is_merged:
            basket = await self._capped(basket, stock)
            quote, stock = await self._as_of_now(basket, owner, lenient=True)
        token = "" if owner.user_id or not basket.id else owner.token
        return model.view(basket, quote, stock, token=token)

    async def plan_to_add(self, owner: Owner, variant_id: str, quantity: int) -> Plan:
        basket = await self.basket(owner)
        kept = basket.find(variant_id=variant_id)
        wanted = quantity + (kept.quantity if kept else 0)
        line = Line(id=kept.id if kept else new_id(), variant_id=variant_id, quantity=wanted)
        return await self._plan(owner, basket, line)

    async def plan_to_change(self, owner: Owner, item_id: str, quantity: int) -> Plan:
        basket = await self.basket(owner)
        kept = basket.find(item_id=item_id)
        if kept is None:
            raise CartItemNotFound()
        return await self._plan(owner, basket, structs.replace(kept, quantity=quantity))

    async def until_written(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Plans and writes, anew as often as somebody else changed the cart in between."""
        for _ in range(ATTEMPTS_MAX):
            try:
                return await attempt()
            except CartMovedError:
                continue
        raise Unavailable(service="carts")

    async def _plan(self, owner: Owner, basket: Basket, line: Line) -> Plan:
        model.must_be_possible(line.quantity)
        after = basket.holding(line)
        quote, stock = await self._as_of_now(after, owner, lenient=True, sure=line.variant_id)
        priced = next(each for each in quote.lines if each.variant_id == line.variant_id)
        if basket.currency and basket.currency != quote.currency:
            raise CurrenciesMixed(first=basket.currency, second=quote.currency)
        model.must_be_in_stock(priced, stock)
        line = structs.replace(line, name=priced.name, seen_price_amount=priced.unit_price.amount)
        after = structs.replace(
            after.holding(line),
            id=basket.id or new_id(),
            version=basket.version + 1,
            currency=quote.currency,
        )
        token = owner.token
        if not basket.id and not owner.user_id:
            token = new_secret()  # never one that the client chose
        cart = model.view(after, quote, stock, token="" if owner.user_id else token)
        return Plan(owner=structs.replace(owner, token=token), basket=basket, line=line, cart=cart)

    async def _as_of_now(
        self, basket: Basket, owner: Owner, *, lenient: bool, sure: str = ""
    ) -> tuple[QuoteResponse, Mapping[str, Stock]]:
        """Prices and stock of a cart; `sure` is the variant that must be for sale."""
        if not basket.lines:
            return model.empty(basket.currency), {}
        request = QuoteRequest(
            lines=tuple(
                QuoteLine(variant_id=line.variant_id, quantity=line.quantity)
                for line in basket.lines
            ),
            coupon_code=basket.coupon_code,
            buyer_id=owner.user_id,
            lenient=lenient,
        )
        quote = await self.pricing.quote(request)
        if sure in quote.missing_variant_ids:
            quote = await self.pricing.quote(structs.replace(request, lenient=False))
        ids = tuple(line.variant_id for line in basket.lines)
        found = await self.inventory.check_stock(CheckStockRequest(variant_ids=ids))
        return quote, {each.variant_id: each for each in found.items}

    async def _capped(self, basket: Basket, stock: Mapping[str, Stock]) -> Basket:
        """After a merge, no more of anything than there is."""
        lines = [
            structs.replace(line, quantity=min(line.quantity, max(available, 1)))
            for line in basket.lines
            for available in (model.available_of(line.variant_id, stock),)
        ]
        if not await self.database.transact(cap_quantities, basket, lines):
            return basket
        return structs.replace(
            basket, lines=tuple(lines), is_merged=False, version=basket.version + 1
        )
