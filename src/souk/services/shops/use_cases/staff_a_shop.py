"""An owner says who works in the shop, and what they may do there."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from souk.contracts.shops import (
    CreateShopRoleRequest,
    CustomShopRole,
    Invitation,
    Member,
    MemberJoined,
    OwnerMustStay,
    SetMemberRequest,
    Shop,
    ShopPeopleChanged,
    ShopRole,
    UpdateShopRoleRequest,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.services.shops import people_store, store
from souk.services.shops.model import name_from


async def create_role(
    tx: Transaction, request: CreateShopRoleRequest, *, now: datetime
) -> CustomShopRole:
    await store.lock_shop(tx, request.shop_id)
    drafted = CustomShopRole(
        id=new_id(), name=name_from(request.name), permissions=in_order(request.permissions)
    )
    role = await people_store.add_role(tx, drafted, shop_id=request.shop_id, now=now)
    tx.audit("shops.role_made", subject=about(role.id), after=facts(role))
    return role


async def update_role(tx: Transaction, request: UpdateShopRoleRequest) -> CustomShopRole:
    before = await people_store.lock_role(tx, request.shop_id, request.shop_role_id)
    role = await people_store.save_role(
        tx,
        structs.replace(
            before, name=name_from(request.name), permissions=in_order(request.permissions)
        ),
    )
    tx.audit("shops.role_changed", subject=about(role.id), before=facts(before), after=facts(role))
    tx.publish(ShopPeopleChanged(shop_id=request.shop_id))
    return role


async def delete_role(tx: Transaction, shop_id: str, role_id: str) -> None:
    before = await people_store.lock_role(tx, shop_id, role_id)
    await people_store.drop_role(tx, before)
    tx.audit("shops.role_deleted", subject=about(role_id), before=facts(before))


async def invite_member(tx: Transaction, shop_id: str, role_id: str, *, token: str) -> Invitation:
    await store.lock_shop(tx, shop_id)
    await people_store.must_have_room(tx, shop_id)
    role = await people_store.lock_role(tx, shop_id, role_id)
    made = new_id()
    until = await people_store.invite(tx, made, shop_id=shop_id, role_id=role.id, token=token)
    tx.audit("shops.member_invited", subject=f"shop_id:{shop_id}", after=facts(role))
    return Invitation(token=token, expires_at=until, id=made)


async def withdraw_invitation(tx: Transaction, shop_id: str, invitation_id: str) -> None:
    if await people_store.withdraw(tx, shop_id, invitation_id):
        tx.audit("shops.invitation_withdrawn", subject=f"shop_id:{shop_id}")


async def join_shop(tx: Transaction, token: str, *, user_id: str, now: datetime) -> Shop:
    shop_id, role_id = await people_store.accept(tx, token, user_id=user_id)
    shop = await store.lock_shop(tx, shop_id)
    await people_store.must_have_room(tx, shop_id)
    await people_store.join(tx, shop_id, user_id, role_id=role_id, now=now)
    tx.audit("shops.member_joined", subject=f"shop_id:{shop_id}", owner_id=user_id)
    tx.publish(MemberJoined(shop_id=shop_id, user_id=user_id))
    return shop


async def set_member(tx: Transaction, request: SetMemberRequest) -> Member:
    before = await people_store.lock_member(tx, request.shop_id, request.member_id)
    if before.role is ShopRole.OWNER:
        raise OwnerMustStay()
    role = await people_store.lock_role(tx, request.shop_id, request.shop_role_id)
    member = await people_store.set_member(tx, request.shop_id, request.member_id, role_id=role.id)
    tx.audit(
        "shops.member_changed",
        subject=f"shop_id:{request.shop_id}",
        owner_id=member.user_id,
        before={"shop_role_id": before.shop_role_id},
        after={"shop_role_id": role.id},
    )
    tx.publish(ShopPeopleChanged(shop_id=request.shop_id))
    return member


async def remove_member(tx: Transaction, shop_id: str, user_id: str) -> None:
    member = await people_store.lock_member(tx, shop_id, user_id)
    if member.role is ShopRole.OWNER:
        raise OwnerMustStay()
    await people_store.drop_member(tx, shop_id, user_id)
    tx.audit("shops.member_left", subject=f"shop_id:{shop_id}", owner_id=user_id)
    tx.publish(ShopPeopleChanged(shop_id=shop_id))


def in_order(permissions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(permissions)))


def about(role_id: str) -> str:
    return f"shop_role_id:{role_id}"


def facts(role: CustomShopRole) -> dict[str, object]:
    """Its name was written by a person, so it is left out."""
    return {"permissions": list(role.permissions)}
