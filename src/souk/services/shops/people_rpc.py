"""The part of shops about who works in them: roles that a shop makes, invitations, members."""

from __future__ import annotations

from abc import ABC
from collections.abc import Iterable
from contextlib import suppress

from msgspec import structs

from souk.contracts.api import Role
from souk.contracts.shops import (
    CloseShopRequest,
    CreateShopRoleRequest,
    CustomShopRole,
    DeleteShopRoleRequest,
    GetInvitationRequest,
    Invitation,
    InvitationList,
    InvitationView,
    InviteMemberRequest,
    JoinShopRequest,
    ListInvitationsRequest,
    ListMembersRequest,
    ListShopRolesRequest,
    Member,
    MemberList,
    NotForShops,
    RemoveMemberRequest,
    SetMemberRequest,
    Shop,
    ShopNotFound,
    ShopRoleList,
    ShopService,
    UpdateShopRoleRequest,
    WithdrawInvitationRequest,
)
from souk.contracts.users import (
    GetContactsRequest,
    GrantRoleRequest,
    ListPermissionsRequest,
    UserServiceClient,
)
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.kernel.database import Database
from souk.kernel.ids import new_secret
from souk.kernel.refusals import Refusal
from souk.services.shops import people_store, queries
from souk.services.shops.door import Door
from souk.services.shops.use_cases import staff_a_shop
from souk.services.shops.use_cases.close_shop import close_shop


class PeopleRpc(ShopService, ABC):
    """An owner's half of the contract."""

    database: Database
    users: UserServiceClient
    clock: Clock
    door: Door

    async def close_shop(self, request: CloseShopRequest) -> Shop:
        owner_id = await self.door.must_own(request.shop_id)
        return await self.database.transact(close_shop, request.shop_id, owner_id=owner_id)

    async def list_shop_roles(self, request: ListShopRolesRequest) -> ShopRoleList:
        by = caller()
        is_theirs = by.is_operator or await queries.find_role(
            self.database, shop_id=request.shop_id, user_id=by.user_id
        )
        if not is_theirs:
            raise ShopNotFound(shop_id=request.shop_id)
        return ShopRoleList(items=await people_store.list_roles(self.database, request.shop_id))

    async def create_shop_role(self, request: CreateShopRoleRequest) -> CustomShopRole:
        await self.door.must_own(request.shop_id)
        await self._must_be_for_shops(request.permissions)
        return await self.database.once(
            CustomShopRole, request, staff_a_shop.create_role, request, now=self.clock.now()
        )

    async def update_shop_role(self, request: UpdateShopRoleRequest) -> CustomShopRole:
        await self.door.must_own(request.shop_id)
        await self._must_be_for_shops(request.permissions)
        return await self.database.transact(staff_a_shop.update_role, request)

    async def delete_shop_role(self, request: DeleteShopRoleRequest) -> Empty:
        await self.door.must_own(request.shop_id)
        await self.database.transact(
            staff_a_shop.delete_role, request.shop_id, request.shop_role_id
        )
        return Empty()

    async def list_members(self, request: ListMembersRequest) -> MemberList:
        await self.door.must_own(request.shop_id)
        members = await people_store.list_members(self.database, request.shop_id)
        return MemberList(items=await self._named(members))

    async def list_invitations(self, request: ListInvitationsRequest) -> InvitationList:
        await self.door.must_own(request.shop_id)
        items = await people_store.list_invitations(self.database, request.shop_id)
        return InvitationList(items=items)

    async def withdraw_invitation(self, request: WithdrawInvitationRequest) -> Empty:
        await self.door.must_own(request.shop_id)
        await self.database.transact(
            staff_a_shop.withdraw_invitation, request.shop_id, request.invitation_id
        )
        return Empty()

    async def get_invitation(self, request: GetInvitationRequest) -> InvitationView:
        return await people_store.get_invitation(self.database, request.token)

    async def invite_member(self, request: InviteMemberRequest) -> Invitation:
        await self.door.must_own(request.shop_id)
        return await self.database.transact(
            staff_a_shop.invite_member, request.shop_id, request.shop_role_id, token=new_secret()
        )

    async def join_shop(self, request: JoinShopRequest) -> Shop:
        user_id = caller().user_id
        shop = await self.database.transact(
            staff_a_shop.join_shop, request.token, user_id=user_id, now=self.clock.now()
        )
        # MemberJoined grants the role as well, whatever becomes of this call.
        with suppress(Refusal):
            await self.users.grant_role(GrantRoleRequest(user_id=user_id, role=Role.SELLER))
        return shop

    async def set_member(self, request: SetMemberRequest) -> Member:
        await self.door.must_own(request.shop_id)
        return await self.database.transact(staff_a_shop.set_member, request)

    async def remove_member(self, request: RemoveMemberRequest) -> Empty:
        if request.member_id != caller().user_id:
            await self.door.must_own(request.shop_id)
        elif not await queries.find_role(
            self.database, shop_id=request.shop_id, user_id=request.member_id
        ):
            raise ShopNotFound(shop_id=request.shop_id)
        await self.database.transact(staff_a_shop.remove_member, request.shop_id, request.member_id)
        return Empty()

    async def _named(self, members: tuple[Member, ...]) -> tuple[Member, ...]:
        """Who works where is told even while users do not answer."""
        try:
            found = await self.users.get_contacts(
                GetContactsRequest(user_ids=tuple(member.user_id for member in members))
            )
        except Refusal:
            return members
        known = {one.user_id: one for one in found.items}
        return tuple(
            structs.replace(member, first_name=one.first_name, email=one.email)
            if (one := known.get(member.user_id))
            else member
            for member in members
        )

    async def _must_be_for_shops(self, permissions: Iterable[str]) -> None:
        """An owner gives what owners have, and nothing else."""
        known = (await self.users.list_permissions(ListPermissionsRequest())).items
        for_shops = {each.name for each in known if each.for_shops}
        for name in permissions:
            if name not in for_shops:
                raise NotForShops(permission=name[:100])
