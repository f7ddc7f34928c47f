"""Who works in a shop and as what, who is invited; and leaving it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import Response

from souk.contracts.shops import (
    InviteMemberRequest,
    ListInvitationsRequest,
    ListMembersRequest,
    ListShopRolesRequest,
    RemoveMemberRequest,
    SetMemberRequest,
    WithdrawInvitationRequest,
)
from souk.kernel.refusals import NotAllowed, Refusal
from souk.web.forms import Form
from souk.web.seller.desk import Desk, desk_of
from souk.web.visit import Visit


async def show(visit: Visit) -> Response:
    return await page(await desk_of(visit), Form())


async def page(desk: Desk, form: Form, *, status: int = 200, link: str = "") -> Response:
    """All its people for the owner; for the others, what they are themselves."""
    if not desk.is_owner:
        return desk.page("place.html", status=status, form=form, named=parts_named(desk))
    shops, shop_id = desk.visit.souk.shops, desk.shop.id
    members, roles, invitations = await asyncio.gather(
        shops.list_members(ListMembersRequest(shop_id=shop_id)),
        shops.list_shop_roles(ListShopRolesRequest(shop_id=shop_id)),
        shops.list_invitations(ListInvitationsRequest(shop_id=shop_id)),
    )
    return desk.page(
        "people.html",
        status=status,
        form=form,
        members=members.items,
        roles=roles.items,
        called={role.id: role.name for role in roles.items},
        invitations=invitations.items,
        link=link,
    )


def parts_named(desk: Desk) -> list[str]:
    return [part.name for part in desk.parts if part.place != "/people"]


async def invite(visit: Visit) -> Response:
    """The link is shown this once: only its hash is kept."""
    desk, form = await desk_of(visit), visit.form
    try:
        request = form.read(InviteMemberRequest, shop_id=desk.shop.id)
        invitation = await visit.souk.shops.invite_member(request)
    except Refusal as refusal:
        form.refuse(refusal, ShopRoleNotFound="shop_role_id")
        return await page(desk, form, status=refusal.KIND.status)
    return await page(desk, Form(), link=visit.site.address(f"/join?token={invitation.token}"))


async def change(visit: Visit) -> Response:
    """Gives somebody another role, sends them away, takes an invitation back; or leaves."""
    desk, form = await desk_of(visit), visit.form
    if form["action"] == "leave":
        return await leave(desk)
    if not desk.is_owner:
        raise NotAllowed()
    try:
        visit.note(await CHANGES.get(form["action"], give_role)(desk, form))
    except Refusal as refusal:
        return await page(desk, form.refuse(refusal), status=refusal.KIND.status)
    return desk.go("/people")


async def give_role(desk: Desk, form: Form) -> str:
    request = form.read(SetMemberRequest, shop_id=desk.shop.id)
    await desk.visit.souk.shops.set_member(request)
    return desk.visit.text("Saved.")


async def send_away(desk: Desk, form: Form) -> str:
    request = form.read(RemoveMemberRequest, shop_id=desk.shop.id)
    await desk.visit.souk.shops.remove_member(request)
    return desk.visit.text("They do not work here any more.")


async def withdraw(desk: Desk, form: Form) -> str:
    request = form.read(WithdrawInvitationRequest, shop_id=desk.shop.id)
    await desk.visit.souk.shops.withdraw_invitation(request)
    return desk.visit.text("That link opens nothing any more.")


CHANGES: dict[str, Any] = {"remove": send_away, "withdraw": withdraw}


async def leave(desk: Desk) -> Response:
    visit = desk.visit
    request = RemoveMemberRequest(shop_id=desk.shop.id, member_id=visit.session.caller.user_id)
    try:
        await visit.souk.shops.remove_member(request)
    except Refusal as refusal:
        return await page(desk, visit.form.refuse(refusal), status=refusal.KIND.status)
    visit.note("You do not work in %(name)s any more.", name=desk.shop.name)
    return visit.go("/")
