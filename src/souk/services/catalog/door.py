"""Who works in a shop: asked of shops, and remembered for a moment where the answer is yes."""

from __future__ import annotations

from souk.contracts.catalog import NotYourShop
from souk.contracts.shops import (
    GetShopsRequest,
    Membership,
    ShopServiceClient,
    ShopStatus,
    VerifyMemberRequest,
)
from souk.kernel.clock import monotonic
from souk.kernel.context import call, caller
from souk.services.catalog.model import ShopFacts

FRESH_SECONDS = 5
PEOPLE_MAX = 10_000


class Door:
    """Where people who want to work in a shop are let in or not."""

    def __init__(self, shops: ShopServiceClient) -> None:
        self._shops = shops
        # By shop, person and what they do: until when.
        self._members: dict[tuple[str, str, str], float] = {}

    async def lets_in(self, shop_id: str) -> bool:
        """Whether the caller works in the shop or is an operator."""
        by = caller()
        if by.is_operator:
            return True
        if not by.user_id:
            return False
        if self._members.get((shop_id, by.user_id, call().permission), 0) > monotonic():
            return True
        return (await self._membership(shop_id, by.user_id)).is_member

    async def shop(self, shop_id: str) -> ShopFacts:
        """The shop as it is now, for those who are let in; NotYourShop for others."""
        by = caller()
        if by.is_operator:
            return await self._shop_for_operators(shop_id)
        found = await self._membership(shop_id, by.user_id) if by.user_id else Membership()
        if not found.is_member:
            raise NotYourShop(shop_id=shop_id)
        is_selling = found.shop_status is ShopStatus.ACTIVE
        return ShopFacts(shop_id, found.shop_name, found.currency, is_selling)

    async def _membership(self, shop_id: str, user_id: str) -> Membership:
        permission = call().permission
        asked = VerifyMemberRequest(shop_id=shop_id, user_id=user_id, permission=permission)
        found = await self._shops.verify_member(asked)
        if found.is_member:
            if len(self._members) >= PEOPLE_MAX:
                self._members.clear()
            self._members[shop_id, user_id, permission] = monotonic() + FRESH_SECONDS
        else:
            self._members.pop((shop_id, user_id, permission), None)
        return found

    async def _shop_for_operators(self, shop_id: str) -> ShopFacts:
        found = (await self._shops.get_shops(GetShopsRequest(shop_ids=(shop_id,)))).items
        if not found:
            raise NotYourShop(shop_id=shop_id)
        is_selling = found[0].status is ShopStatus.ACTIVE
        return ShopFacts(shop_id, found[0].name, found[0].currency, is_selling)
