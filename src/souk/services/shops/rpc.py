"""Shops, as the gateway and other services see them."""

from __future__ import annotations

from contextlib import suppress

from souk.contracts.api import Role
from souk.contracts.shops import (
    CreateShopRequest,
    DecideShopRequest,
    GetShopRequest,
    GetShopsRequest,
    ListMyShopsRequest,
    ListOwnedShopsRequest,
    ListShopsRequest,
    ListShopsToApproveRequest,
    Membership,
    OwnedShops,
    Shop,
    ShopList,
    ShopPage,
    UpdateShopRequest,
    VerifyMemberRequest,
)
from souk.contracts.users import GrantRoleRequest, UserServiceClient
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.database import Database
from souk.kernel.personal_data import PersonalDataRpc
from souk.kernel.refusals import Refusal
from souk.services.shops import people_store, queries
from souk.services.shops.door import Door
from souk.services.shops.people_rpc import PeopleRpc
from souk.services.shops.personal_store import HOLDINGS
from souk.services.shops.use_cases.create_shop import create_shop
from souk.services.shops.use_cases.decide_shop import decide_shop
from souk.services.shops.use_cases.update_shop import update_shop


class ShopsRpc(PersonalDataRpc, PeopleRpc):
    """Shops; the people who work in them are next door."""

    HOLDINGS = HOLDINGS

    def __init__(self, database: Database, users: UserServiceClient, clock: Clock) -> None:
        self.database, self.users, self.clock = database, users, clock
        self.door = Door(database)

    async def create_shop(self, request: CreateShopRequest) -> Shop:
        owner_id = caller().user_id
        shop = await self.database.once(
            Shop, request, create_shop, request, owner_id=owner_id, now=self.clock.now()
        )
        # ShopCreated grants the role as well, whatever becomes of this call; asking here lets the
        # seller go on with the very next refresh of the token.
        with suppress(Refusal):
            await self.users.grant_role(GrantRoleRequest(user_id=owner_id, role=Role.SELLER))
        return shop

    async def get_shop(self, request: GetShopRequest) -> Shop:
        return await queries.get_shop(self.database, request.shop_id)

    async def list_shops(self, request: ListShopsRequest) -> ShopPage:
        return await queries.list_shops(self.database, request)

    async def update_shop(self, request: UpdateShopRequest) -> Shop:
        await self.door.must_work_in(request.shop_id)
        return await self.database.transact(update_shop, request)

    async def list_shops_to_approve(self, request: ListShopsToApproveRequest) -> ShopPage:
        return await queries.list_to_approve(self.database, request)

    async def decide_shop(self, request: DecideShopRequest) -> Shop:
        by, now = caller().user_id, self.clock.now()
        return await self.database.transact(decide_shop, request, by=by, now=now)

    async def list_owned_shops(self, request: ListOwnedShopsRequest) -> OwnedShops:
        return OwnedShops(shop_ids=await queries.list_owned(self.database, request.user_id))

    async def get_shops(self, request: GetShopsRequest) -> ShopList:
        return ShopList(items=await queries.list_several(self.database, request.shop_ids))

    async def verify_member(self, request: VerifyMemberRequest) -> Membership:
        return await queries.get_membership(
            self.database,
            shop_id=request.shop_id,
            user_id=request.user_id,
            permission=request.permission,
        )

    async def list_my_shops(self, request: ListMyShopsRequest) -> ShopList:
        user_id, limit = caller().user_id, request.page_size or 100
        shops = await queries.list_mine(self.database, user_id, limit=limit)
        ids = [shop.id for shop in shops]
        return ShopList(
            items=shops, places=await people_store.list_places(self.database, user_id, ids)
        )
