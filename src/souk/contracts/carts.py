"""Carts: what shoppers mean to buy.

Generated from souk/carts/v1/carts.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.contracts.inventory import InsufficientStock
from souk.contracts.pricing import (
    AmountTooLarge,
    CurrenciesMixed,
    PromoCodeRefused,
    VariantNotForSale,
)
from souk.contracts.users import WishlistNotFound
from souk.kernel.contract import Access, Answer, Empty, Http, Idempotency, Int32, Method, Rate
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class CartItem(Struct, frozen=True, kw_only=True):
    id: str = ""
    product_id: str = ""
    variant_id: str = ""
    shop_id: str = ""
    sku: str = ""
    name: str = ""
    variant_name: str = ""
    image_url: str = ""
    quantity: Int32 = 0
    unit_price: Money | None = None
    line_total: Money | None = None
    available: Int32 = 0


class Cart(Struct, frozen=True, kw_only=True):
    id: Annotated[str, Meta(description="Empty while there is no cart.")] = ""
    token: Annotated[
        str,
        Meta(
            description=(
                "A guest's key to the cart, told when it is made; empty for signed-in shoppers."
            )
        ),
    ] = ""
    version: Annotated[Int32, Meta(description="Grows by one with every change.")] = 0
    currency: str = ""
    items: tuple[CartItem, ...] = ()
    coupon_code: str = ""
    subtotal: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    notices: Annotated[
        tuple[str, ...], Meta(description="What changed since the shopper last looked, in words.")
    ] = ()


class AddItemRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    variant_id: Uuid
    quantity: Annotated[int, Meta(ge=1, le=9_999)]
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class MoveToCartRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: Annotated[
        UuidOrEmpty, Meta(description="Which one of it; may be empty where the wishlist says it.")
    ] = ""
    wishlist_id: Annotated[UuidOrEmpty, Meta(description="Empty: the default one.")] = ""
    quantity: Annotated[int, Meta(ge=0, le=9_999, description="Empty: one.")] = 0


class UpdateQuantityRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: Uuid
    quantity: Annotated[int, Meta(ge=1, le=9_999)]
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class RemoveItemRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    item_id: Uuid
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class GetCartRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class ClearCartRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class ApplyPromoCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, max_length=50)]
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class RemovePromoCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class CalculateTotalRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class CartTotal(Struct, frozen=True, kw_only=True):
    currency: str = ""
    item_count: Int32 = 0
    subtotal: Money | None = None
    discount: Money | None = None
    shipping: Money | None = None
    tax: Money | None = None
    total: Money | None = None


class GetCartForCheckoutRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Annotated[
        UuidOrEmpty, Meta(description="A signed-in shopper's id, or a guest's token.")
    ] = ""
    cart_token: Annotated[str, Meta(max_length=100)] = ""


class CheckoutLine(Struct, frozen=True, kw_only=True):
    variant_id: str = ""
    quantity: Int32 = 0


class CheckoutCart(Struct, frozen=True, kw_only=True):
    cart_id: Annotated[str, Meta(description="Empty when there is no cart.")] = ""
    version: Int32 = 0
    coupon_code: str = ""
    lines: tuple[CheckoutLine, ...] = ()


class CloseCartRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    cart_id: Uuid
    version: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class CartItemNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such line in your cart."


class NotOnTheWishlist(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "This is not on that wishlist (any more)."


class CartFull(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A cart holds at most {max} different things."
    max: int


class CartIsEmpty(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "There is nothing in the cart."


class CartService(ABC):
    """One cart a shopper; guests hold theirs by its token."""

    NAME: ClassVar[str] = "souk.carts.v1.CartService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def add_item(self, request: AddItemRequest) -> Cart:
        """Puts a variant into the cart; putting it in again adds to it."""

    @abstractmethod
    async def move_to_cart(self, request: MoveToCartRequest) -> Cart:
        """Puts something from a wishlist into the cart and takes it off the list, so that it
        moves once.
        """

    @abstractmethod
    async def update_quantity(self, request: UpdateQuantityRequest) -> Cart:
        """Sets how many of a line there are."""

    @abstractmethod
    async def remove_item(self, request: RemoveItemRequest) -> Cart: ...

    @abstractmethod
    async def get_cart(self, request: GetCartRequest) -> Cart:
        """The cart with prices and stock as of now; without one, an empty cart."""

    @abstractmethod
    async def clear_cart(self, request: ClearCartRequest) -> Cart: ...

    @abstractmethod
    async def apply_promo_code(self, request: ApplyPromoCodeRequest) -> Cart: ...

    @abstractmethod
    async def remove_promo_code(self, request: RemovePromoCodeRequest) -> Cart: ...

    @abstractmethod
    async def calculate_total(self, request: CalculateTotalRequest) -> CartTotal:
        """The cart as sums alone."""

    @abstractmethod
    async def get_cart_for_checkout(self, request: GetCartForCheckoutRequest) -> CheckoutCart:
        """What a checkout takes: lines, coupon and version of a shopper's cart."""

    @abstractmethod
    async def close_cart(self, request: CloseCartRequest) -> Empty:
        """Empties the cart a checkout was made of, if it has not changed since; repeating it
        changes nothing.
        """

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class CartServiceClient(CartService):
    """Calls CartService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def add_item(self, request: AddItemRequest) -> Cart:
        answer: Cart = await self._transport.call(ADD_ITEM, request)
        return answer

    async def move_to_cart(self, request: MoveToCartRequest) -> Cart:
        answer: Cart = await self._transport.call(MOVE_TO_CART, request)
        return answer

    async def update_quantity(self, request: UpdateQuantityRequest) -> Cart:
        answer: Cart = await self._transport.call(UPDATE_QUANTITY, request)
        return answer

    async def remove_item(self, request: RemoveItemRequest) -> Cart:
        answer: Cart = await self._transport.call(REMOVE_ITEM, request)
        return answer

    async def get_cart(self, request: GetCartRequest) -> Cart:
        answer: Cart = await self._transport.call(GET_CART, request)
        return answer

    async def clear_cart(self, request: ClearCartRequest) -> Cart:
        answer: Cart = await self._transport.call(CLEAR_CART, request)
        return answer

    async def apply_promo_code(self, request: ApplyPromoCodeRequest) -> Cart:
        answer: Cart = await self._transport.call(APPLY_PROMO_CODE, request)
        return answer

    async def remove_promo_code(self, request: RemovePromoCodeRequest) -> Cart:
        answer: Cart = await self._transport.call(REMOVE_PROMO_CODE, request)
        return answer

    async def calculate_total(self, request: CalculateTotalRequest) -> CartTotal:
        answer: CartTotal = await self._transport.call(CALCULATE_TOTAL, request)
        return answer

    async def get_cart_for_checkout(self, request: GetCartForCheckoutRequest) -> CheckoutCart:
        answer: CheckoutCart = await self._transport.call(GET_CART_FOR_CHECKOUT, request)
        return answer

    async def close_cart(self, request: CloseCartRequest) -> Empty:
        answer: Empty = await self._transport.call(CLOSE_CART, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


ADD_ITEM = Method(
    service="souk.carts.v1.CartService",
    name="AddItem",
    python="add_item",
    request=AddItemRequest,
    response=Cart,
    http=(Http("POST", "/api/v1/cart/items", body="*"),),
    access=Access(public=True),
    errors=(
        VariantNotForSale,
        InsufficientStock,
        CurrenciesMixed,
        CartFull,
        AmountTooLarge,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    headers={"cart_token": "X-Cart-Token"},
    comment="Puts a variant into the cart; putting it in again adds to it.",
)
MOVE_TO_CART = Method(
    service="souk.carts.v1.CartService",
    name="MoveToCart",
    python="move_to_cart",
    request=MoveToCartRequest,
    response=Cart,
    http=(Http("POST", "/api/v1/cart/from-wishlist", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        WishlistNotFound,
        NotOnTheWishlist,
        VariantNotForSale,
        InsufficientStock,
        CurrenciesMixed,
        CartFull,
        AmountTooLarge,
    ),
    rate=Rate.WRITE,
    answer=Answer(status=201),
    comment=(
        "Puts something from a wishlist into the cart and takes it off the list, "
        "so that it moves once."
    ),
)
UPDATE_QUANTITY = Method(
    service="souk.carts.v1.CartService",
    name="UpdateQuantity",
    python="update_quantity",
    request=UpdateQuantityRequest,
    response=Cart,
    http=(Http("PUT", "/api/v1/cart/items/{item_id}", body="*"),),
    access=Access(public=True),
    errors=(
        CartItemNotFound,
        InsufficientStock,
        AmountTooLarge,
    ),
    rate=Rate.WRITE,
    headers={"cart_token": "X-Cart-Token"},
    comment="Sets how many of a line there are.",
)
REMOVE_ITEM = Method(
    service="souk.carts.v1.CartService",
    name="RemoveItem",
    python="remove_item",
    request=RemoveItemRequest,
    response=Cart,
    http=(Http("DELETE", "/api/v1/cart/items/{item_id}"),),
    access=Access(public=True),
    errors=(CartItemNotFound,),
    rate=Rate.WRITE,
    headers={"cart_token": "X-Cart-Token"},
)
GET_CART = Method(
    service="souk.carts.v1.CartService",
    name="GetCart",
    python="get_cart",
    request=GetCartRequest,
    response=Cart,
    http=(Http("GET", "/api/v1/cart"),),
    access=Access(public=True),
    rate=Rate.READ,
    headers={"cart_token": "X-Cart-Token"},
    comment="The cart with prices and stock as of now; without one, an empty cart.",
)
CLEAR_CART = Method(
    service="souk.carts.v1.CartService",
    name="ClearCart",
    python="clear_cart",
    request=ClearCartRequest,
    response=Cart,
    http=(Http("DELETE", "/api/v1/cart/clear"),),
    access=Access(public=True),
    rate=Rate.WRITE,
    headers={"cart_token": "X-Cart-Token"},
)
APPLY_PROMO_CODE = Method(
    service="souk.carts.v1.CartService",
    name="ApplyPromoCode",
    python="apply_promo_code",
    request=ApplyPromoCodeRequest,
    response=Cart,
    http=(Http("POST", "/api/v1/cart/apply-coupon", body="*"),),
    access=Access(public=True),
    errors=(
        PromoCodeRefused,
        CartIsEmpty,
    ),
    rate=Rate.WRITE,
    answer=Answer(status=200),
    headers={"cart_token": "X-Cart-Token"},
)
REMOVE_PROMO_CODE = Method(
    service="souk.carts.v1.CartService",
    name="RemovePromoCode",
    python="remove_promo_code",
    request=RemovePromoCodeRequest,
    response=Cart,
    http=(Http("DELETE", "/api/v1/cart/remove-coupon"),),
    access=Access(public=True),
    rate=Rate.WRITE,
    headers={"cart_token": "X-Cart-Token"},
)
CALCULATE_TOTAL = Method(
    service="souk.carts.v1.CartService",
    name="CalculateTotal",
    python="calculate_total",
    request=CalculateTotalRequest,
    response=CartTotal,
    http=(
        Http("GET", "/api/v1/cart/calculate-total"),
        Http("GET", "/api/v1/cart/summary"),
    ),
    access=Access(public=True),
    rate=Rate.READ,
    headers={"cart_token": "X-Cart-Token"},
    comment="The cart as sums alone.",
)
GET_CART_FOR_CHECKOUT = Method(
    service="souk.carts.v1.CartService",
    name="GetCartForCheckout",
    python="get_cart_for_checkout",
    request=GetCartForCheckoutRequest,
    response=CheckoutCart,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="What a checkout takes: lines, coupon and version of a shopper's cart.",
)
CLOSE_CART = Method(
    service="souk.carts.v1.CartService",
    name="CloseCart",
    python="close_cart",
    request=CloseCartRequest,
    response=Empty,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=(
        "Empties the cart a checkout was made of, if it has not changed since; "
        "repeating it changes nothing."
    ),
)
EXPORT_PERSON = Method(
    service="souk.carts.v1.CartService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.carts.v1.CartService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

CartService.METHODS = (
    ADD_ITEM,
    MOVE_TO_CART,
    UPDATE_QUANTITY,
    REMOVE_ITEM,
    GET_CART,
    CLEAR_CART,
    APPLY_PROMO_CODE,
    REMOVE_PROMO_CODE,
    CALCULATE_TOTAL,
    GET_CART_FOR_CHECKOUT,
    CLOSE_CART,
    EXPORT_PERSON,
    ERASE_PERSON,
)
