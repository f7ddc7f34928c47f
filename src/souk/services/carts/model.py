"""What is in a cart, and what of it has changed since the shopper put it there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec import Struct, structs

from souk.contracts.carts import Cart, CartFull, CartItem, CartTotal
from souk.contracts.inventory import InsufficientStock, Stock
from souk.contracts.pricing import PricedLine, QuoteResponse
from souk.kernel.money import Money, zero
from souk.kernel.refusals import FieldError, InvalidRequest

LINES_MAX = 100
QUANTITY_MAX = 9999


class Owner(Struct, frozen=True, kw_only=True):
    """Whose cart it is: a signed-in shopper's, or that of whoever holds the token."""

    user_id: str = ""
    token: str = ""

    @property
    def token_hash(self) -> str:
        return hash_of(self.token) if self.token else ""


class Line(Struct, frozen=True, kw_only=True):
    """A line as it is kept."""

    id: str
    variant_id: str
    quantity: int
    name: str = ""
    seen_price_amount: int = 0


class Basket(Struct, frozen=True, kw_only=True):
    """A cart as it is kept; `id` is empty while there is none."""

    id: str = ""
    version: int = 0
    currency: str = ""
    coupon_code: str = ""
    is_merged: bool = False
    lines: tuple[Line, ...] = ()

    def find(self, *, variant_id: str = "", item_id: str = "") -> Line | None:
        for line in self.lines:
            if line.variant_id == variant_id or line.id == item_id:
                return line
        return None

    def holding(self, changed: Line) -> Basket:
        """With this line put in, or in place of the one for the same variant."""
        others = [line for line in self.lines if line.variant_id != changed.variant_id]
        if len(others) == len(self.lines) and len(others) >= LINES_MAX:
            raise CartFull(max=LINES_MAX)
        kept = [changed if line.variant_id == changed.variant_id else line for line in self.lines]
        lines = kept if len(others) < len(self.lines) else [*self.lines, changed]
        return structs.replace(self, lines=tuple(lines))


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def must_be_possible(quantity: int) -> None:
    if quantity > QUANTITY_MAX:
        raise InvalidRequest(FieldError("quantity", f"must be at most {QUANTITY_MAX} in all"))


def must_be_in_stock(line: PricedLine, stock: Mapping[str, Stock]) -> None:
    available = available_of(line.variant_id, stock)
    if line.quantity > available:
        raise InsufficientStock(sku=line.sku, available=available, variant_id=line.variant_id)


def available_of(variant_id: str, stock: Mapping[str, Stock]) -> int:
    found = stock.get(variant_id)
    return max(found.available, 0) if found else 0


def view(basket: Basket, quote: QuoteResponse, stock: Mapping[str, Stock], *, token: str) -> Cart:
    """The cart as its shopper sees it, with prices and stock as of now."""
    currency = basket.currency or quote.currency
    priced = {line.variant_id: line for line in quote.lines}
    items = tuple(
        item_view(line, priced.get(line.variant_id), available_of(line.variant_id, stock))
        for line in basket.lines
    )
    return Cart(
        id=basket.id,
        token=token,
        version=basket.version,
        currency=currency,
        items=items,
        coupon_code=quote.coupon_code,
        subtotal=quote.subtotal,
        discount=quote.discount,
        shipping=quote.shipping,
        tax=quote.tax,
        total=quote.total,
        notices=(*quote.notices, *notices(basket, priced, stock)),
    )


def item_view(line: Line, priced: PricedLine | None, available: int) -> CartItem:
    """What cannot be bought any more is shown by its name, without a price."""
    if priced is None:
        return CartItem(
            id=line.id, variant_id=line.variant_id, name=line.name, quantity=line.quantity
        )
    return CartItem(
        id=line.id,
        product_id=priced.product_id,
        variant_id=line.variant_id,
        shop_id=priced.shop_id,
        sku=priced.sku,
        name=priced.name,
        variant_name=priced.variant_name,
        image_url=priced.image_url,
        quantity=line.quantity,
        unit_price=priced.unit_price,
        line_total=priced.line_total,
        available=available,
    )


def notices(
    basket: Basket, priced: Mapping[str, PricedLine], stock: Mapping[str, Stock]
) -> list[str]:
    """What the shopper should know before paying, in words."""
    told = []
    for line in basket.lines:
        now = priced.get(line.variant_id)
        if now is None:
            continue
        if now.unit_price.amount != line.seen_price_amount:
            was = Money(line.seen_price_amount, now.unit_price.currency)
            told.append(f"{now.name} now costs {now.unit_price}; it was {was}.")
        available = available_of(line.variant_id, stock)
        if available == 0:
            told.append(f"{now.name} is sold out.")
        elif available < line.quantity:
            told.append(f"Only {available} of {now.name} are available.")
    return told


def empty(currency: str) -> QuoteResponse:
    """What an empty cart costs."""
    nothing = zero(currency or "XXX")
    return QuoteResponse(
        currency=currency,
        subtotal=nothing,
        discount=nothing,
        shipping=nothing,
        tax=nothing,
        total=nothing,
    )


def totals(cart: Cart) -> CartTotal:
    return CartTotal(
        currency=cart.currency,
        item_count=sum(item.quantity for item in cart.items),
        subtotal=cart.subtotal,
        discount=cart.discount,
        shipping=cart.shipping,
        tax=cart.tax,
        total=cart.total,
    )
