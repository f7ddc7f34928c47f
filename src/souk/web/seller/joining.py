"""Somebody follows an invitation to work in a shop."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.shops import (
    GetInvitationRequest,
    InvitationNotFound,
    InvitationView,
    JoinShopRequest,
)
from souk.contracts.users import GetProfileRequest
from souk.kernel.refusals import InvalidRequest, Refusal, SignInRequired
from souk.kernel.validation import read_values
from souk.web.cookies import ACCESS
from souk.web.forms import Form
from souk.web.seller.desk import shops_of
from souk.web.visit import Visit

TOKEN_LENGTH_MAX = 200
GONE = 404


async def show(visit: Visit) -> Response:
    """Asks for a click: a link alone makes nobody anything."""
    return await page(visit, visit.query.get("token", ""), Form())


async def page(visit: Visit, token: str, form: Form, *, status: int = 200) -> Response:
    invitation = await invitation_of(visit, token)
    if invitation is None:
        return visit.page("join.html", status=GONE, invitation=None, form=form)
    email, mine = "", None
    if visit.is_signed_in:
        email = (await visit.souk.users.get_profile(GetProfileRequest())).email
        there = (shop for shop in await shops_of(visit) if shop.id == invitation.shop_id)
        mine = next(there, None)
    return visit.page(
        "join.html",
        status=status,
        invitation=invitation,
        form=form,
        token=token,
        email=email,
        mine=mine,
        back=f"/join?token={token}",
    )


async def invitation_of(visit: Visit, token: str) -> InvitationView | None:
    try:
        request = read_values(GetInvitationRequest, {"token": token[: TOKEN_LENGTH_MAX + 1]})
        found: InvitationView = await visit.souk.shops.get_invitation(request)
    except (InvalidRequest, InvitationNotFound):
        return None
    return found


async def join(visit: Visit) -> Response:
    form = visit.form
    if not visit.is_signed_in:
        raise SignInRequired()
    try:
        shop = await visit.souk.shops.join_shop(form.read(JoinShopRequest))
    except Refusal as refusal:
        form.refuse(refusal)
        return await page(visit, form["token"], form, status=refusal.KIND.status)
    visit.jar.drop(ACCESS)  # the next one says that they sell
    visit.note("Welcome to %(name)s.", name=shop.name)
    return visit.go(f"/seller/{shop.slug}")
