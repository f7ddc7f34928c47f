"""An owner makes roles for the shop and gives them to its people, nothing beyond what is theirs."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from souk.contracts.common import ErasePersonRequest
from souk.contracts.shops import (
    CloseShopRequest,
    CreateShopRoleRequest,
    CustomShopRole,
    DeleteShopRoleRequest,
    GetInvitationRequest,
    InvitationNotFound,
    InviteMemberRequest,
    JoinShopRequest,
    ListInvitationsRequest,
    ListMembersRequest,
    ListMyShopsRequest,
    ListOwnedShopsRequest,
    ListShopRolesRequest,
    MemberJoined,
    MemberNotFound,
    NotForShops,
    OwnerMustStay,
    OwnersAlone,
    RemoveMemberRequest,
    SetMemberRequest,
    Shop,
    ShopNotFound,
    ShopRole,
    ShopRoleInUse,
    ShopRoleNameTaken,
    ShopRoleNotFound,
    ShopServiceClient,
    ShopStatus,
    ShopUpdated,
    UpdateShopRequest,
    UpdateShopRoleRequest,
    VerifyMemberRequest,
    WithdrawInvitationRequest,
)
from souk.contracts.users import PermissionList, UserService
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.services.users import permissions
from tests.services.shops.conftest import FakeUsers, Mall
from tests.support.hosting import Shape, hosted
from tests.support.people import as_, seller, service, support
from tests.support.servers import Desk

PACK = "orders.fulfill_order"
WRITE = "shops.update_shop"


class Users(FakeUsers):
    """Knows what the contracts declare."""

    async def list_permissions(self, request: Any) -> PermissionList:
        return PermissionList(items=permissions.catalog())


@pytest.fixture(params=Shape)
async def mall(servers: Desk, request: pytest.FixtureRequest) -> Any:
    users = Users()
    async with hosted("shops", servers, fakes={UserService: users}, shape=request.param) as host:
        yield Mall(host, users)


@pytest.fixture
def owner() -> Caller:
    return seller()


@pytest.fixture
async def shop(mall: Mall, owner: Caller) -> Shop:
    return await mall.open(owner)


def confirmed(by: Caller) -> Caller:
    return Caller(by.user_id, by.roles, by.session_id, is_confirmed=True)


async def made(
    souk: ShopServiceClient, shop: Shop, by: Caller, *names: str, name: str = "Packers"
) -> CustomShopRole:
    with as_(by):
        return await souk.create_shop_role(
            CreateShopRoleRequest(shop_id=shop.id, name=name, permissions=names or (PACK,))
        )


async def taken_in(mall: Mall, shop: Shop, owner: Caller, role: CustomShopRole) -> Caller:
    """Somebody who has followed an invitation."""
    person = seller()
    with as_(owner):
        invited = await mall.client.invite_member(
            InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id)
        )
    with as_(person):
        assert (await mall.client.join_shop(JoinShopRequest(token=invited.token))).id == shop.id
    return person


async def may(mall: Mall, shop: Shop, who: Caller, permission: str) -> bool:
    with as_(service("orders")):
        asked = VerifyMemberRequest(shop_id=shop.id, user_id=who.user_id, permission=permission)
        return (await mall.client.verify_member(asked)).is_member


async def test_people_may_do_in_a_shop_what_their_role_lists(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    role = await made(mall.client, shop, owner)
    packer = await taken_in(mall, shop, owner, role)
    assert await may(mall, shop, packer, PACK)
    assert not await may(mall, shop, packer, "catalog.update_product")
    assert not await may(mall, shop, packer, "")
    assert await may(mall, shop, owner, "catalog.update_product")
    change = UpdateShopRequest(shop_id=shop.id, description="By a packer")
    with as_(packer), pytest.raises(ShopNotFound):
        await mall.client.update_shop(change)

    with as_(owner):
        await mall.client.update_shop_role(
            UpdateShopRoleRequest(
                shop_id=shop.id, shop_role_id=role.id, name="Packers", permissions=(WRITE,)
            )
        )

    with as_(packer):
        assert (await mall.client.update_shop(change)).description == "By a packer"
    assert not await may(mall, shop, packer, PACK)
    assert [told.user_id for told in await mall.host.published(MemberJoined)] == [packer.user_id]
    assert packer.user_id in [each.user_id for each in mall.users.granted]


@pytest.mark.parametrize(
    "name",
    ["shops.close_shop", "shops.create_shop_role", "users.ban_user", "shops.decide_shop",
     "payments.list_all_payments", "users.get_profile", "orders.erase_person", "no.such_thing"],
)  # fmt: skip
async def test_no_role_holds_more_than_an_owner_may_give(
    mall: Mall, shop: Shop, owner: Caller, name: str
) -> None:
    with pytest.raises(NotForShops):
        await made(mall.client, shop, owner, PACK, name)
    role = await made(mall.client, shop, owner)
    with as_(owner), pytest.raises(NotForShops):
        await mall.client.update_shop_role(
            UpdateShopRoleRequest(
                shop_id=shop.id, shop_role_id=role.id, name="Packers", permissions=(name,)
            )
        )


async def test_only_the_owner_decides_about_people(mall: Mall, shop: Shop, owner: Caller) -> None:
    role = await made(mall.client, shop, owner)
    packer, stranger = await taken_in(mall, shop, owner, role), seller()
    souk = mall.client
    asks = [
        lambda: souk.create_shop_role(
            CreateShopRoleRequest(shop_id=shop.id, name="More", permissions=(PACK,))
        ),
        lambda: souk.list_members(ListMembersRequest(shop_id=shop.id)),
        lambda: souk.list_invitations(ListInvitationsRequest(shop_id=shop.id)),
        lambda: souk.withdraw_invitation(
            WithdrawInvitationRequest(shop_id=shop.id, invitation_id=new_id())
        ),
        lambda: souk.invite_member(InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id)),
        lambda: souk.set_member(
            SetMemberRequest(shop_id=shop.id, member_id=packer.user_id, shop_role_id=role.id)
        ),
        lambda: souk.remove_member(RemoveMemberRequest(shop_id=shop.id, member_id=owner.user_id)),
        lambda: souk.delete_shop_role(DeleteShopRoleRequest(shop_id=shop.id, shop_role_id=role.id)),
        lambda: souk.close_shop(CloseShopRequest(shop_id=shop.id)),
    ]
    for ask in asks:
        with as_(confirmed(packer)), pytest.raises(OwnersAlone):
            await ask()
        with as_(confirmed(stranger)), pytest.raises(ShopNotFound):
            await ask()
    with as_(packer):
        assert (await souk.list_shop_roles(ListShopRolesRequest(shop_id=shop.id))).items
    with as_(stranger), pytest.raises(ShopNotFound):
        await souk.list_shop_roles(ListShopRolesRequest(shop_id=shop.id))


async def test_an_invitation_takes_in_one_person_in_its_time(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    role = await made(mall.client, shop, owner)
    with as_(owner):
        invited = await mall.client.invite_member(
            InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id)
        )
    stored = str(await mall.host.database.fetch("select i::text from invitations as i"))
    assert invited.token not in stored

    async def joined(by: Caller) -> Any:
        with as_(by):
            return await mall.client.join_shop(JoinShopRequest(token=invited.token))

    with pytest.raises(InvitationNotFound):
        await joined(owner)  # who is there already
    ends = await asyncio.gather(*(joined(seller()) for _ in range(5)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["InvitationNotFound"] * 4 + ["Shop"]
    with as_(owner):
        late = await mall.client.invite_member(
            InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id)
        )
    await mall.host.database.execute("update invitations set expires_at = now()")
    with as_(seller()), pytest.raises(InvitationNotFound):
        await mall.client.join_shop(JoinShopRequest(token=late.token))


async def test_an_invitation_says_what_it_is_for_until_it_is_followed_or_withdrawn(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    role, souk = await made(mall.client, shop, owner), mall.client
    listing = ListInvitationsRequest(shop_id=shop.id)
    with as_(owner):
        first, second = [
            await souk.invite_member(InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id))
            for _ in range(2)
        ]
        told = (await souk.list_invitations(listing)).items
    assert {one.id for one in told} == {first.id, second.id}
    assert {one.shop_role_id for one in told} == {role.id}
    with as_():
        seen = await souk.get_invitation(GetInvitationRequest(token=first.token))
    assert (seen.shop_name, seen.shop_role_name) == (shop.name, "Packers")

    with as_(owner):
        for _ in range(2):
            await souk.withdraw_invitation(
                WithdrawInvitationRequest(shop_id=shop.id, invitation_id=first.id)
            )
    for token in (first.token, "no-such-token"):
        with as_(), pytest.raises(InvitationNotFound):
            await souk.get_invitation(GetInvitationRequest(token=token))
    with as_(seller()), pytest.raises(InvitationNotFound):
        await souk.join_shop(JoinShopRequest(token=first.token))
    with as_(seller()):
        await souk.join_shop(JoinShopRequest(token=second.token))
    with as_(owner):
        assert (await souk.list_invitations(listing)).items == ()
    audited = await mall.host.database.fetch("select action from audit order by seq")
    assert [row["action"] for row in audited].count("shops.invitation_withdrawn") == 1


async def test_another_shops_invitation_is_not_withdrawn(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    rival = seller()
    elsewhere = await mall.open(rival, "Elsewhere")
    role = await made(mall.client, shop, owner)
    with as_(owner):
        invited = await mall.client.invite_member(
            InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id)
        )

    with as_(rival):
        await mall.client.withdraw_invitation(
            WithdrawInvitationRequest(shop_id=elsewhere.id, invitation_id=invited.id)
        )

    with as_(seller()):
        await mall.client.join_shop(JoinShopRequest(token=invited.token))


async def test_people_are_told_what_they_are_in_their_shops(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    role = await made(mall.client, shop, owner)
    packer = await taken_in(mall, shop, owner, role)
    own = await mall.open(packer, "The packer's own")

    with as_(packer):
        places = {
            one.shop_id: (one.role, one.shop_role_name, one.permissions)
            for one in (await mall.client.list_my_shops(ListMyShopsRequest())).places
        }

    assert places == {
        shop.id: (ShopRole.STAFF, "Packers", (PACK,)),
        own.id: (ShopRole.OWNER, "", ()),
    }


async def test_an_owner_sees_who_works_there_by_name_while_users_answer(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    packer = await taken_in(mall, shop, owner, await made(mall.client, shop, owner))
    request = ListMembersRequest(shop_id=shop.id)

    with as_(owner):
        named = (await mall.client.list_members(request)).items
        mall.users.is_down = True
        nameless = (await mall.client.list_members(request)).items

    assert [one.first_name for one in named] == [f"P-{who.user_id[-4:]}" for who in (owner, packer)]
    assert [(one.user_id, one.first_name) for one in nameless] == [
        (owner.user_id, ""),
        (packer.user_id, ""),
    ]


async def test_people_leave_and_roles_go_when_nobody_has_them(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    role, other = await made(mall.client, shop, owner), await mall.open(seller(), "Elsewhere")
    first, second = [await taken_in(mall, shop, owner, role) for _ in range(2)]
    drop = DeleteShopRoleRequest(shop_id=shop.id, shop_role_id=role.id)
    with as_(owner):
        with pytest.raises(ShopRoleInUse):
            await mall.client.delete_shop_role(drop)
        with pytest.raises(ShopRoleNameTaken):
            await made(mall.client, shop, owner, name="pACKERS")
        with pytest.raises(OwnerMustStay):
            await mall.client.remove_member(
                RemoveMemberRequest(shop_id=shop.id, member_id=owner.user_id)
            )
        with pytest.raises(MemberNotFound):
            await mall.client.set_member(
                SetMemberRequest(shop_id=shop.id, member_id=new_id(), shop_role_id=role.id)
            )
        await mall.client.remove_member(
            RemoveMemberRequest(shop_id=shop.id, member_id=first.user_id)
        )
    with as_(second):
        await mall.client.remove_member(
            RemoveMemberRequest(shop_id=shop.id, member_id=second.user_id)
        )
    assert not await may(mall, shop, first, PACK)
    with as_(owner):
        (left,) = (await mall.client.list_members(ListMembersRequest(shop_id=shop.id))).items
        assert (left.user_id, left.role) == (owner.user_id, ShopRole.OWNER)
        await mall.client.delete_shop_role(drop)
    elsewhere = await made(mall.client, other, support(), name="Theirs")
    with as_(owner), pytest.raises(ShopRoleNotFound):
        await mall.client.invite_member(
            InviteMemberRequest(shop_id=shop.id, shop_role_id=elsewhere.id)
        )
    audited = await mall.host.database.fetch("select action from audit order by seq")
    assert [row["action"] for row in audited if row["action"].startswith("shops.member")] == [
        "shops.member_invited", "shops.member_joined", "shops.member_invited",
        "shops.member_joined", "shops.member_left", "shops.member_left",
    ]  # fmt: skip


async def test_somebody_who_follows_two_invitations_at_once_joins_by_one(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    role, person = await made(mall.client, shop, owner), seller()
    with as_(owner):
        invited = [
            await mall.client.invite_member(
                InviteMemberRequest(shop_id=shop.id, shop_role_id=role.id)
            )
            for _ in range(8)
        ]

    async def join(token: str) -> Any:
        with as_(person):
            return await mall.client.join_shop(JoinShopRequest(token=token))

    answers = await asyncio.gather(*(join(each.token) for each in invited), return_exceptions=True)
    kinds = Counter(type(each) for each in answers)
    assert kinds == {Shop: 1, InvitationNotFound: 7}
    left = await mall.host.database.fetchval("select count(*) from invitations")
    assert left == 7, "an invitation that let nobody in still stands"


async def test_a_closed_shop_sells_nothing_and_keeps_its_owner_no_longer(
    mall: Mall, shop: Shop, owner: Caller
) -> None:
    async def in_the_way() -> list[str]:
        with as_(service("users")):
            request = ErasePersonRequest(person_id=owner.user_id, is_rehearsal=True)
            return [each.what for each in (await mall.client.erase_person(request)).obstacles]

    assert await in_the_way() == ["1 shops of theirs are open"]
    with as_(confirmed(owner)):
        closed = await mall.client.close_shop(CloseShopRequest(shop_id=shop.id))
        assert closed.status is ShopStatus.CLOSED
        again = await mall.client.update_shop(UpdateShopRequest(shop_id=shop.id, is_paused=False))
    assert again.status is ShopStatus.CLOSED
    assert (await mall.host.published(ShopUpdated))[0].is_selling is False
    assert await in_the_way() == []
    assert await may(mall, shop, owner, PACK), "orders are still to be sent"
    with as_(service("orders")):
        owned = await mall.client.list_owned_shops(ListOwnedShopsRequest(user_id=owner.user_id))
        others = await mall.client.list_owned_shops(ListOwnedShopsRequest(user_id=new_id()))
    assert (owned.shop_ids, others.shop_ids) == ((shop.id,), ())
