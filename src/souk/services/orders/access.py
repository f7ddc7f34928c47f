"""Who may see an order, and as what: everybody else is told that there is none."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.orders import CheckoutNotFound, OrderNotFound
from souk.contracts.shops import ListOwnedShopsRequest, ShopServiceClient, VerifyMemberRequest
from souk.kernel.context import Caller, call
from souk.kernel.database import Database
from souk.services.orders import queries
from souk.services.orders.model.order import StoredOrder
from souk.services.orders.model.shopper import Standing, viewer_of
from souk.services.orders.queries import StoredCheckout

PARTIES = frozenset({Standing.BUYER, Standing.SHOP, Standing.OPERATOR})


class Doorkeeper(Struct, frozen=True, eq=False):
    """Knows the database and who works in which shop."""

    database: Database
    shops: ShopServiceClient

    async def admit(
        self, order_id: str, by: Caller, cart_token: str
    ) -> tuple[StoredOrder, Standing]:
        """The order and as what they see it; raises OrderNotFound."""
        order = await queries.get_order(self.database, order_id)
        standing = await self._standing(order, by, cart_token)
        if standing is None:
            raise OrderNotFound()
        return order, standing

    async def shops_of(self, user_id: str) -> tuple[str, ...]:
        """Those they own."""
        asked = ListOwnedShopsRequest(user_id=user_id)
        return (await self.shops.list_owned_shops(asked)).shop_ids

    async def admit_party(self, order_id: str, by: Caller, cart_token: str) -> Standing:
        """Those between whom the order was made, and operators; raises OrderNotFound."""
        _, standing = await self.admit(order_id, by, cart_token)
        if standing not in PARTIES:
            raise OrderNotFound()
        return standing

    async def admit_carrier(self, order_id: str, by: Caller) -> Standing:
        """Operators, and couriers where there is something to carry; raises OrderNotFound."""
        order = await queries.get_order(self.database, order_id)
        if by.is_operator:
            return Standing.OPERATOR
        if "courier" in by.roles and order.has_parcels:
            return Standing.COURIER
        raise OrderNotFound()

    async def admit_shop(self, shop_id: str, by: Caller) -> Standing:
        """The shop's people and operators; raises OrderNotFound."""
        if await self._works_in(shop_id, by):
            return Standing.SHOP
        if by.is_operator:
            return Standing.OPERATOR
        raise OrderNotFound()

    async def admit_shopper(
        self, checkout_id: str, by: Caller, cart_token: str
    ) -> tuple[StoredCheckout, Standing]:
        """Whoever placed it, and operators; raises CheckoutNotFound."""
        checkout = await queries.get_checkout(self.database, checkout_id)
        viewer = viewer_of(by, cart_token)
        if viewer.is_either(checkout.buyer_id, checkout.guest_token_hash):
            return checkout, Standing.BUYER
        if by.is_operator:
            return checkout, Standing.OPERATOR
        raise CheckoutNotFound()

    async def _standing(self, order: StoredOrder, by: Caller, cart_token: str) -> Standing | None:
        if viewer_of(by, cart_token).is_either(order.buyer_id, order.guest_token_hash):
            return Standing.BUYER
        if "courier" in by.roles and order.has_parcels:
            return Standing.COURIER
        if by.is_operator:
            return Standing.OPERATOR
        return Standing.SHOP if await self._works_in(order.shop_id, by) else None

    async def _works_in(self, shop_id: str, by: Caller) -> bool:
        if not by.user_id or by.is_operator:
            return False
        asked = VerifyMemberRequest(
            shop_id=shop_id, user_id=by.user_id, permission=call().permission
        )
        return (await self.shops.verify_member(asked)).is_member
